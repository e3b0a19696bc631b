import { ARGO_KEYS, HELM_KEYS } from '../annotations/keys.ts';
import { arrayAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import { trueCondition } from './conditions.ts';
import type { ContainerState } from './containers.ts';
import { containersOf, describeTermination } from './containers.ts';
import type { Health } from './health.ts';
import type { PodProblem } from './pod-problem.ts';
import { podProblem } from './pod-problem.ts';
import { healthOfVerdict } from './verdict-health.ts';
import type { Verdict } from './verdict.ts';
import { timesOf } from './verdict.ts';

/** Where a Pod has got to, and which of its containers failed it. */
export interface PodVerdict extends Verdict<'running' | 'succeeded' | 'failed' | 'unknown'> {
  readonly container?: string;
  readonly exitCode?: number;
}

/**
 * Where a Pod has got to. One that is restarted for ever (restartPolicy Always, or Argo CD's `ignore-restart-policy`
 * annotation on an ordinary Pod) has succeeded once it is ready and failed when a container can't start or has crashed;
 * any other runs until its phase is final, whatever its containers wait for. Mirrors Argo CD's `health_pod.go`.
 */
export function podVerdict(pod: KubernetesObject): PodVerdict {
  const startedAt = stringAt(pod, 'status', 'startTime');
  const phase = stringAt(pod, 'status', 'phase') ?? '';
  const containers = containersOf(pod);
  const stuck = isLongRunning(pod) ? containers.find(cannotStart) : undefined;
  if (stuck?.waiting !== undefined) {
    const { reason, message } = stuck.waiting;
    return { kind: 'failed', reason, message: `container ${stuck.name}: ${reason}: ${message}`, container: stuck.name };
  }
  switch (phase) {
    case 'Pending':
      return { kind: 'running', reason: '', message: pendingMessage(pod), ...timesOf(startedAt) };
    case 'Succeeded':
      return { kind: 'succeeded', reason: '', message: 'all containers succeeded', ...endOf(startedAt, containers) };
    case 'Failed':
      return { ...failed(pod, containers), ...endOf(startedAt, containers) };
    case 'Running':
      return { ...running(pod, containers), ...timesOf(startedAt) };
    default:
      return { kind: 'unknown', reason: phase, message: phase === '' ? 'no phase yet' : `unknown phase ${phase}` };
  }
}

/** How a pod has failed, as a problem of whoever made it (a Job makes another one); undefined for one that has not. */
export function failedPodProblem(pod: KubernetesObject): PodProblem | undefined {
  if (stringAt(pod, 'status', 'phase') !== 'Failed') return undefined;
  const { reason, message, container, finishedAt } = podVerdict(pod);
  return {
    reason: reason === '' ? 'Failed' : reason,
    message,
    ...(container === undefined ? {} : { container }),
    ...(finishedAt === undefined ? {} : { since: finishedAt }),
  };
}

/** Health of a v1 Pod. */
export function podHealth(pod: KubernetesObject): Health {
  return healthOfVerdict(podVerdict(pod));
}

function isLongRunning(pod: KubernetesObject): boolean {
  const annotations = annotationsOf(pod);
  const isHook = annotations[ARGO_KEYS.hook] !== undefined || annotations[HELM_KEYS.hook] !== undefined;
  if (!isHook && annotations[ARGO_KEYS.ignoreRestartPolicy] === 'true') return true;
  return (stringAt(pod, 'spec', 'restartPolicy') ?? 'Always') === 'Always';
}

/** Argo CD looks at main containers only, and knows the errors by how their names are made. */
function cannotStart(container: ContainerState): boolean {
  return !container.init && /^Err|Error$|BackOff$/.test(container.waiting?.reason ?? '');
}

function pendingMessage(pod: KubernetesObject): string {
  const problem = podProblem(pod);
  if (problem !== undefined) return problem.message;
  const gates = arrayAt(pod, 'spec', 'schedulingGates').map((gate) => stringAt(gate, 'name') ?? '');
  return gates.length > 0 ? `held by scheduling gate ${gates.join(', ')}` : 'starting';
}

function running(pod: KubernetesObject, containers: readonly ContainerState[]): PodVerdict {
  if (!isLongRunning(pod)) {
    return { kind: 'running', reason: '', message: podProblem(pod)?.message ?? 'running' };
  }
  if (trueCondition(pod, 'Ready') !== undefined) return { kind: 'succeeded', reason: '', message: 'ready' };
  const crashed = containers.find((container) => !container.init && container.lastTerminated !== undefined);
  if (crashed?.lastTerminated === undefined) return { kind: 'running', reason: '', message: 'running, not ready' };
  const message = `container ${crashed.name} is not ready and ended before with ${describeTermination(crashed.lastTerminated)}`;
  return { kind: 'failed', reason: crashed.lastTerminated.reason, message, container: crashed.name };
}

/** The pod's own reason (Evicted, DeadlineExceeded, a disruption) explains more than the container that it killed. */
function failed(pod: KubernetesObject, containers: readonly ContainerState[]): PodVerdict {
  const blame = failingContainer(containers);
  const end = blame?.terminated;
  const where = blame === undefined ? {} : { container: blame.name };
  const code = end === undefined ? {} : { exitCode: end.exitCode };
  const disruption = trueCondition(pod, 'DisruptionTarget');
  const reason = stringAt(pod, 'status', 'reason') ?? disruption?.reason ?? end?.reason ?? '';
  const own = stringAt(pod, 'status', 'message') ?? disruption?.message ?? '';
  if (own !== '') return { kind: 'failed', reason, message: own, ...where, ...code };
  if (blame === undefined || end === undefined)
    return { kind: 'failed', reason, message: reason || 'failed', ...where };
  const said = end.message === '' ? '' : `: ${end.message}`;
  const name = `${blame.init ? 'init container' : 'container'} ${blame.name}`;
  return {
    kind: 'failed',
    reason,
    message: `${name} failed with ${describeTermination(end)}${said}`,
    ...where,
    ...code,
  };
}

/** Sidecars are killed when the others end, so they are blamed last. */
function failingContainer(containers: readonly ContainerState[]): ContainerState | undefined {
  const nonZero = containers.filter(
    (container) => container.terminated !== undefined && container.terminated.exitCode !== 0,
  );
  return nonZero.find((container) => !container.sidecar) ?? nonZero[0];
}

function endOf(startedAt: string | undefined, containers: readonly ContainerState[]): ReturnType<typeof timesOf> {
  const ends = containers.map((container) => container.terminated?.finishedAt ?? '');
  // RFC 3339 in UTC and whole seconds: the latest is the greatest text.
  return timesOf(
    startedAt,
    ends.reduce((latest, end) => (end > latest ? end : latest), ''),
  );
}
