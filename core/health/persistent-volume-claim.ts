import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import type { Health, HealthFacts } from './health.ts';

const PROVISIONER = ['volume.kubernetes.io/storage-provisioner', 'volume.beta.kubernetes.io/storage-provisioner'];

/** What the scheduler writes once a pod that uses the claim has a node. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** The binding mode of storage classes that make no volume before a pod uses the claim. */
export const WAIT_FOR_FIRST_CONSUMER = 'WaitForFirstConsumer';

/**
 * Health of a PersistentVolumeClaim: Healthy when bound, Degraded when its volume is lost. Mirrors Argo CD's `health_pvc.go`,
 * save that a claim whose storage class waits for the first consumer is Healthy until there is one: the pod that uses it may
 * come in a later wave, which Argo CD never reaches.
 */
export function persistentVolumeClaimHealth(object: KubernetesObject, { volumeBindingMode }: HealthFacts): Health {
  const phase = stringAt(object, 'status', 'phase');
  switch (phase) {
    case 'Bound':
      return { status: 'Healthy', message: 'bound' };
    case 'Pending':
      return pendingHealth(object, volumeBindingMode);
    case 'Lost':
      return { status: 'Degraded', message: 'the bound volume is lost' };
    default:
      return { status: 'Unknown', message: phase === undefined ? 'no phase yet' : `unknown phase ${phase}` };
  }
}

function pendingHealth(object: KubernetesObject, volumeBindingMode: string | undefined): Health {
  const annotations = annotationsOf(object);
  if (volumeBindingMode === WAIT_FOR_FIRST_CONSUMER && annotations[SELECTED_NODE] === undefined) {
    return { status: 'Healthy', message: 'not bound: its storage class waits for the first pod that uses it' };
  }
  const provisioner = PROVISIONER.map((key) => annotations[key]).find((value) => value !== undefined);
  const waiting = provisioner === undefined ? 'not bound yet' : `waiting for ${provisioner} to make a volume`;
  return { status: 'Progressing', message: waiting };
}
