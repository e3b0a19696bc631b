import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { conditionOf } from './conditions.ts';
import type { ContainerState } from './containers.ts';
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
  const stuck = containersOf(pod).find((container) => !ORDINARY.includes(container.waiting?.reason ?? ''));
  return stuck === undefined ? undefined : containerProblem(pod, stuck);
}

function containerProblem(pod: KubernetesObject, container: ContainerState): PodProblem {
  const reason = container.waiting?.reason ?? '';
  const name = `${container.init ? 'init container' : 'container'} ${container.name}`;
  const crash = container.lastTerminated;
  if (reason === 'CrashLoopBackOff' && crash !== undefined) {
    const said = crash.message === '' ? '' : `: ${crash.message}`;
    const message = `${name} has crashed ${container.restarts} times, last with ${describeTermination(crash)}${said}`;
    return { reason, message, container: container.name, ...sinceOf(crash.finishedAt) };
  }
  const text = container.waiting?.message ?? '';
  const since = conditionOf(pod, container.init ? 'Initialized' : 'ContainersReady')?.lastTransitionTime ?? '';
  return {
    reason,
    message: `${name} can't start: ${reason}${text === '' ? '' : `: ${text}`}`,
    container: container.name,
    ...sinceOf(since === '' ? (stringAt(pod, 'status', 'startTime') ?? '') : since),
  };
}

function sinceOf(since: string): { readonly since?: string } {
  return since === '' ? {} : { since };
}
