import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf, labelsOf, uidOf } from '../objects.ts';
import { ATTEMPT_LABEL, GATE_ANNOTATION, OWNER_ANNOTATION, PHASE_LABEL, SYNC_LABEL } from '../markers.ts';
import { hookVerdict } from '../health/hook-verdict.ts';
import type { CompactHook } from '../sync/compact-plan.ts';

/** What identifies one attempt of one hook on its object. */
export interface AttemptMark {
  readonly owner: string;
  readonly syncId: string;
  readonly phase: string;
  readonly attempt: number;
}

/** What stands under a hook's name before its attempt begins, and so what to do about it. */
export type LiveHook =
  /** Nothing: create it. */
  | { readonly kind: 'absent' }
  /** The object of this very attempt: use it. */
  | { readonly kind: 'own'; readonly live: KubernetesObject }
  /** Over, or never started: delete it first. */
  | { readonly kind: 'replace'; readonly live: KubernetesObject }
  /** Being deleted: wait until it is gone. */
  | { readonly kind: 'leaving'; readonly live: KubernetesObject }
  /** A kind without an end that is to be kept: apply over it. */
  | { readonly kind: 'keep'; readonly live: KubernetesObject }
  /** Runs for somebody else: it is never stopped for our sake. */
  | { readonly kind: 'running'; readonly live: KubernetesObject };

/** Classifies the live object of a hook's name. */
export function classifyLiveHook(live: KubernetesObject | undefined, hook: CompactHook, mark: AttemptMark): LiveHook {
  if (live === undefined) return { kind: 'absent' };
  if (stringAt(live, 'metadata', 'deletionTimestamp') !== undefined) return { kind: 'leaving', live };
  if (isOfAttempt(live, mark)) return { kind: 'own', live };
  if (annotationsOf(live)[GATE_ANNOTATION] !== undefined) return { kind: 'replace', live };
  if (isKept(hook)) return { kind: 'keep', live };
  if (!hook.runsToCompletion) return { kind: 'replace', live };
  return { kind: hookVerdict(live).kind === 'running' ? 'running' : 'replace', live };
}

/** Whether a hook's object outlives its sync and is applied over by the next one: a kind without an end, and no BeforeHookCreation. */
export function isKept(hook: CompactHook): boolean {
  return !hook.runsToCompletion && !hook.deletePolicies.includes('BeforeHookCreation');
}

/** Whether an object was made for this very attempt. */
export function isOfAttempt(live: KubernetesObject, mark: AttemptMark): boolean {
  const labels = labelsOf(live);
  return (
    uidOf(live) !== '' &&
    annotationsOf(live)[OWNER_ANNOTATION] === mark.owner &&
    labels[SYNC_LABEL] === mark.syncId &&
    labels[PHASE_LABEL] === mark.phase &&
    labels[ATTEMPT_LABEL] === String(mark.attempt)
  );
}
