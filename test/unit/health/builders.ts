import type { Json, JsonObject } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';

/** What a test says about an object; the rest is an ordinary one. */
export interface Parts {
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

function built(apiVersion: string, kind: string, usual: Parts, parts: Parts): KubernetesObject {
  return {
    apiVersion,
    kind,
    metadata: { name: 'web', namespace: 'shop', generation: 1, ...usual.metadata, ...parts.metadata },
    spec: { ...usual.spec, ...parts.spec },
    status: { ...usual.status, ...parts.status },
  };
}

/** A condition; a reason and a message are added unless given. */
export function aCondition(type: string, status: string, more: JsonObject = {}): Json {
  return { type, status, lastTransitionTime: '2026-08-22T10:00:00Z', ...more };
}

/** A rolled-out Deployment of 3 replicas. */
export function aDeployment(parts: Parts = {}): KubernetesObject {
  const status = { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
  return built('apps/v1', 'Deployment', { spec: { replicas: 3 }, status }, parts);
}

/** A rolled-out StatefulSet of 3 replicas with the strategy that the API server fills in. */
export function aStatefulSet(parts: Parts = {}): KubernetesObject {
  const spec = { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } };
  const status = {
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    updatedReplicas: 3,
    currentRevision: 'web-1',
    updateRevision: 'web-1',
  };
  return built('apps/v1', 'StatefulSet', { spec, status }, parts);
}

/** A rolled-out DaemonSet on 3 nodes. */
export function aDaemonSet(parts: Parts = {}): KubernetesObject {
  const status = { observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };
  return built('apps/v1', 'DaemonSet', { spec: { updateStrategy: { type: 'RollingUpdate' } }, status }, parts);
}

/** A full ReplicaSet of 3. */
export function aReplicaSet(parts: Parts = {}): KubernetesObject {
  const status = { observedGeneration: 1, replicas: 3, availableReplicas: 3 };
  return built('apps/v1', 'ReplicaSet', { spec: { replicas: 3 }, status }, parts);
}

/** A Job that has just been created. */
export function aJob(parts: Parts = {}): KubernetesObject {
  return built('batch/v1', 'Job', { spec: { completions: 1, suspend: false, backoffLimit: 6 } }, parts);
}

/** A CronJob that was not scheduled yet. */
export function aCronJob(parts: Parts = {}): KubernetesObject {
  return built('batch/v1', 'CronJob', { spec: { suspend: false } }, parts);
}

/** A pending Pod that runs once. */
export function aPod(parts: Parts = {}): KubernetesObject {
  return built('v1', 'Pod', { spec: { restartPolicy: 'Never' }, status: { phase: 'Pending' } }, parts);
}

/** The status of one container. */
export function aContainer(name: string, state: JsonObject, more: JsonObject = {}): Json {
  return { name, state, ready: false, restartCount: 0, ...more };
}

/** An object of any kind, with nothing but what is given. */
export function anObject(apiVersion: string, kind: string, parts: Parts = {}): KubernetesObject {
  return built(apiVersion, kind, {}, parts);
}
