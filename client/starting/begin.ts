import { AlreadyRunning, IdReused } from '../errors.ts';
import { DEFAULT_SUPERSEDE_MS } from '../../core/deadlines.ts';
import type { IfRunning } from '../../core/queue/line.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import { readRequest } from '../connection/first-event.ts';
import type { SyncHandle } from '../handle.ts';
import { handleOf, handleOfId } from '../temporal-handle.ts';
import { inLine, joinLine, openLine, readLine, waitingIn } from '../line/line.ts';
import { startSync } from './start.ts';
import { syncById } from '../following/sync-by-id.ts';
import type { Connections } from '../connection/connections.ts';
import type { Temporal } from '../connection/temporal.ts';

/** How a request stands to a sync of its application that runs, and to itself when it is repeated. */
export interface Turn {
  /** @default 'reject' */
  readonly ifRunning?: IfRunning;
  /** How long a sync that is superseded may take to its next safe point before its hooks are stopped, ms; 0 = at once. @default 10 minutes */
  readonly supersedeWithinMs?: number;
  /** Names the request: one that was served, runs or waits already is not begun again. 1 to 40 characters of a-z, 0-9 and -. @default a new ID */
  readonly syncId?: string;
  /** What tells a request that is repeated from another one under the same ID. @default its manifests */
  readonly fingerprint?: string;
}

/**
 * Begins the sync of a request whose bundle is stored: at once, or in its turn. Throws `AlreadyRunning` where another one runs and
 * it is not to wait.
 */
export async function begin(
  connections: Connections,
  request: SyncRequest,
  turn: Turn,
  signal: AbortSignal,
): Promise<SyncHandle> {
  const { temporal } = connections;
  const { ifRunning = 'reject', supersedeWithinMs: withinMs = DEFAULT_SUPERSEDE_MS } = turn;
  if (ifRunning === 'reject' || request.options.dryRun) {
    if (!request.options.dryRun) await checkLine(temporal, request, signal);
    try {
      const { workflowId, runId, warnings } = await startSync(temporal, request, signal);
      return { ...handleOf(connections, request, { workflowId, runId }, warnings), syncId: request.syncId };
    } catch (error) {
      // The one that runs may be of the same request, which was sent twice at once.
      const known =
        error instanceof AlreadyRunning ? await servedBefore(connections, request, turn, signal) : undefined;
      if (known !== undefined) return known;
      throw error;
    }
  }
  const named = turn.syncId === undefined ? {} : { named: true };
  const warnings = await joinLine(temporal, { request, ifRunning, withinMs, ...named }, signal);
  return handleOfId(connections, request, syncById(temporal, request, request.syncId, request), warnings);
}

/** One that does not wait is not to slip in before those that do, in the moment between two syncs. Throws `AlreadyRunning`. */
async function checkLine(temporal: Temporal, request: SyncRequest, signal: AbortSignal): Promise<void> {
  const line = await openLine(temporal, request, signal);
  const [first, ...more] = inLine(line);
  if (first === undefined && line !== 'unanswered') return;
  const whom = first === undefined ? '' : `: revision ${first.revision} of ${first.requestedBy} (sync ${first.syncId})`;
  const others = more.length === 0 ? '' : `, and ${String(more.length)} more`;
  const { application } = request;
  throw new AlreadyRunning(`others wait for their turn to sync ${application}${whom}${others}`, {
    remedy: `wait behind them with --if-running queue, take their place with --if-running supersede, or see them with \`syncline list\``,
  });
}

/**
 * The sync of a request that names itself and was served before, runs or waits already; undefined for a new one. Throws `IdReused`
 * where its ID was used for another request, and `TemporalUnreachable` where no worker tells who waits.
 */
export async function servedBefore(
  connections: Connections,
  request: SyncRequest,
  { syncId }: Turn,
  signal: AbortSignal,
): Promise<SyncHandle | undefined> {
  if (syncId === undefined) return undefined;
  const { temporal } = connections;
  const sync = syncById(temporal, request, syncId);
  const view = await sync.find(signal);
  // One that was lost is asked for again.
  if (view === undefined || view.result?.failures[0]?.type === 'RequestLost') return undefined;
  const run = await sync.run(signal);
  const asked =
    run === undefined ? await waitingRequest(temporal, request, signal) : await readRequest(temporal, run, signal);
  if (asked === undefined || isSame(asked, request)) return handleOfId(connections, request, sync);
  throw new IdReused(`sync ${syncId} of ${request.application} was asked for with other manifests or options`, {
    remedy: 'give each sync an ID of its own',
  });
}

async function waitingRequest(
  temporal: Temporal,
  request: SyncRequest,
  signal: AbortSignal,
): Promise<SyncRequest | undefined> {
  const line = await readLine(temporal, request, signal);
  return waitingIn(line).find((waiting) => waiting.request.syncId === request.syncId)?.request;
}

function isSame(one: SyncRequest, other: SyncRequest): boolean {
  return other.fingerprint === undefined ? one.bundle === other.bundle : one.fingerprint === other.fingerprint;
}
