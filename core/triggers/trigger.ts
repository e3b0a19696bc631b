import type { ApplicationDefinition } from '../application/application.ts';
import type { Failure } from '../failures.ts';
import { DEFAULT_SYNC_OPTIONS } from '../sync/request.ts';
import type { SyncRequest } from '../sync/request.ts';
import type { Push } from './push.ts';

/** Why an application is to be synced without a person asking for it now. */
export type TriggerCause =
  | { readonly kind: 'push'; readonly push: Push }
  /** `by`: who has set the schedule. */
  | { readonly kind: 'schedule'; readonly by: string; readonly ifRunning: 'queue' | 'supersede' };

/** What starts the sync of an application that is kept. The only input of its workflow. */
export interface Trigger {
  readonly version: 1;
  readonly cluster: string;
  readonly application: string;
  readonly cause: TriggerCause;
  /** Whether Temporal knows Syncline's search attributes. */
  readonly indexed: boolean;
}

/** What became of a trigger. */
export type TriggerOutcome =
  /** Its sync stands in the line of its application, and is started in its turn. */
  | { readonly kind: 'asked'; readonly syncId: string; readonly revision: string; readonly bundle: string }
  /** Nothing is to be done: the manifests are those that were synced last, or that a sync is bringing about. */
  | { readonly kind: 'unchanged'; readonly revision: string; readonly bundle: string; readonly why: string }
  /** The same trigger has come before. */
  | { readonly kind: 'known' }
  | { readonly kind: 'failed'; readonly failures: readonly Failure[] };

/** Who a sync is asked for by, for the record: `github:alice`, `schedule:ana`. */
export function requesterOf(cause: TriggerCause): string {
  return cause.kind === 'push' ? `${cause.push.sender}:${cause.push.by}` : `schedule:${cause.by}`;
}

/** A trigger in words, as people read it in Temporal's UI. */
export function describeCause(cause: TriggerCause): string {
  return cause.kind === 'push' ? `push to ${cause.push.ref.kind} ${cause.push.ref.name}` : 'schedule';
}

/** What was rendered for a trigger. `at` is ms since 1970. */
export interface Rendered {
  readonly syncId: string;
  readonly bundle: string;
  readonly revision: string;
  readonly at: number;
}

/** The request of the sync that a trigger asks for. */
export function requestOfTrigger(
  { cluster, cause, indexed }: Trigger,
  { application, namespace, createNamespace = false, options }: ApplicationDefinition,
  { syncId, bundle, revision, at }: Rendered,
): SyncRequest {
  return {
    ...{ version: 1, syncId, application, cluster, namespace, createNamespace, bundle, revision, indexed },
    ...{ requestedBy: requesterOf(cause), requestedAt: at },
    // Nobody is there to be refused.
    options: { ...DEFAULT_SYNC_OPTIONS, ...options, ifClosed: 'wait' },
  };
}

/** How the sync of a trigger stands to one that runs. */
export function turnOfTrigger(cause: TriggerCause, { onPush }: ApplicationDefinition): 'queue' | 'supersede' {
  return cause.kind === 'push' ? (onPush?.ifRunning ?? 'supersede') : cause.ifRunning;
}
