import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredReference } from './bundle-store.ts';
import { datedName, isFileError, listFolder, removeFile, writeDurably } from './durable-files.ts';
import type { Reference } from './reference.ts';
import { byName, formatReference, parseReference, referenceKey } from './reference.ts';

/** The references of a store in a folder. */
export interface ReferenceFiles {
  write(reference: Reference, signal: AbortSignal): Promise<void>;
  /** The reference of a name as it was written last; undefined where there is none. */
  read(name: string, signal: AbortSignal): Promise<StoredReference | undefined>;
  /** All of them, with what was written before and has not gone yet, oldest first. */
  all(signal: AbortSignal): Promise<readonly StoredReference[]>;
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Removes one that was read; false where it was written again meanwhile. */
  removeUnchanged(reference: StoredReference, signal: AbortSignal): Promise<boolean>;
}

/**
 * References as files `<key of the name>.<time>.<unique>.json`. Each writing is a file of its own, after which those
 * before it go: so removing what was read is one unlink, which finds nothing where the reference has been written again.
 */
export function referenceFiles(place: { readonly folder: string; readonly scratch: string }): ReferenceFiles {
  const { folder, scratch } = place;
  const filesOf = (name: string) => filesOfKey(folder, referenceKey(name));
  return {
    async write(reference, signal) {
      signal.throwIfAborted();
      const superseded = await filesOf(reference.name);
      const file = `${referenceKey(reference.name)}.${datedName(reference.writtenAt)}.json`;
      await writeDurably(scratch, join(folder, file), formatReference(reference), signal);
      for (const old of superseded) await removeFile(join(folder, old));
    },
    read: (name, signal) => newestOfKey(folder, referenceKey(name), signal),
    async all(signal) {
      const files = (await listFolder(folder)).toSorted(byAge);
      const found: StoredReference[] = [];
      for (const file of files) {
        // One that has gone since it was listed was written again, which is no reason to overlook what it names now.
        const key = file.slice(0, KEY_LENGTH);
        const reference = (await readReference(folder, file, signal)) ?? (await newestOfKey(folder, key, signal));
        if (reference !== undefined) found.push(reference);
      }
      return found;
    },
    async remove(name, signal) {
      signal.throwIfAborted();
      for (const file of await filesOf(name)) await removeFile(join(folder, file));
    },
    removeUnchanged(reference, signal) {
      signal.throwIfAborted();
      return removeFile(join(folder, reference.version));
    },
  };
}

/** Of each name the reference that was written last, where the name starts with a prefix; in the order of the names. */
export function newestOf(references: readonly StoredReference[], prefix: string): readonly StoredReference[] {
  const newest = new Map(references.map((reference) => [reference.name, reference]));
  return byName([...newest.values()].filter(({ name }) => name.startsWith(prefix)));
}

async function filesOfKey(folder: string, key: string): Promise<readonly string[]> {
  return (await listFolder(folder)).filter((file) => file.startsWith(key)).toSorted(byAge);
}

async function newestOfKey(folder: string, key: string, signal: AbortSignal): Promise<StoredReference | undefined> {
  for (;;) {
    const newest = (await filesOfKey(folder, key)).at(-1);
    if (newest === undefined) return undefined;
    const reference = await readReference(folder, newest, signal);
    if (reference !== undefined) return reference;
  }
}

async function readReference(folder: string, file: string, signal: AbortSignal): Promise<StoredReference | undefined> {
  const path = join(folder, file);
  try {
    return { ...parseReference(await readFile(path, { encoding: 'utf8', signal }), path), version: file };
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

const KEY_LENGTH = 64;

/** By what follows the key; a name without a time was written before those with one. */
function byAge(one: string, other: string): number {
  const [a, b] = [one.slice(KEY_LENGTH + 1), other.slice(KEY_LENGTH + 1)];
  const [timeA, timeB] = [Number.parseInt(a, 10) || 0, Number.parseInt(b, 10) || 0];
  if (timeA !== timeB) return timeA - timeB;
  return a < b ? -1 : 1;
}
