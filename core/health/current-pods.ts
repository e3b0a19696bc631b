import { numberAt, stringAt } from '../json.ts';
import type { KubernetesObject, ObjectRef } from '../objects.ts';
import { annotationsOf, groupOf, isOwnedBy, labelsOf, refOf, uidOf } from '../objects.ts';
import { awaitsObservation } from './conditions.ts';

/** What stands between a workload and its pods, as far as it may be read. */
export interface PodSurroundings {
  readonly pods: readonly KubernetesObject[];
  readonly replicaSets: readonly KubernetesObject[];
  readonly controllerRevisions: readonly KubernetesObject[];
}

/** Which revision of a Deployment it is, on the Deployment itself and on each of its ReplicaSets. */
const REVISION = 'deployment.kubernetes.io/revision';

/** Which ControllerRevision a pod of a StatefulSet or DaemonSet was made from, on the revision too. */
const REVISION_HASH = 'controller-revision-hash';

/** The kinds whose revisions `currentPods` knows, by `group/kind`, and the kind that tells one from another, where there is one. */
export const REVISED_BY: Readonly<Record<string, 'ReplicaSet' | 'ControllerRevision' | undefined>> = {
  '/Pod': undefined,
  '/ReplicationController': undefined,
  'apps/DaemonSet': 'ControllerRevision',
  'apps/Deployment': 'ReplicaSet',
  'apps/ReplicaSet': undefined,
  'apps/StatefulSet': undefined,
  'batch/Job': undefined,
};

/**
 * The pods of a workload's newest revision that are not being deleted: what is to be replaced says nothing of how a roll-out goes.
 * None while the workload's controller has yet to see its newest spec, or while its revision can't be told. Undefined for a kind
 * whose pods are not known.
 */
export function currentPods(
  workload: KubernetesObject,
  { pods, replicaSets, controllerRevisions }: PodSurroundings,
): readonly KubernetesObject[] | undefined {
  const staying = pods.filter((pod) => stringAt(pod, 'metadata', 'deletionTimestamp') === undefined);
  const owned = (owner: KubernetesObject) => staying.filter((pod) => isOwnedBy(pod, uidOf(owner)));
  switch (kindKeyOf(refOf(workload))) {
    case '/Pod':
      return [workload];
    case '/ReplicationController':
    case 'apps/ReplicaSet':
    case 'batch/Job':
      return owned(workload);
    case 'apps/Deployment': {
      const newest = awaitsObservation(workload) ? undefined : newestReplicaSet(workload, replicaSets);
      return newest === undefined ? [] : owned(newest);
    }
    case 'apps/StatefulSet': {
      const revision = stringAt(workload, 'status', 'updateRevision');
      return awaitsObservation(workload) ? [] : ofRevision(owned(workload), revision);
    }
    case 'apps/DaemonSet': {
      const revision = newestHash(workload, controllerRevisions);
      return awaitsObservation(workload) ? [] : ofRevision(owned(workload), revision);
    }
    default:
      return undefined;
  }
}

/** Names a kind in `REVISED_BY`. */
export function kindKeyOf({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

function newestReplicaSet(
  deployment: KubernetesObject,
  replicaSets: readonly KubernetesObject[],
): KubernetesObject | undefined {
  const revision = annotationsOf(deployment)[REVISION];
  if (revision === undefined) return undefined;
  return replicaSets.find((each) => isOwnedBy(each, uidOf(deployment)) && annotationsOf(each)[REVISION] === revision);
}

function newestHash(workload: KubernetesObject, revisions: readonly KubernetesObject[]): string | undefined {
  const newestFirst = revisions
    .filter((each) => isOwnedBy(each, uidOf(workload)))
    .toSorted((a, b) => (numberAt(b, 'revision') ?? 0) - (numberAt(a, 'revision') ?? 0));
  return newestFirst[0] === undefined ? undefined : labelsOf(newestFirst[0])[REVISION_HASH];
}

function ofRevision(pods: readonly KubernetesObject[], revision: string | undefined): readonly KubernetesObject[] {
  return revision === undefined ? [] : pods.filter((pod) => labelsOf(pod)[REVISION_HASH] === revision);
}
