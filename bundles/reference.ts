import { isJsonObject } from '../core/json.ts';
import { sha256 } from './digest.ts';

/** A named reference: while it exists, no collection removes what it names. */
export interface Reference {
  readonly name: string;
  readonly digests: readonly string[];
}

/** A fixed-length key for a reference's name, which may hold any characters: 64 hexadecimal digits. */
export function referenceKey(name: string): string {
  return sha256(name);
}

/** A reference as it is stored. */
export function formatReference(reference: Reference): string {
  return JSON.stringify({ name: reference.name, digests: reference.digests });
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
  return { name: value.name, digests: value.digests };
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function unreadable(place: string): string {
  return `The reference in ${place} can't be read, so nothing is collected; remove it if the sync it names is over.`;
}
