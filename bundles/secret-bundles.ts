import { randomUUID } from 'node:crypto';
import type { KubernetesObject } from '../core/objects.ts';
import { bundleNotFound, digestOf, hexOf } from './digest.ts';
import { damaged, decodeEntry, encodeEntry } from './encoding.ts';
import type { SecretStore } from './secret-storage.ts';
import { createSecret, getSecret, putSecret, removeSecret, renewSecret } from './secret-storage.ts';
import type { BundleManifest } from './secrets.ts';
import { CHUNK_BYTES, chunkSecret, manifestName, manifestSecret, readContent, readManifest } from './secrets.ts';

/** What the Secrets of a digest hold. */
type Found =
  | { readonly kind: 'whole'; readonly stored: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly reason: string };

/**
 * Stores bytes as Secrets: first the chunks, under names that no other upload ever uses, then the manifest that
 * names them. What is stored whole already is only renewed; what is damaged is replaced.
 */
export async function putBundle(store: SecretStore, bytes: Uint8Array, signal: AbortSignal): Promise<string> {
  const digest = digestOf(bytes);
  if (await renewWhole(store, digest, signal)) return digest;
  const chunks = await uploadChunks(store, digest, await encodeEntry(bytes), signal);
  const replaced = await putSecret(store, manifestSecret(store.namespace, { digest, chunks }, store.now()), signal);
  if (replaced !== undefined) await removeChunks(store, replaced, signal);
  return digest;
}

/** The bytes of a digest. Throws `BundleNotFound` or `BundleDigestMismatch`. */
export async function getBundle(store: SecretStore, digest: string, signal: AbortSignal): Promise<Uint8Array> {
  const found = await findBundle(store, digest, signal);
  switch (found.kind) {
    case 'whole':
      return decodeEntry(found.stored, digest, store.description);
    case 'absent':
      throw bundleNotFound(digest, store.description);
    case 'damaged':
      throw damaged(digest, store.description, found.reason);
  }
}

/** Whether a digest's manifest and all of its chunks are there. */
export async function hasBundle(store: SecretStore, digest: string, signal: AbortSignal): Promise<boolean> {
  return (await findBundle(store, digest, signal)).kind === 'whole';
}

/** Removes the chunks that the Secret of a bundle names. */
export async function removeChunks(store: SecretStore, secret: KubernetesObject, signal: AbortSignal): Promise<void> {
  for (const name of readManifest(secret)?.chunks ?? []) await removeSecret(store, name, signal);
}

async function renewWhole(store: SecretStore, digest: string, signal: AbortSignal): Promise<boolean> {
  const found = await findBundle(store, digest, signal);
  if (found.kind !== 'whole') return false;
  const sound = await decodeEntry(found.stored, digest, store.description).then(
    () => true,
    () => false,
  );
  return sound && renewSecret(store, manifestName(digest), signal);
}

async function findBundle(store: SecretStore, digest: string, signal: AbortSignal): Promise<Found> {
  let missed: string | undefined;
  for (;;) {
    const secret = await getSecret(store, manifestName(digest), signal);
    if (secret === undefined) return { kind: 'absent' };
    const manifest = readManifest(secret);
    if (manifest === undefined) return { kind: 'damaged', reason: 'its manifest can’t be read' };
    const stored = await readChunks(store, manifest, signal);
    if (stored !== undefined) return { kind: 'whole', stored };
    // A chunk that is missing may only mean that the bundle was replaced or collected since its manifest was read.
    const chunks = manifest.chunks.join();
    if (chunks === missed) return { kind: 'damaged', reason: 'a chunk of it is missing' };
    missed = chunks;
  }
}

async function readChunks(
  store: SecretStore,
  manifest: BundleManifest,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  for (const name of manifest.chunks) {
    const secret = await getSecret(store, name, signal);
    if (secret === undefined) return undefined;
    parts.push(readContent(secret));
  }
  return Buffer.concat(parts);
}

async function uploadChunks(
  store: SecretStore,
  digest: string,
  stored: Uint8Array,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const upload = `syncline-chunk-${hexOf(digest).slice(0, 12)}-${randomUUID()}`;
  const names: string[] = [];
  for (let start = 0; start < stored.byteLength; start += CHUNK_BYTES) {
    const name = `${upload}-${String(names.length)}`;
    const chunk = stored.subarray(start, start + CHUNK_BYTES);
    // One that exists can only be our own, created by a request whose answer was lost: nobody else uses this name.
    await createSecret(store, chunkSecret(store.namespace, name, chunk, store.now()), signal);
    names.push(name);
  }
  return names;
}
