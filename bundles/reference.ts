import { isJsonObject } from '../core/json.ts';
import type { StoredReference } from './bundle-store.ts';
import { sha256 } from './digest.ts';

/** A named reference: while it exists, no collection removes what it names. */
export type Reference = Omit<StoredReference, 'version'>;

/** A fixed-length key for a reference's name, which may hold any characters: 64 hexadecimal digits. */
export function referenceKey(name: string): string {
  return sha256(name);
}

/** A reference as it is stored. */
export function formatReference({ name, digests, writtenAt, owner }: Reference): string {
  return JSON.stringify({ name, digests, writtenAt, owner });
}

/**
 * Reads a stored reference; `place` says where it stands. Throws an Error when it is unreadable: to take it for empty
 * would let a collection remove what it protects.
 */
export function parseReference(text: string, place: string): Reference {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(unreadable(place), { cause });
  }
  if (!isJsonObject(value) || typeof value.name !== 'string' || !isStrings(value.digests))
    throw new Error(unreadable(place));
  const { name, digests, writtenAt, owner } = value;
  return {
    name,
    digests,
    writtenAt: typeof writtenAt === 'number' ? writtenAt : 0,
    ...(typeof owner === 'string' ? { owner } : {}),
  };
}

/** References in the order of their names. */
export function byName<T extends Reference>(references: readonly T[]): readonly T[] {
  return references.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function unreadable(place: string): string {
  return `The reference in ${place} can't be read, so nothing is collected; remove it if the sync it names is over.`;
}
