import type { ObjectDifference, SyncDiff } from '../../core/diff/sync-diff.ts';
import { differs } from '../../core/diff/sync-diff.ts';
import { SynclineError } from '../../core/failures.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { isOver } from '../following/view.ts';
import type { SyncStateReport } from './sync-state-report.ts';
import type { SynclineClient } from '../syncline-client.ts';

/** How long a comparison may take, ms: whoever asks how things stand does not want to wait. */
const PATIENCE_MS = 10_000;

/**
 * Compares an application with the manifests of its latest sync, by a dry run. Fields that other managers have taken over
 * count as differing. Where that can't be told (a sync runs, no worker, not in time) the reason is told instead.
 */
export async function syncStateOf(
  client: Pick<SynclineClient, 'diff' | 'handle' | 'latestOrder' | 'workers'>,
  names: { readonly application: string; readonly cluster: string },
  signal: AbortSignal,
): Promise<SyncStateReport> {
  const { application, cluster } = names;
  const late = AbortSignal.timeout(PATIENCE_MS);
  const both = AbortSignal.any([signal, late]);
  try {
    const { status } = await client.handle(application, { cluster }).status({ signal: both });
    if (!isOver(status)) return unknown('a sync is running');
    if ((await client.workers({ signal: both })).length === 0) return unknown('no worker answers');
    const { options, ...order } = await client.latestOrder(application, { cluster, signal: both });
    const { selection: _part, from: _place, timeoutMs: _limit, ...told } = options ?? {};
    const asked = { ...order, options: { ...told, prune: false, forceConflicts: true, validate: true } };
    const { diff, view } = await client.diff(asked, { signal: both });
    if (diff !== undefined) return reportOf(diff);
    return unknown(view.status.failures[0]?.message ?? 'the comparison failed');
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return unknown(`the comparison took longer than ${String(PATIENCE_MS / 1000)} s`);
    if (error instanceof SynclineError) return unknown(error.failures[0].message);
    throw error;
  }
}

function unknown(reason: string): SyncStateReport {
  return { state: 'unknown', reason };
}

function reportOf({ counts, objects }: SyncDiff): SyncStateReport {
  if (!differs(counts)) return { state: 'in-sync' };
  const refs = (...kinds: readonly ObjectDifference['kind'][]): readonly ObjectRef[] =>
    objects.filter(({ kind }) => kinds.includes(kind)).map(({ ref }) => ref);
  return {
    state: 'out-of-sync',
    differing: refs('changed', 'remade', 'unpredicted'),
    missing: refs('added'),
    extra: refs('extra', 'removed'),
  };
}
