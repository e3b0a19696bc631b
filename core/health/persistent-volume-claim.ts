import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import type { Health } from './health.ts';

const PROVISIONER = ['volume.kubernetes.io/storage-provisioner', 'volume.beta.kubernetes.io/storage-provisioner'];

/**
 * Health of a PersistentVolumeClaim: Healthy when bound, Degraded when its volume is lost. Mirrors Argo CD's
 * `health_pvc.go`. A claim whose storage class waits for the first consumer stays Progressing until a pod uses it, so
 * its message says what a claim in an earlier wave than its pod waits for.
 */
export function persistentVolumeClaimHealth(object: KubernetesObject): Health {
  const phase = stringAt(object, 'status', 'phase');
  switch (phase) {
    case 'Bound':
      return { status: 'Healthy', message: 'bound' };
    case 'Pending':
      return { status: 'Progressing', message: pendingMessage(object) };
    case 'Lost':
      return { status: 'Degraded', message: 'the bound volume is lost' };
    default:
      return { status: 'Unknown', message: phase === undefined ? 'no phase yet' : `unknown phase ${phase}` };
  }
}

function pendingMessage(object: KubernetesObject): string {
  const annotations = annotationsOf(object);
  const provisioner = PROVISIONER.map((key) => annotations[key]).find((value) => value !== undefined);
  if (provisioner !== undefined) return `waiting for ${provisioner} to make a volume`;
  return 'not bound; if its storage class has WaitForFirstConsumer, it waits for a pod that uses it, which must be in the same wave';
}
