import type { WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { AWAITING_APPROVAL, AWAITING_WINDOW, HOLDING, SEARCH_ATTRIBUTES } from '../../core/sync/search-attributes.ts';
import { listQueued } from './queued-listing.ts';
import type { ListedWait, SyncListing } from './sync-listing.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';
import { withEndOfWait } from './waiting-listing.ts';

/** What is to be listed. */
export interface ListOptions {
  readonly cluster?: string;
  readonly application?: string;
  /** Which applications are to be listed besides. @default all */
  readonly includes?: (names: Pick<SyncListing, 'cluster' | 'application'>) => boolean;
  /** The most syncs to list. @default 100 */
  readonly limit?: number;
  /** Only the newest sync of each application. @default true */
  readonly newestOnly?: boolean;
  readonly signal?: AbortSignal;
}

const OUTCOME_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.outcome, 'KEYWORD');

const PHASE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase, 'KEYWORD');

const ID = /^sync\/([^/]+)\/([^/]+)$/;

/** The syncs that Temporal's visibility knows: those that wait for their turn, then the others, newest first. It may be a second behind. */
export async function listSyncs(temporal: Temporal, options: ListOptions): Promise<readonly SyncListing[]> {
  const { limit = 100, newestOnly = true, signal = new AbortController().signal } = options;
  const found: SyncListing[] = [];
  const seen = new Set<string>();
  await call(temporal, { signal, timeoutMs: 20_000 }, async () => {
    for await (const info of temporal.client.workflow.list({
      query: "WorkflowType = 'syncApplication' AND WorkflowId STARTS_WITH 'sync/'",
      pageSize: 200,
    })) {
      const listing = listingOf(info);
      if (listing === undefined || !matches(listing, options)) continue;
      if (newestOnly && seen.has(listing.workflowId)) continue;
      seen.add(listing.workflowId);
      found.push(listing);
      if (found.length >= limit) return;
    }
  });
  const queued = (await listQueued(temporal, signal)).filter((listing) => matches(listing, options));
  const running = await Promise.all(found.map((listing) => withEndOfWait(temporal, listing, signal)));
  return [...queued, ...running.sort((a, b) => b.startedAt - a.startedAt)].slice(0, limit);
}

function matches(listing: SyncListing, { cluster, application, includes }: ListOptions): boolean {
  return (
    (cluster ?? listing.cluster) === listing.cluster &&
    (application ?? listing.application) === listing.application &&
    (includes?.(listing) ?? true)
  );
}

function listingOf(info: WorkflowExecutionInfo): SyncListing | undefined {
  const [, cluster, application] = ID.exec(info.workflowId) ?? [];
  if (cluster === undefined || application === undefined) return undefined;
  const memo = (name: string): string => {
    const value = info.memo?.[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    application,
    cluster,
    namespace: memo('namespace'),
    syncId: memo('syncId'),
    revision: memo('revision'),
    requestedBy: memo('requestedBy'),
    ...(memo('selection') === '' ? {} : { selection: memo('selection') }),
    outcome: outcomeOf(info),
    ...(outcomeOf(info) === 'Running' ? waitOf(info) : {}),
    startedAt: info.startTime.getTime(),
    ...(info.closeTime === undefined ? {} : { finishedAt: info.closeTime.getTime() }),
    workflowId: info.workflowId,
    runId: info.runId,
  };
}

/** What the phase attribute says where it names no phase. */
const WAITS: ReadonlyMap<unknown, ListedWait['for']> = new Map([
  [AWAITING_APPROVAL, 'approval'],
  [HOLDING, 'decision'],
  [AWAITING_WINDOW, 'window'],
]);

function waitOf({ typedSearchAttributes }: WorkflowExecutionInfo): Pick<SyncListing, 'waits'> {
  const waits = WAITS.get(typedSearchAttributes.get(PHASE_KEY));
  return waits === undefined ? {} : { waits: { for: waits } };
}

function outcomeOf(info: WorkflowExecutionInfo): SyncListing['outcome'] {
  switch (info.status.name) {
    case 'RUNNING':
    case 'PAUSED':
    case 'CONTINUED_AS_NEW':
      return 'Running';
    case 'COMPLETED':
      return 'Succeeded';
    case 'CANCELLED':
    case 'TERMINATED':
      return 'Aborted';
    default: {
      const told = info.typedSearchAttributes.get(OUTCOME_KEY);
      return told === 'Aborted' || told === 'Superseded' ? told : 'Failed';
    }
  }
}
