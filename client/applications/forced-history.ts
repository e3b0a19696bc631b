import type { HistoryEntry } from '../../core/history/history.ts';
import { failureSentence, phaseRecords } from '../../core/history/history.ts';
import { workflowIdOf } from '../../core/markers.ts';
import type { SyncResult } from '../../core/sync/status.ts';
import type { Execution } from '../connection/first-event.ts';
import { readRequest } from '../connection/first-event.ts';
import type { ApplicationNames } from '../line/line.ts';
import { observerOf } from '../following/observation.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/** The most syncs that are looked for. */
const MOST = 20;

/** An entry of a history, and where that stands. */
type PlacedEntry = HistoryEntry & { readonly namespace: string };

/**
 * The syncs of an application that Temporal closed by force, newest first, as its history would have kept them had they come so
 * far; `kept` is what it has. Those that never claimed the record have no number and no place in it. Temporal's list may be a
 * second behind.
 */
export async function endedByForce(
  temporal: Temporal,
  names: ApplicationNames,
  kept: readonly HistoryEntry[],
  signal: AbortSignal,
): Promise<readonly PlacedEntry[]> {
  const known = new Set<unknown>(kept.map(({ syncId }) => syncId));
  const runs = (await closedByForce(temporal, names, signal)).filter(({ syncId }) => !known.has(syncId));
  const entries = await Promise.all(runs.map(({ execution }) => entryOf(temporal, names, execution, signal)));
  return entries.flatMap((entry) => (entry !== undefined && isOfSameLife(entry, kept) ? [entry] : []));
}

/** The count of an application that was deleted and made again begins anew: what was before that is not in its order. */
function isOfSameLife({ number, startedAt }: HistoryEntry, kept: readonly HistoryEntry[]): boolean {
  return kept.every((other) => number < other.number === startedAt < other.startedAt);
}

async function closedByForce(
  temporal: Temporal,
  { cluster, application }: ApplicationNames,
  signal: AbortSignal,
): Promise<readonly { readonly syncId: unknown; readonly execution: Required<Execution> }[]> {
  const workflowId = workflowIdOf(cluster, application);
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus IN ('Terminated', 'TimedOut')`;
  return call(temporal, { signal, timeoutMs: 10_000 }, async () => {
    const found = [];
    for await (const { runId, memo } of temporal.client.workflow.list({ query, pageSize: MOST })) {
      found.push({ syncId: memo?.['syncId'], execution: { workflowId, runId } });
      if (found.length >= MOST) break;
    }
    return found;
  });
}

async function entryOf(
  temporal: Temporal,
  { application }: ApplicationNames,
  execution: Required<Execution>,
  signal: AbortSignal,
): Promise<PlacedEntry | undefined> {
  const [{ result }, request] = await Promise.all([
    observerOf(temporal, application, execution).look(signal),
    readRequest(temporal, execution, signal),
  ]);
  if (result?.number === undefined || request === undefined) return undefined;
  const { createNamespace, options } = request;
  return { ...keptOf(result, result.number), request: { createNamespace, options } };
}

function keptOf(result: SyncResult, number: number): Omit<PlacedEntry, 'request'> {
  const { syncId, namespace, revision, bundle, requestedBy, startedAt, finishedAt, outcome, rollback } = result;
  return {
    ...{ syncId, namespace, number, revision, bundle, requestedBy, startedAt, finishedAt, outcome },
    phases: phaseRecords(result.phases),
    ...failureSentence(result.failures),
    ...(rollback === undefined ? {} : { rollback }),
  };
}
