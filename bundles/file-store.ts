import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleStore } from './bundle-store.ts';
import { bundleNotFound, digestOf, digestOfHex, hexOf } from './digest.ts';
import { datedName, isFileError, listFolder, removeEmptyFolder, removeFile, writeDurably } from './durable-files.ts';
import { decodeEntry, encodeEntry } from './encoding.ts';
import type { Reference } from './reference.ts';
import type { ReferenceFiles } from './reference-files.ts';
import { newestOf, referenceFiles } from './reference-files.ts';

/** A draft that is older was left by a process that died while it wrote. */
const DRAFT_LIFE_MS = 3_600_000;

interface Layout {
  readonly description: string;
  /** One folder per digest, which holds its copies: `<time stored>.<unique>`. */
  readonly bundles: string;
  readonly scratch: string;
  readonly now: () => number;
}

/**
 * A store in a folder of this machine, shared by any number of processes without a lock. `now` gives ms since 1970;
 * `owner` is whose references it writes.
 *
 * What makes it safe beside a collection: a copy's name is its time and never used twice. Storing bytes again writes a
 * new copy, and referring to bytes renames their copy to the present time. A collection lists the copies first, reads the
 * references then, and removes only names it has listed. So a reference written before the listing is seen, and
 * one written later has renamed the copy, which the collection then can't find.
 */
export function fileStore(root: string, now: () => number = Date.now, owner?: string): BundleStore {
  const layout: Layout = {
    description: `file:${root}`,
    bundles: join(root, 'bundles'),
    scratch: join(root, 'scratch'),
    now,
  };
  const references = referenceFiles({ folder: join(root, 'references'), scratch: layout.scratch });
  return {
    description: layout.description,
    put: (bytes, signal) => put(layout, bytes, signal),
    get: (digest, signal) => get(layout, digest, signal),
    has: async (digest, signal) => {
      signal.throwIfAborted();
      return (await listFolder(folderOf(layout, digest))).length > 0;
    },
    refer: (name, digests, signal) => {
      const reference = { name, digests, writtenAt: now(), ...(owner === undefined ? {} : { owner }) };
      return refer(layout, references, reference, signal);
    },
    reference: (name, signal) => references.read(name, signal),
    references: async (prefix, signal) => newestOf(await references.all(signal), prefix),
    release: (name, signal) => references.remove(name, signal),
    releaseUnchanged: (reference, signal) => references.removeUnchanged(reference, signal),
    collect: (graceMs, signal) => collect(layout, references, graceMs, signal),
    ownedBy: (name) => fileStore(root, now, name),
  };
}

async function put(layout: Layout, bytes: Uint8Array, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const digest = digestOf(bytes);
  const folder = folderOf(layout, digest);
  const stored = await encodeEntry(bytes);
  // Only copies that were there before the new one may go: two processes that put at once never remove each other's.
  const superseded = await listFolder(folder);
  await writeDurably(layout.scratch, join(folder, newCopy(layout)), stored, signal);
  for (const copy of superseded) await removeFile(join(folder, copy));
  return digest;
}

async function get(layout: Layout, digest: string, signal: AbortSignal): Promise<Uint8Array> {
  const stored = await withNewestCopy(layout, digest, signal, (copy) => readFile(copy, { signal }));
  return decodeEntry(stored, digest, layout.description);
}

async function refer(
  layout: Layout,
  references: ReferenceFiles,
  reference: Reference,
  signal: AbortSignal,
): Promise<void> {
  for (const digest of reference.digests) await withNewestCopy(layout, digest, signal, (copy) => stat(copy));
  await references.write(reference, signal);
  // After the reference, never before it: see fileStore.
  for (const digest of reference.digests) {
    const renewed = join(folderOf(layout, digest), newCopy(layout));
    await withNewestCopy(layout, digest, signal, (copy) => rename(copy, renewed));
  }
}

async function collect(
  layout: Layout,
  references: ReferenceFiles,
  graceMs: number,
  signal: AbortSignal,
): Promise<number> {
  const listed: { readonly digest: string; readonly copies: readonly string[] }[] = [];
  for (const hex of await listFolder(layout.bundles)) {
    signal.throwIfAborted();
    const digest = digestOfHex(hex);
    if (digest === undefined) continue;
    listed.push({ digest, copies: await listFolder(folderOf(layout, digest)) });
  }
  // After the listing, never before it: see fileStore.
  const referred = new Set((await references.all(signal)).flatMap(({ digests }) => digests));
  let collected = 0;
  for (const { digest, copies } of listed) {
    const newest = copies.at(-1);
    const young = newest !== undefined && layout.now() - storedAt(newest) < graceMs;
    if (young || referred.has(digest)) continue;
    signal.throwIfAborted();
    const folder = folderOf(layout, digest);
    const removed = await Promise.all(copies.map((copy) => removeFile(join(folder, copy))));
    await removeEmptyFolder(folder);
    if (removed.includes(true)) collected += 1;
  }
  await removeLeftDrafts(layout, graceMs);
  return collected;
}

/** Removes what processes left that died while they wrote; file times are the machine's, so the machine's clock measures them. */
async function removeLeftDrafts(layout: Layout, graceMs: number): Promise<void> {
  for (const name of await listFolder(layout.scratch)) {
    const draft = join(layout.scratch, name);
    const status = await stat(draft).catch(() => undefined);
    if (status !== undefined && Date.now() - status.mtimeMs > Math.max(graceMs, DRAFT_LIFE_MS)) await removeFile(draft);
  }
}

/** Does something with a digest's newest copy, again whenever that copy has been renamed or replaced meanwhile. */
async function withNewestCopy<T>(
  layout: Layout,
  digest: string,
  signal: AbortSignal,
  act: (copy: string) => Promise<T>,
): Promise<T> {
  const folder = folderOf(layout, digest);
  for (;;) {
    signal.throwIfAborted();
    const newest = (await listFolder(folder)).at(-1);
    if (newest === undefined) throw bundleNotFound(digest, layout.description);
    try {
      return await act(join(folder, newest));
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw error;
    }
  }
}

function folderOf(layout: Layout, digest: string): string {
  return join(layout.bundles, hexOf(digest));
}

function newCopy(layout: Layout): string {
  return datedName(layout.now());
}

function storedAt(copy: string): number {
  return Number.parseInt(copy, 10);
}
