import type { FieldEntry } from './entries.ts';

/**
 * Managers that write whole manifests, and by which operations they do: what they own of an object they own on behalf of
 * its manifests, not because a person or a controller changed it afterwards. `syncline` is the manager of hooks that were
 * created rather than applied.
 */
const PREDECESSORS: Readonly<Record<string, readonly string[]>> = {
  'kubectl-client-side-apply': ['Update'],
  'kubectl-create': ['Update'],
  'kubectl-replace': ['Update'],
  'before-first-apply': ['Update'],
  kubectl: ['Apply'],
  'argocd-controller': ['Update', 'Apply'],
  'argocd-application-controller': ['Update', 'Apply'],
  helm: ['Update', 'Apply'],
  syncline: ['Update'],
};

/** Whether an entry holds what kubectl, Argo CD or Helm wrote from manifests of the object. */
export function isOfPredecessor({ manager, operation, subresource }: FieldEntry): boolean {
  if (subresource !== '' || !Object.hasOwn(PREDECESSORS, manager)) return false;
  return PREDECESSORS[manager]?.includes(operation) === true;
}
