import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { conditionOf } from './conditions.ts';
import type { ContainerState, Termination } from './containers.ts';
import { containersOf, describeTermination } from './containers.ts';

/** Something that keeps a pod from running and that will not pass by itself, or only when somebody acts. */
export interface PodProblem {
  /** Kubernetes' own word: `Unschedulable`, `ImagePullBackOff`, `CrashLoopBackOff`, `CreateContainerConfigError`, … */
  readonly reason: string;
  /** A sentence for people, with the container's name. */
  readonly message: string;
  /** The container concerned, where it is one. */
  readonly container?: string;
  /** Since when at the latest, RFC 3339, where the pod says so. */
  readonly since?: string;
}

/** Reasons to wait that belong to an ordinary start. */
const ORDINARY = ['', 'ContainerCreating', 'PodInitializing'];

/**
 * What keeps a pod that has not ended from running, init containers included; undefined while all is in order. A pod
 * that has ended has a verdict instead.
 */
export function podProblem(pod: KubernetesObject): PodProblem | undefined {
  const phase = stringAt(pod, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const message = `no node can take the pod: ${scheduled.message}`;
    return { reason: scheduled.reason, message, ...sinceOf(scheduled.lastTransitionTime) };
  }
  const containers = containersOf(pod);
  const stuck = containers.find((container) => !ORDINARY.includes(container.waiting?.reason ?? ''));
  if (stuck !== undefined) return crashProblem(stuck) ?? startProblem(pod, stuck);
  // Where nothing is started again, the end of a container is about to be the pod's own.
  if (stringAt(pod, 'spec', 'restartPolicy') === 'Never') return undefined;
  if (stringAt(pod, 'metadata', 'deletionTimestamp') !== undefined) return undefined;
  return containers.map(crashProblem).find((problem) => problem !== undefined);
}

function crashProblem(container: ContainerState): PodProblem | undefined {
  const crash = crashOf(container);
  if (crash === undefined) return undefined;
  const { restarts } = container;
  const times = restarts === 1 ? 'once' : `${restarts} times`;
  const how = restarts === 0 ? 'ended' : `was restarted ${times} and ended last`;
  const said = crash.message === '' ? '' : `: ${crash.message}`;
  const message = `${nameOf(container)} ${how} with ${describeTermination(crash)}${said}`;
  // Between two tries of a crash loop a container is `terminated` for a moment; that is the same problem.
  const looping = container.waiting !== undefined || (container.terminated !== undefined && restarts > 0);
  const reason = looping ? 'CrashLoopBackOff' : crash.reason || 'Error';
  return { reason, message, container: container.name, ...sinceOf(crash.finishedAt) };
}

/** How a container ended that is not up again; undefined for one that is ready, and for sidecars that the pod's end stops. */
function crashOf({ ready, sidecar, waiting, terminated, lastTerminated }: ContainerState): Termination | undefined {
  if (waiting !== undefined) return waiting.reason === 'CrashLoopBackOff' ? lastTerminated : undefined;
  if (terminated !== undefined) return terminated.exitCode === 0 || sidecar ? undefined : terminated;
  return ready || lastTerminated?.exitCode === 0 ? undefined : lastTerminated;
}

function nameOf({ init, name }: ContainerState): string {
  return `${init ? 'init container' : 'container'} ${name}`;
}

function startProblem(pod: KubernetesObject, container: ContainerState): PodProblem {
  const reason = container.waiting?.reason ?? '';
  const text = container.waiting?.message ?? '';
  const since = conditionOf(pod, container.init ? 'Initialized' : 'ContainersReady')?.lastTransitionTime ?? '';
  return {
    reason,
    message: `${nameOf(container)} can't start: ${reason}${text === '' ? '' : `: ${text}`}`,
    container: container.name,
    ...sinceOf(since === '' ? (stringAt(pod, 'status', 'startTime') ?? '') : since),
  };
}

function sinceOf(since: string): { readonly since?: string } {
  return since === '' ? {} : { since };
}
