import { createHash } from 'node:crypto';
import { canonicalJson } from '../core/apply/canonical-json.ts';
import type { KubernetesObject } from '../core/objects.ts';

/** Manifests are never mutated and a worker keeps its latest bundles, so each is digested once. */
const digests = new WeakMap<KubernetesObject, string>();

/** The digest of a manifest: the first 32 hex characters of the SHA-256 of its canonical JSON. */
export function manifestDigest(manifest: KubernetesObject): string {
  const known = digests.get(manifest);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(canonicalJson(manifest)).digest('hex').slice(0, 32);
  digests.set(manifest, digest);
  return digest;
}
