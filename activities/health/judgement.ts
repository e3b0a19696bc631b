import { ARGO_KEYS } from '../../core/annotations/keys.ts';
import type { Health } from '../../core/health/health.ts';
import type { PodProblem } from '../../core/health/pod-problem.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { annotationsOf, uidOf } from '../../core/objects.ts';
import type { PruneStep } from '../../core/plan/plan.ts';
import type { StoredApply } from '../../core/sync/stored-plan.ts';

/** An object whose end is waited for: an applied one's health, a pruned one's absence. */
export type Subject =
  | {
      readonly kind: 'applied';
      readonly step: StoredApply;
      /** The object as it was sent. */
      readonly desired: KubernetesObject;
    }
  | { readonly kind: 'pruned'; readonly step: PruneStep };

/** What a live object says of a subject. */
export type Judgement =
  | { readonly kind: 'done' }
  | { readonly kind: 'waiting'; readonly status: string; readonly message: string }
  /** `problem`: what keeps its pods from running, where that is the reason. */
  | { readonly kind: 'degraded'; readonly message: string; readonly problem?: PodProblem }
  | { readonly kind: 'missing' };

/** A live object and what is said of its health; undefined where there is nothing to judge by. */
export interface LiveHealth {
  readonly object: KubernetesObject;
  readonly health: Health | undefined;
}

/** One look at a subject. */
export interface Look {
  readonly subject: Subject;
  readonly live: KubernetesObject | undefined;
  readonly judgement: Judgement;
}

/**
 * Judges a subject by its live object (undefined: there is none). In the last wave of a sync nothing waits for a resource
 * that is Suspended, or that carries Argo CD's `ignore-healthcheck`; before that waves gate on it, as in Argo CD.
 */
export function judge(subject: Subject, live: LiveHealth | undefined, last: boolean): Judgement {
  switch (subject.kind) {
    case 'applied':
      return last && isIgnored(subject.desired) ? { kind: 'done' } : judgeApplied(live, last);
    case 'pruned':
      return judgePruned(subject.step, live);
  }
}

/** The reference of a subject's object. */
export function refOfSubject({ step }: Subject): ObjectRef {
  const { apiVersion, kind, namespace, name } = step;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

function isIgnored(desired: KubernetesObject): boolean {
  return annotationsOf(desired)[ARGO_KEYS.ignoreHealthcheck] === 'true';
}

function judgeApplied(live: LiveHealth | undefined, last: boolean): Judgement {
  if (live === undefined) return { kind: 'missing' };
  const health: Health = live.health ?? { status: 'Healthy', message: '' };
  switch (health.status) {
    case 'Healthy':
      return { kind: 'done' };
    case 'Missing':
      return { kind: 'missing' };
    case 'Degraded':
      return { kind: 'degraded', message: health.message };
    case 'Suspended':
      return last ? { kind: 'done' } : { kind: 'waiting', ...health };
    case 'Progressing':
    case 'Unknown':
      return { kind: 'waiting', ...health };
    case '':
      return { kind: 'waiting', status: 'no status', message: health.message };
  }
}

function judgePruned(step: PruneStep, live: LiveHealth | undefined): Judgement {
  if (live === undefined || uidOf(live.object) !== step.uid) return { kind: 'done' };
  const message = live.health?.message ?? '';
  return { kind: 'waiting', status: 'Terminating', message: message === '' ? 'not gone yet' : message };
}
