import { Conflict } from './errors.ts';
import { DEFAULT_SUPERSEDE_MS } from '../core/deadlines.ts';
import type { IfRunning } from '../core/queue/line.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { readRequest } from './first-event.ts';
import type { SyncHandle } from './handle.ts';
import { handleOf, handleOfId } from './temporal-handle.ts';
import { joinLine } from './line.ts';
import { startSync } from './start.ts';
import type { SyncById } from './sync-by-id.ts';
import { syncById } from './sync-by-id.ts';
import type { Connections } from './connections.ts';
import type { Temporal } from './temporal.ts';

/** How a request stands to a sync of its application that runs, and to itself when it is repeated. */
export interface Turn {
  /** @default 'reject' */
  readonly ifRunning?: IfRunning;
  /** How long a sync that is superseded may take to its next safe point before its hooks are stopped, ms; 0 = at once. @default 10 minutes */
  readonly supersedeWithinMs?: number;
  /** Names the request: one that was served, runs or waits already is not begun again. 1 to 40 characters of a-z, 0-9 and -. @default a new ID */
  readonly syncId?: string;
}

/**
 * Begins the sync of a request whose bundle is stored: at once, or in its turn. Throws `AlreadyRunning` where one runs and it is
 * not to wait, and `InvalidRequest` where its ID was used for other manifests.
 */
export async function begin(
  connections: Connections,
  request: SyncRequest,
  turn: Turn,
  signal: AbortSignal,
): Promise<SyncHandle> {
  const { temporal } = connections;
  const { ifRunning = 'reject', supersedeWithinMs: withinMs = DEFAULT_SUPERSEDE_MS } = turn;
  const known = turn.syncId === undefined ? undefined : await knownSync(temporal, request, signal);
  if (known !== undefined) return handleOfId(connections, request, known);
  if (ifRunning === 'reject' || request.options.dryRun) {
    const { workflowId, runId, warnings } = await startSync(temporal, request, signal);
    return handleOf(connections, request, { workflowId, runId }, warnings);
  }
  const warnings = await joinLine(temporal, { request, ifRunning, withinMs }, signal);
  return handleOfId(connections, request, syncById(temporal, request, request.syncId, request), warnings);
}

/** The sync of the request's ID, where there is one. */
async function knownSync(temporal: Temporal, request: SyncRequest, signal: AbortSignal): Promise<SyncById | undefined> {
  const sync = syncById(temporal, request, request.syncId);
  const view = await sync.find(signal);
  if (view === undefined) return undefined;
  const run = await sync.run(signal);
  const asked = run === undefined ? view.status : await readRequest(temporal, run, signal);
  if (asked === undefined || asked.bundle === request.bundle) return sync;
  throw new Conflict(`sync ${request.syncId} of ${request.application} was asked for with other manifests`, {
    remedy: 'give each sync an ID of its own',
  });
}
