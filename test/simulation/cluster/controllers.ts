import { arrayAt, booleanAt, numberAt, stringAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { isOwnedBy, refOf, uidOf } from '../../../core/objects.ts';
import { trueCondition } from '../../../core/health/conditions.ts';
import type { Change, ModelApiServer } from '../../fakes/api-server/model-api-server.ts';
import { FOREGROUND, ORPHAN, isLeaving, timestamp, withMetadata } from '../../fakes/api-server/model-api-server.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { processOf } from '../engine/scheduler.ts';
import type { Audit } from './audit.ts';

/** What a hook does once it runs. */
export type Behaviour =
  { readonly ends: 'succeeded' | 'failed'; readonly afterMs: number } | { readonly ends: 'never' };

/** Tells how the next run of a name behaves. */
export type Behaviours = (name: string) => Behaviour;

/** How long a pod takes to end once it is told to, ms. */
const GRACE_MS = 500;

const JOB_CONTROLLER = processOf('job-controller');
const KUBELET = processOf('kubelet');
const COLLECTOR = processOf('garbage-collector');

/**
 * The controllers that matter to hooks: a Job that is not suspended gets a pod, pods run and end, a Job follows its pod,
 * what is owned goes with its owner, and a finished Job goes by its TTL. Each acts on what it finds when its turn comes.
 */
export function startControllers(
  server: ModelApiServer,
  scheduler: Scheduler,
  audit: Audit,
  behaviours: Behaviours,
): void {
  const due = new Set<string>();
  const told = server.onChange;
  const reconcile = (kind: 'job' | 'pod' | 'dependants', uid: string, act: () => void): void => {
    const key = `${kind} ${uid}`;
    if (due.has(key)) return;
    due.add(key);
    const process = kind === 'job' ? JOB_CONTROLLER : kind === 'pod' ? KUBELET : COLLECTOR;
    scheduler.soon(process, `looks at ${kind}`, uid, () => {
      due.delete(key);
      act();
    });
  };
  const podsOf = (uid: string) => server.list({ apiVersion: 'v1', kind: 'Pod' }).filter((pod) => isOwnedBy(pod, uid));

  server.onChange = (change: Change) => {
    told(change);
    const { object, type } = change;
    const uid = uidOf(object);
    const kind = object['kind'];
    if (kind === 'Pod') {
      podChanged(change);
      return;
    }
    const goes = type === 'deleted' || isLeaving(object);
    if (goes && (kind === 'Job' || type !== 'deleted')) reconcile('dependants', uid, () => collect(uid));
    if (kind === 'Job' && !goes && mayNeedPod(object)) reconcile('job', uid, () => followPod(uid));
  };

  function podChanged({ object: pod, type }: Change): void {
    const uid = uidOf(pod);
    if (type === 'deleted') audit.ended(runOf(pod), 'stopped', scheduler.now());
    const owner = stringAt(arrayAt(pod, 'metadata', 'ownerReferences')[0], 'uid');
    const phase = stringAt(pod, 'status', 'phase');
    const ended = type === 'deleted' || phase === 'Succeeded' || phase === 'Failed';
    if (owner !== undefined && ended) reconcile('job', owner, () => followPod(owner));
    const starts = phase === 'Pending' && arrayAt(pod, 'spec', 'schedulingGates').length === 0;
    if (type !== 'deleted' && (starts || isLeaving(pod))) reconcile('pod', uid, () => runPod(uid));
  }

  function followPod(uid: string): void {
    const job = server.byUid(uid);
    if (job === undefined || isLeaving(job)) {
      reconcile('dependants', uid, () => collect(uid));
      return;
    }
    if (isOver(job)) {
      expire(job);
      return;
    }
    const [pod] = podsOf(uid);
    const phase = stringAt(pod, 'status', 'phase');
    if (pod === undefined) {
      if (booleanAt(job, 'spec', 'suspend') !== true) server.create(podOf(job));
    } else if (phase === 'Succeeded' || phase === 'Failed') {
      server.writeStatus(uid, endOf(phase, scheduler.now()));
    }
  }

  function expire(job: KubernetesObject): void {
    const ttl = numberAt(job, 'spec', 'ttlSecondsAfterFinished');
    if (ttl === undefined) return;
    scheduler.later(ttl * 1000, JOB_CONTROLLER, 'expires', uidOf(job), () => {
      const live = server.byUid(uidOf(job));
      if (live !== undefined && !isLeaving(live))
        server.delete(refOf(live), { uid: uidOf(live), propagation: 'Background' });
    });
  }

  function runPod(uid: string): void {
    const pod = server.byUid(uid);
    if (pod === undefined) return;
    if (isLeaving(pod)) {
      scheduler.later(GRACE_MS, KUBELET, 'ends', uid, () => server.remove(uid));
      return;
    }
    if (stringAt(pod, 'status', 'phase') !== 'Pending' || arrayAt(pod, 'spec', 'schedulingGates').length > 0) return;
    const subject = ownerOf(server, pod) ?? pod;
    audit.began(subject, scheduler.now());
    server.writeStatus(uid, { phase: 'Running', startTime: timestamp(scheduler.now()) });
    if (subject !== pod) server.writeStatus(uidOf(subject), { startTime: timestamp(scheduler.now()), active: 1 });
    const behaviour = behaviours(refOf(subject).name);
    if (behaviour.ends === 'never') return;
    const phase = behaviour.ends === 'succeeded' ? 'Succeeded' : 'Failed';
    scheduler.later(behaviour.afterMs, KUBELET, `sees ${phase}`, uid, () => {
      const live = server.byUid(uid);
      if (live === undefined || isLeaving(live)) return;
      audit.ended(uidOf(subject), behaviour.ends, scheduler.now());
      server.writeStatus(uid, { phase });
    });
  }

  /** Deletes what an owner that goes, or is gone, leaves, or makes it nobody's; lets a deletion end once nothing is left. */
  function collect(uid: string): void {
    const owner = server.byUid(uid);
    const finalizers = arrayAt(owner, 'metadata', 'finalizers');
    if (owner !== undefined && finalizers.includes(ORPHAN)) {
      for (const pod of podsOf(uid)) server.write(withMetadata(pod, { ownerReferences: [] }));
      server.write(withMetadata(owner, { finalizers: finalizers.filter((each) => each !== ORPHAN) }));
      return;
    }
    const pods = podsOf(uid);
    for (const pod of pods.filter((each) => !isLeaving(each))) {
      server.delete(refOf(pod), { uid: uidOf(pod), propagation: 'Foreground' });
    }
    if (owner === undefined || pods.length > 0 || !finalizers.includes(FOREGROUND)) return;
    if (owner['kind'] === 'Pod') return;
    server.write(withMetadata(owner, { finalizers: finalizers.filter((each) => each !== FOREGROUND) }));
  }
}

/** The UID under which the audit knows what runs in a pod. */
function runOf(pod: KubernetesObject): string {
  return stringAt(arrayAt(pod, 'metadata', 'ownerReferences')[0], 'uid') ?? uidOf(pod);
}

function ownerOf(server: ModelApiServer, pod: KubernetesObject): KubernetesObject | undefined {
  return server.byUid(stringAt(arrayAt(pod, 'metadata', 'ownerReferences')[0], 'uid') ?? '');
}

/** A suspended Job waits, and one that is over is of interest only for its TTL. */
function mayNeedPod(job: KubernetesObject): boolean {
  if (isOver(job)) return numberAt(job, 'spec', 'ttlSecondsAfterFinished') !== undefined;
  return booleanAt(job, 'spec', 'suspend') !== true;
}

function isOver(job: KubernetesObject): boolean {
  return trueCondition(job, 'Complete') !== undefined || trueCondition(job, 'Failed') !== undefined;
}

function podOf(job: KubernetesObject): KubernetesObject {
  const { name, namespace } = refOf(job);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${uidOf(job)}`,
      namespace: namespace ?? '',
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid: uidOf(job), controller: true }],
    },
    spec: { containers: [{ name: 'main', image: 'work' }] },
  };
}

function endOf(phase: 'Succeeded' | 'Failed', at: number) {
  const [type, reason] =
    phase === 'Succeeded' ? ['Complete', 'CompletionsReached'] : ['Failed', 'BackoffLimitExceeded'];
  const condition = { type, status: 'True', reason, lastTransitionTime: timestamp(at) };
  const counts = phase === 'Succeeded' ? { succeeded: 1, completionTime: timestamp(at) } : { failed: 1 };
  return { conditions: [condition], active: 0, ...counts };
}
