import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { groupOf } from '../objects.ts';
import { workflowVerdict } from './argo-workflow.ts';
import type { HealthStatus } from './health.ts';
import { jobVerdict } from './job-verdict.ts';
import { podVerdict } from './pod-verdict.ts';
import { healthOf, isBeingDeleted } from './rules.ts';
import type { Verdict, VerdictKind } from './verdict.ts';
import { timesOf } from './verdict.ts';

/** What a sync makes of a hook's live object. */
export interface HookVerdict {
  readonly kind: 'running' | 'succeeded' | 'failed';
  readonly message: string;
  /** A word of Kubernetes', where there is one; `remedyFor` knows many of them. */
  readonly reason?: string;
  /** RFC 3339, where the object says so. */
  readonly startedAt?: string;
  /** RFC 3339, where the object says so; only on final verdicts. */
  readonly finishedAt?: string;
}

const OF_VERDICT: Readonly<Record<VerdictKind, HookVerdict['kind']>> = {
  running: 'running',
  suspended: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  unknown: 'failed',
};

const OF_STATUS: Readonly<Record<HealthStatus, HookVerdict['kind']>> = {
  Healthy: 'succeeded',
  Suspended: 'running',
  Progressing: 'running',
  Missing: 'running',
  Degraded: 'failed',
  Unknown: 'failed',
};

/**
 * What a sync makes of a hook's live object, by the table that Argo CD uses for hooks: Healthy or nothing to judge by
 * has succeeded, Degraded and Unknown have failed, Progressing and Suspended run. A Job, Pod or Argo Workflow that has
 * ended keeps its verdict while it is being deleted: Argo CD needs a finalizer for that.
 */
export function hookVerdict(object: KubernetesObject): HookVerdict {
  const own = ownVerdict(object);
  if (own !== undefined) {
    const kind = OF_VERDICT[own.kind];
    if (kind !== 'running' || !isBeingDeleted(object)) return ofVerdict(kind, own);
  }
  const health = healthOf(object);
  if (health === undefined) return { kind: 'succeeded', message: 'applied; nothing to wait for' };
  return { kind: OF_STATUS[health.status], message: health.message };
}

function ownVerdict(object: KubernetesObject): Verdict | undefined {
  const apiVersion = stringAt(object, 'apiVersion') ?? '';
  const kind = stringAt(object, 'kind');
  if (apiVersion === 'batch/v1' && kind === 'Job') return jobVerdict(object);
  if (apiVersion === 'v1' && kind === 'Pod') return podVerdict(object);
  if (groupOf(apiVersion) === 'argoproj.io' && kind === 'Workflow') return workflowVerdict(object);
  return undefined;
}

function ofVerdict(kind: HookVerdict['kind'], own: Verdict): HookVerdict {
  const reason = own.reason === '' ? {} : { reason: own.reason };
  return { kind, message: own.message, ...reason, ...timesOf(own.startedAt, own.finishedAt) };
}
