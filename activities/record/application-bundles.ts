import type { BundleStore } from '../../bundles/bundle-store.ts';
import { applicationReference } from '../../core/markers.ts';

/**
 * Makes the application's reference name these bundles, so that no collection takes what its deletion will need. Nothing is
 * written where it names them already. A bundle that is not in the store can't be kept, and is no reason to stop.
 */
export async function keepBundles(
  store: BundleStore,
  { cluster, application }: { readonly cluster: string; readonly application: string },
  digests: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const name = applicationReference(cluster, application);
  const wanted = [...new Set(digests)].sort();
  const known = [...(await store.referred(name, signal))].sort();
  if (known.join() === wanted.join()) return;
  const there = await Promise.all(wanted.map((digest) => store.has(digest, signal)));
  await store.refer(
    name,
    wanted.filter((_, index) => there[index]),
    signal,
  );
}
