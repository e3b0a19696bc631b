import { redactor, secretValuesOf } from '../core/evidence/redaction.ts';
import { decodeBundle } from '../core/manifests/bundle.ts';
import type { Manifest } from '../core/manifests/manifest.ts';
import type { StoredPlan } from '../core/sync/stored-plan.ts';
import type { BundleStore } from '../bundles/bundle-store.ts';

/** A bundle as activities use it. */
export interface LoadedBundle {
  /** The manifests; steps of a plan name them by their index. */
  readonly manifests: readonly Manifest[];
  /** Takes the values of the bundle's Secrets out of a text. */
  redact(text: string): string;
}

/** Whoever has the store that bundles and plans are read from. */
export interface BundleHolder {
  readonly bundles: BundleStore;
}

/** The most bytes of stored text whose decoded form one worker keeps. */
const MOST_BYTES = 64 * 1024 * 1024;

interface Entry {
  readonly value: LoadedBundle | StoredPlan;
  readonly bytes: number;
}

/** What is kept, the least recently used first, and how many bytes of text that is. */
interface Cache {
  readonly entries: Map<string, Entry>;
  bytes: number;
}

/** Kept by store, so that two workers in one process (as in tests) never share what only one of them has. */
const caches = new WeakMap<BundleStore, Cache>();

/**
 * The decoded bundle of a digest, from the worker's cache or the store. Throws `BundleNotFound`, `BundleDigestMismatch`
 * or `InvalidRequest` as the store and `decodeBundle` do.
 */
export async function loadBundle(
  { bundles }: BundleHolder,
  digest: string,
  signal: AbortSignal,
): Promise<LoadedBundle> {
  return load(bundles, `bundle ${digest}`, digest, signal, (text) => {
    const manifests = decodeBundle(text);
    return { manifests, redact: redactor(secretValuesOf(manifests.map(({ object }) => object))) };
  });
}

/** The stored plan of a digest, from the worker's cache or the store. Throws as `loadBundle` does. */
export async function loadPlan({ bundles }: BundleHolder, digest: string, signal: AbortSignal): Promise<StoredPlan> {
  return load(bundles, `plan ${digest}`, digest, signal, (text) => JSON.parse(text) as StoredPlan);
}

async function load<T extends LoadedBundle | StoredPlan>(
  store: BundleStore,
  key: string,
  digest: string,
  signal: AbortSignal,
  decode: (text: string) => T,
): Promise<T> {
  const cache = caches.get(store) ?? { entries: new Map<string, Entry>(), bytes: 0 };
  caches.set(store, cache);
  const known = cache.entries.get(key);
  if (known !== undefined) {
    remember(cache, key, known);
    return known.value as T;
  }
  const bytes = await store.get(digest, signal);
  const value = decode(new TextDecoder().decode(bytes));
  remember(cache, key, { value, bytes: bytes.byteLength });
  return value;
}

/** Puts an entry last, and forgets the first ones while they are too many. */
function remember(cache: Cache, key: string, entry: Entry): void {
  forget(cache, key);
  cache.entries.set(key, entry);
  cache.bytes += entry.bytes;
  for (const oldest of cache.entries.keys()) {
    if (cache.bytes <= MOST_BYTES || oldest === key) return;
    forget(cache, oldest);
  }
}

function forget(cache: Cache, key: string): void {
  cache.bytes -= cache.entries.get(key)?.bytes ?? 0;
  cache.entries.delete(key);
}
