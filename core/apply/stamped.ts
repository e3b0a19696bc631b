import type { Json, JsonObject } from '../json.ts';
import { objectAt } from '../json.ts';
import { DIGEST_ANNOTATION, OWNER_ANNOTATION } from '../markers.ts';
import type { KubernetesObject } from '../objects.ts';

/** What Syncline adds to an object before it is sent. */
export interface Stamp {
  /** Whose the object is: the value `ownerOf` makes. */
  readonly owner: string;
  /** Digest of the manifest as it was written. */
  readonly digest: string;
  /** Where a namespaced kind's object goes; undefined for a cluster-scoped kind. */
  readonly namespace: string | undefined;
}

/**
 * The object that is sent for a manifest: owner and digest as annotations, the namespace filled in (and taken out where
 * the kind is cluster-scoped, as Argo CD and kubectl do), and everything else exactly as it was written. The manifest is
 * not touched.
 */
export function stamped(manifest: KubernetesObject, stamp: Stamp): KubernetesObject {
  const { namespace: _written, ...metadata } = objectAt(manifest, 'metadata') ?? {};
  return {
    ...manifest,
    metadata: {
      ...metadata,
      ...(stamp.namespace === undefined ? {} : { namespace: stamp.namespace }),
      annotations: annotationsWith(metadata, stamp),
    },
  };
}

function annotationsWith(metadata: JsonObject, stamp: Stamp): Readonly<Record<string, Json | undefined>> {
  return {
    ...objectAt(metadata, 'annotations'),
    [OWNER_ANNOTATION]: stamp.owner,
    [DIGEST_ANNOTATION]: stamp.digest,
  };
}
