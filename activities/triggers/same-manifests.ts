import { canonicalJson } from '../../core/apply/canonical-json.ts';
import { SynclineError } from '../../core/failures.ts';
import type { Json } from '../../core/json.ts';
import type { Manifest } from '../../core/manifests/manifest.ts';
import type { BundleHolder } from '../bundle-cache.ts';
import { loadBundle } from '../bundle-cache.ts';

/**
 * Whether a stored bundle has the very objects of these manifests, in their order. Bundles know the lines of their objects too, which a
 * comment in a file moves. False where it is not stored any more.
 */
export async function hasSameObjects(
  deps: BundleHolder,
  digest: string,
  manifests: readonly Manifest[],
  signal: AbortSignal,
): Promise<boolean> {
  const bundle = await loadBundle(deps, digest, signal).catch((error: unknown) => {
    if (error instanceof SynclineError && error.type === 'BundleNotFound') return undefined;
    throw error;
  });
  return bundle !== undefined && objectsText(bundle.manifests) === objectsText(manifests);
}

function objectsText(manifests: readonly Manifest[]): string {
  return canonicalJson(manifests.map(({ object }) => object as Json));
}
