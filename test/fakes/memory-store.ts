import { createHash } from 'node:crypto';
import type { BundleStore } from '../../bundles/bundle-store.ts';
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
  return {
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
    referred: async (name) => named.get(name) ?? [],
    references: async (prefix) => [...named.keys()].filter((name) => name.startsWith(prefix)),
    release: async (name) => void named.delete(name),
    async collect() {
      const kept = new Set([...named.values()].flat());
      const gone = [...stored.keys()].filter((digest) => !kept.has(digest));
      for (const digest of gone) stored.delete(digest);
      return gone.length;
    },
  };
}
