import type { Failure } from '../failures.ts';
import { initialStatus } from '../sync/initial-status.ts';
import type { Queued, SyncResult, SyncStatus } from '../sync/status.ts';
import type { Departed, Line } from './line.ts';

/** The status of a request that waits; undefined where it does not. `behind` is the sync that runs. */
export function statusInLine(line: Line, syncId: string, behind: Queued['behind']): SyncStatus | undefined {
  const before = line.waiting.findIndex(({ request }) => request.syncId === syncId);
  const waiting = line.waiting[before];
  if (waiting === undefined) return undefined;
  const { request, since, ifRunning } = waiting;
  const queued: Queued = { since, before, ifRunning, ...(behind === undefined ? {} : { behind }) };
  return { ...initialStatus(request, since), state: 'queued', queued };
}

/** The result of a request that has left the line without being started: nothing was changed. */
export function resultInLine(departed: Exclude<Departed, { readonly kind: 'started' }>): SyncResult {
  const { waiting, at } = departed;
  const { request, since } = waiting;
  const status = initialStatus(request, since);
  const ended = { finishedAt: at, counts: { applied: 0, unchanged: 0, pruned: 0, hooks: 0 } };
  if (departed.kind === 'superseded') {
    const { syncId, revision, requestedBy } = departed.by;
    const message = `the sync of ${request.application} was superseded by revision ${revision} (sync ${syncId}) of ${requestedBy} before it began`;
    return {
      ...{ ...status, ...ended, state: 'superseded', outcome: 'Superseded' },
      failures: [{ type: 'Superseded', message }],
      supersededBy: { syncId, revision, by: requestedBy, at, withinMs: 0 },
    };
  }
  if (departed.kind === 'lost') {
    const message = `the request for this sync of ${request.application} was lost before it began: the line that it waited in was ${departed.how}`;
    const lost: Failure = { type: 'RequestLost', message, remedy: 'ask for the sync again; nothing of it was done' };
    return { ...status, ...ended, state: 'aborted', outcome: 'Aborted', failures: [lost] };
  }
  const reason = departed.reason === undefined ? '' : `: ${departed.reason}`;
  const message = `the sync of ${request.application} was withdrawn by ${departed.by} before it began${reason}`;
  return { ...status, ...ended, state: 'aborted', outcome: 'Aborted', failures: [{ type: 'Aborted', message }] };
}
