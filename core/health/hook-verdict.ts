import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { groupOf } from '../objects.ts';
import { workflowVerdict } from './argo-workflow.ts';
import type { Health, HealthFacts, HealthStatus } from './health.ts';
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

const OF_STATUS: Readonly<Record<HealthStatus | '', HookVerdict['kind']>> = {
  '': 'succeeded',
  Healthy: 'succeeded',
  Suspended: 'running',
  Progressing: 'running',
  Missing: 'running',
  Degraded: 'failed',
  Unknown: 'failed',
};

/**
 * What a sync makes of a hook's live object, by the table that Argo CD uses for hooks: Healthy or nothing to judge by
 * has succeeded, Degraded and Unknown have failed, Progressing and Suspended run. One whose end a configured check tells, and
 * a Job, Pod or Argo Workflow that has ended, keep their verdict while they are being deleted: Argo CD needs a finalizer for that.
 */
export function hookVerdict(object: KubernetesObject, facts: HealthFacts = {}): HookVerdict {
  const own = facts.custom === undefined ? ownVerdict(object) : ofHealth(facts.custom);
  if (own !== undefined && (own.kind !== 'running' || !isBeingDeleted(object))) return own;
  const health = healthOf(object, facts);
  if (health === undefined) return { kind: 'succeeded', message: 'applied; nothing to wait for' };
  return ofHealth(health);
}

function ofHealth({ status, message }: Health): HookVerdict {
  return { kind: OF_STATUS[status], message };
}

function ownVerdict(object: KubernetesObject): HookVerdict | undefined {
  const apiVersion = stringAt(object, 'apiVersion') ?? '';
  const kind = stringAt(object, 'kind');
  if (apiVersion === 'batch/v1' && kind === 'Job') return ofVerdict(jobVerdict(object));
  if (apiVersion === 'v1' && kind === 'Pod') return ofVerdict(podVerdict(object));
  if (groupOf(apiVersion) === 'argoproj.io' && kind === 'Workflow') return ofVerdict(workflowVerdict(object));
  return undefined;
}

function ofVerdict(own: Verdict): HookVerdict {
  const reason = own.reason === '' ? {} : { reason: own.reason };
  return { kind: OF_VERDICT[own.kind], message: own.message, ...reason, ...timesOf(own.startedAt, own.finishedAt) };
}
