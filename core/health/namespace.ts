import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Health } from './health.ts';

/** Health of a Namespace: nothing can be created in one that is Terminating, so it is Progressing. Argo CD has no rule for it. */
export function namespaceHealth(object: KubernetesObject): Health {
  return stringAt(object, 'status', 'phase') === 'Terminating'
    ? { status: 'Progressing', message: 'being deleted' }
    : { status: 'Healthy', message: '' };
}
