import type { PhaseStatus, HookStatus, SyncState, SyncStatus, WaveStatus } from '../sync/status.ts';
import type { FailedHook, Notification, NotificationKind } from './notification.ts';
import { MOST_FAILURES } from './notification.ts';

/** What is told, before it has a name. */
export type Event = Omit<Notification, 'id'>;

/** What a change of a sync's status is told as; nothing for most changes. `at` in ms since 1970. */
export function eventsOf(before: SyncStatus, after: SyncStatus, at: number): readonly Event[] {
  const kind = before.state === after.state ? begun(before, after) : ending(after.state);
  const told = kind === undefined ? [] : [eventOf(kind, after, at)];
  return [...gatesReached(before, after).map((reached) => approvalOf(reached, after, at)), ...told];
}

/** A sync has begun once its record is claimed: before that it has no number, and may still be refused. */
function begun(before: SyncStatus, after: SyncStatus): NotificationKind | undefined {
  return before.number === undefined && after.number !== undefined ? 'started' : undefined;
}

function ending(state: SyncState): NotificationKind | undefined {
  switch (state) {
    case 'holding':
      return 'held';
    case 'succeeded':
    case 'failed':
    case 'aborted':
    case 'superseded':
      return state;
    case 'queued':
    case 'planning':
    case 'running':
      return undefined;
  }
}

function eventOf(kind: NotificationKind, status: SyncStatus, at: number): Event {
  const { application, cluster, namespace, syncId, number, revision, requestedBy, startedAt, hold } = status;
  const { supersededBy } = status;
  return {
    version: 1,
    kind,
    at,
    ...{ application, cluster, namespace, syncId, revision, requestedBy, startedAt },
    operation: operationOf(status),
    failures: status.failures.slice(0, MOST_FAILURES),
    failedHooks: failedHooksOf(status.phases).slice(0, MOST_FAILURES),
    ...(number === undefined ? {} : { number }),
    ...(hold === undefined ? {} : { waitsMs: hold.deadlineMs }),
    ...(kind === 'superseded' && supersededBy !== undefined ? { supersededBy } : {}),
  };
}

function operationOf({ operation, rollback }: SyncStatus): Notification['operation'] {
  if (operation === 'delete') return 'deletion';
  return rollback === undefined ? 'sync' : 'rollback';
}

function failedHooksOf(phases: readonly PhaseStatus[]): readonly FailedHook[] {
  // What a SyncFail hook says is no cause of the failure it was run for.
  const steps = phases
    .filter(({ phase }) => phase !== 'SyncFail')
    .flatMap(({ waves }) => waves.flatMap(({ steps }) => steps));
  const failed = steps.filter((step): step is HookStatus => step.kind === 'hook' && step.state === 'failed');
  return failed.map(({ ref, evidence }) => ({ ref, ...(evidence === undefined ? {} : { evidence }) }));
}

type Reached = Pick<PhaseStatus, 'phase'> & Pick<WaveStatus, 'wave' | 'approval'>;

function gatesReached(before: SyncStatus, after: SyncStatus): readonly Reached[] {
  const known = new Set(waitingIn(before).map(({ phase, wave }) => `${phase}/${String(wave)}`));
  return waitingIn(after).filter(({ phase, wave }) => !known.has(`${phase}/${String(wave)}`));
}

function waitingIn({ phases }: SyncStatus): readonly Reached[] {
  return phases.flatMap(({ phase, waves }) =>
    waves
      .filter(({ approval }) => approval?.state === 'waiting')
      .map(({ wave, approval }) => ({ phase, wave, ...(approval === undefined ? {} : { approval }) })),
  );
}

function approvalOf({ phase, wave, approval }: Reached, status: SyncStatus, at: number): Event {
  const waits = approval === undefined ? {} : { waitsMs: approval.deadlineMs };
  return {
    ...eventOf('approval', status, at),
    ...waits,
    gate: { phase, wave, reasons: approval?.reasons ?? [] },
  };
}
