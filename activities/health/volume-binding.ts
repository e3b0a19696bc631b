import { WAIT_FOR_FIRST_CONSUMER } from '../../core/health/persistent-volume-claim.ts';
import { stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { annotationsOf, uidOf } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { eventsFor } from '../../kubernetes/logs-and-events.ts';
import { bestEffort } from '../best-effort.ts';

/** Where a claim named its class before there was a field for it; it still wins over the field. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/**
 * Makes what tells the binding mode of the storage class of a PersistentVolumeClaim that is Pending: as the class says, which is
 * read once; where it may not be read, as the claim's newest event says. Undefined for all else, and where neither says so.
 */
export function volumeBindings(
  cluster: Pick<Cluster, 'get' | 'list'>,
): (object: KubernetesObject, signal: AbortSignal) => Promise<string | undefined> {
  const modes = new Map<string, string>();
  return async (claim, signal) => {
    if (!isPendingClaim(claim)) return undefined;
    const name = annotationsOf(claim)[CLASS_ANNOTATION] ?? stringAt(claim, 'spec', 'storageClassName') ?? '';
    if (name === '') return undefined;
    const known = modes.get(name) ?? (await modeOfClass(cluster, name, signal));
    if (known === undefined) return modeByEvents(cluster, claim, signal);
    modes.set(name, known);
    return known;
  };
}

function isPendingClaim(object: KubernetesObject): boolean {
  return stringAt(object, 'kind') === 'PersistentVolumeClaim' && stringAt(object, 'status', 'phase') === 'Pending';
}

async function modeOfClass(
  cluster: Pick<Cluster, 'get'>,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ref = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name };
  return stringAt(await bestEffort(() => cluster.get(ref, signal)), 'volumeBindingMode');
}

/** The volume controller says `WaitForFirstConsumer` of such a claim every few seconds, until there is a pod. */
async function modeByEvents(
  cluster: Pick<Cluster, 'list'>,
  claim: KubernetesObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const namespace = stringAt(claim, 'metadata', 'namespace');
  const events = await bestEffort(() => eventsFor(cluster, namespace, uidOf(claim), signal));
  return events?.at(-1)?.reason === WAIT_FOR_FIRST_CONSUMER ? WAIT_FOR_FIRST_CONSUMER : undefined;
}
