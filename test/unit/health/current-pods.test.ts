import { describe, expect, it } from 'vitest';
import { currentPods } from '../../../core/health/current-pods.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { aDaemonSet, aDeployment, aJob, aPod, aReplicaSet, aStatefulSet, anObject } from './builders.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const owned = (uid: string, more: JsonObject = {}) => ({ ownerReferences: [{ uid }], ...more });
const pod = (name: string, metadata: JsonObject) => aPod({ metadata: { name, uid: name, ...metadata } });
const hashed = (hash: string) => ({ labels: { 'controller-revision-hash': hash } });
const live = { uid: 'w', generation: 1 };

const replicaSets = [
  aReplicaSet({ metadata: { uid: 'old', ...owned('w'), annotations: { [REVISION]: '1' } } }),
  aReplicaSet({ metadata: { uid: 'new', ...owned('w'), annotations: { [REVISION]: '2' } } }),
  aReplicaSet({ metadata: { uid: 'alien', ...owned('x'), annotations: { [REVISION]: '2' } } }),
];
const controllerRevisions = [
  { ...anObject('apps/v1', 'ControllerRevision', { metadata: { ...owned('w'), ...hashed('b') } }), revision: 2 },
  { ...anObject('apps/v1', 'ControllerRevision', { metadata: { ...owned('w'), ...hashed('a') } }), revision: 1 },
  { ...anObject('apps/v1', 'ControllerRevision', { metadata: { ...owned('x'), ...hashed('c') } }), revision: 3 },
];
const pods = [
  pod('of-old', owned('old')),
  pod('of-new', owned('new')),
  pod('leaving', owned('new', { deletionTimestamp: 'now' })),
  pod('of-alien', owned('alien')),
  pod('a', owned('w', hashed('a'))),
  pod('b', owned('w', hashed('b'))),
  pod('b-leaving', owned('w', { ...hashed('b'), deletionTimestamp: 'now' })),
];

const names = (workload: KubernetesObject) =>
  currentPods(workload, { pods, replicaSets, controllerRevisions })
    ?.map((each) => each['metadata'])
    .map((metadata) => (metadata as JsonObject)['name']);

describe('the pods that tell how a workload rolls out', () => {
  const deployment = (generation: number, revision?: string) =>
    aDeployment({
      metadata: { ...live, generation, annotations: revision === undefined ? {} : { [REVISION]: revision } },
    });
  it.each<[string, KubernetesObject, readonly string[] | undefined]>([
    ['of a Deployment are those of its newest ReplicaSet that stay', deployment(1, '2'), ['of-new']],
    ['of a Deployment whose new spec is not seen yet are none', deployment(2, '2'), []],
    ['of a Deployment whose ReplicaSet is not seen yet are none', deployment(1, '3'), []],
    ['of a Deployment without a revision are none', deployment(1), []],
    [
      'of a StatefulSet are those of its update revision',
      aStatefulSet({ metadata: live, status: { updateRevision: 'b' } }),
      ['b'],
    ],
    [
      'of a StatefulSet whose new spec is not seen yet are none',
      aStatefulSet({ metadata: { uid: 'w', generation: 2 }, status: { updateRevision: 'b' } }),
      [],
    ],
    ['of a DaemonSet are those of its newest revision', aDaemonSet({ metadata: live }), ['b']],
    ['of a DaemonSet without revisions are none', aDaemonSet({ metadata: { uid: 'none', generation: 1 } }), []],
    ['of a ReplicaSet are its own', aReplicaSet({ metadata: { uid: 'new' } }), ['of-new']],
    [
      'of a ReplicationController are its own',
      anObject('v1', 'ReplicationController', { metadata: { uid: 'old' } }),
      ['of-old'],
    ],
    ['of a Job are its own', aJob({ metadata: { uid: 'old' } }), ['of-old']],
    ['of a Pod is itself', pod('self', {}), ['self']],
    ['of another kind are not known', anObject('a.io/v1', 'Thing', { metadata: live }), undefined],
  ])('%s', (_, workload, expected) => {
    expect(names(workload)).toEqual(expected);
  });
});
