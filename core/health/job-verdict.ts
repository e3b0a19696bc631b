import { booleanAt, numberAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { describeCondition, trueCondition } from './conditions.ts';
import type { Health } from './health.ts';
import { healthOfVerdict } from './verdict-health.ts';
import type { Verdict } from './verdict.ts';
import { countOf, timesOf } from './verdict.ts';

/** Where a Job has got to. */
export type JobVerdict = Verdict<'running' | 'succeeded' | 'failed' | 'suspended'>;

/**
 * Where a batch/v1 Job has got to. Only the conditions Complete and Failed with status True are final: pods may still
 * run under SuccessCriteriaMet and FailureTarget, and retries and `backoffLimit` are the Job controller's business.
 */
export function jobVerdict(object: KubernetesObject): JobVerdict {
  const startedAt = stringAt(object, 'status', 'startTime');
  const failed = trueCondition(object, 'Failed');
  if (failed !== undefined) {
    const message = `${describeCondition(failed)} (${countOf(podCount(object, 'failed'), 'pod')} failed)`;
    return { kind: 'failed', reason: failed.reason, message, ...timesOf(startedAt, failed.lastTransitionTime) };
  }
  const complete = trueCondition(object, 'Complete');
  if (complete !== undefined) {
    const finishedAt = stringAt(object, 'status', 'completionTime') ?? complete.lastTransitionTime;
    const message = `${countOf(podCount(object, 'succeeded'), 'pod')} succeeded`;
    return { kind: 'succeeded', reason: complete.reason, message, ...timesOf(startedAt, finishedAt) };
  }
  if (isSuspended(object)) {
    return { kind: 'suspended', reason: 'Suspended', message: 'suspended; it starts once spec.suspend is false' };
  }
  return unfinished(object, startedAt);
}

/**
 * Health of a batch/v1 Job. Differs from Argo CD's `health_job.go`, which calls a resumed Job (a lingering
 * Suspended=False condition) Healthy: it is Progressing here.
 */
export function jobHealth(object: KubernetesObject): Health {
  return healthOfVerdict(jobVerdict(object));
}

/** `spec.suspend` is what was asked for; the condition follows it a moment later, in both directions. */
function isSuspended(object: KubernetesObject): boolean {
  const asked = booleanAt(object, 'spec', 'suspend');
  return asked ?? trueCondition(object, 'Suspended') !== undefined;
}

function unfinished(object: KubernetesObject, startedAt: string | undefined): JobVerdict {
  const target = trueCondition(object, 'FailureTarget') ?? trueCondition(object, 'SuccessCriteriaMet');
  if (target !== undefined) {
    const outcome = target.type === 'FailureTarget' ? 'about to fail' : 'about to succeed';
    const message = `${outcome}, waiting for its pods to end: ${describeCondition(target)}`;
    return { kind: 'running', reason: target.reason, message, ...timesOf(startedAt) };
  }
  return { kind: 'running', reason: '', message: progress(object), ...timesOf(startedAt) };
}

function progress(object: KubernetesObject): string {
  const active = podCount(object, 'active');
  const ready = podCount(object, 'ready');
  const failed = podCount(object, 'failed');
  const parts = [
    active === 0 ? 'no pod is active' : `${countOf(active, 'pod')} active${ready < active ? `, ${ready} ready` : ''}`,
    ...wanted(object),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  return parts.join(', ');
}

function wanted(object: KubernetesObject): readonly string[] {
  const completions = numberAt(object, 'spec', 'completions') ?? 1;
  return completions === 1 ? [] : [`${podCount(object, 'succeeded')} of ${completions} succeeded`];
}

function podCount(object: KubernetesObject, field: 'active' | 'ready' | 'failed' | 'succeeded'): number {
  return numberAt(object, 'status', field) ?? 0;
}
