import { createHash } from 'node:crypto';
import type { BundleStore, StoredReference } from '../../bundles/bundle-store.ts';
import { failure } from '../../core/failures.ts';

/** A bundle store in memory. `references` are there to be looked at. */
export interface MemoryStore extends BundleStore {
  readonly named: ReadonlyMap<string, readonly string[]>;
  /** The stored JSON of a digest. */
  json(digest: string): unknown;
}

/** Makes an empty store. */
export function memoryStore(): MemoryStore {
  const stored = new Map<string, Uint8Array>();
  const named = new Map<string, readonly string[]>();
  const store: MemoryStore = {
    description: 'memory:',
    named,
    json: (digest) => JSON.parse(new TextDecoder().decode(stored.get(digest))) as unknown,
    async put(bytes) {
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      stored.set(digest, bytes);
      return digest;
    },
    async get(digest) {
      const bytes = stored.get(digest);
      if (bytes === undefined) throw failure('BundleNotFound', `${digest} is not stored`);
      return bytes;
    },
    has: async (digest) => stored.has(digest),
    refer: async (name, digests) => void named.set(name, digests),
    reference: async (name) => referencesIn(named, name).find((each) => each.name === name),
    references: async (prefix) => referencesIn(named, prefix),
    release: async (name) => void named.delete(name),
    releaseUnchanged: async ({ name, version }) => named.get(name)?.join() === version && named.delete(name),
    ownedBy: () => store,
    async collect() {
      const kept = new Set([...named.values()].flat());
      const gone = [...stored.keys()].filter((digest) => !kept.has(digest));
      for (const digest of gone) stored.delete(digest);
      return gone.length;
    },
  };
  return store;
}

/** The references of a map from names to digests. */
export function referencesIn(
  named: ReadonlyMap<string, readonly string[]>,
  prefix: string,
): readonly StoredReference[] {
  return [...named]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, digests]) => ({ name, digests, writtenAt: 0, version: digests.join() }));
}
