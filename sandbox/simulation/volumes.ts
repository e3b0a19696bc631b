import { z } from 'zod';
import type { ApiClient } from '../cluster/api.ts';
import { PROVISIONER } from '../cluster/bootstrap.ts';
import { claimSchema, type Claim } from '../cluster/objects.ts';
import { watchCollection } from '../cluster/watch.ts';
import { ANNOTATION } from './annotations.ts';

/** Written by the volume controller, or by the scheduler's choice of a node, on claims that are to be provisioned. */
const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

const volumeSchema = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({ persistentVolumeReclaimPolicy: z.string().optional() }),
  status: z.object({ phase: z.string().optional() }).prefault({}),
});

/**
 * Provisions a volume for each claim that the real volume controller says is to be provisioned by the sandbox,
 * which is then bound by that controller, and deletes volumes whose claims are gone. Resolves on abort.
 */
export async function provisionVolumes(api: ApiClient, signal: AbortSignal): Promise<void> {
  await Promise.all([
    watchCollection({
      api,
      path: '/api/v1/persistentvolumeclaims',
      schema: claimSchema,
      signal,
      onChange: ({ kind, object: claim }) => {
        if (kind === 'present' && isToProvision(claim)) ignoreRefusal(api, 'POST', '', signal, volumeFor(claim));
      },
    }),
    watchCollection({
      api,
      path: '/api/v1/persistentvolumes',
      schema: volumeSchema,
      signal,
      onChange: ({ kind, object: volume }) => {
        const isOurs = volume.metadata.annotations[PROVISIONED_BY] === PROVISIONER;
        const isOver = volume.status.phase === 'Released' && volume.spec.persistentVolumeReclaimPolicy === 'Delete';
        if (kind === 'present' && isOurs && isOver) ignoreRefusal(api, 'DELETE', `/${volume.metadata.name}`, signal);
      },
    }),
  ]);
}

/** Tells whether a claim waits for a volume of the sandbox. */
function isToProvision(claim: Claim): boolean {
  const { annotations } = claim.metadata;
  if (annotations[STORAGE_PROVISIONER] !== PROVISIONER || (claim.spec.volumeName ?? '') !== '') return false;
  if (annotations[ANNOTATION.pending] === 'true') return false;
  // The scheduler chooses a node first where the class waits for the first consumer.
  return claim.spec.storageClassName !== 'wait-for-first-consumer' || annotations[SELECTED_NODE] !== undefined;
}

function volumeFor(claim: Claim): unknown {
  const { name, namespace, uid } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `pvc-${uid}`, annotations: { [PROVISIONED_BY]: PROVISIONER } },
    spec: {
      capacity: { storage: claim.spec.resources.requests['storage'] ?? '1Gi' },
      accessModes: claim.spec.accessModes,
      ...(claim.spec.volumeMode !== undefined && { volumeMode: claim.spec.volumeMode }),
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: claim.spec.storageClassName,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      // Never mounted: no container runs.
      hostPath: { path: `/var/lib/syncline-sandbox/${uid}` },
    },
  };
}

/** A volume that is there already, or gone already, is as it should be. */
function ignoreRefusal(
  api: ApiClient,
  method: 'POST' | 'DELETE',
  suffix: string,
  signal: AbortSignal,
  body?: unknown,
): void {
  const path = `/api/v1/persistentvolumes${suffix}`;
  void api.send({ method, path, signal, ...(body !== undefined && { body }) }).catch(() => undefined);
}
