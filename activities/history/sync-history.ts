import type { BundleStore } from '../../bundles/bundle-store.ts';
import { failure } from '../../core/failures.ts';
import type { HistoryEntry, SyncHistory } from '../../core/history/history.ts';
import { parseHistory, recorded } from '../../core/history/history.ts';
import { historyName, historyReference } from '../../core/markers.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { KeepingCluster, KeptText } from '../kept/kept-text.ts';
import { changeKept, readKept, refOfKept } from '../kept/kept-text.ts';

/** Whose history: it stands beside the application's record. */
export interface HistoryOwner {
  readonly application: string;
  readonly namespace: string;
  /** The cluster's name, and the ID of the Temporal that knows it so, for the references of the bundle store. */
  readonly cluster: string;
  readonly temporal: string;
}

/** What is kept of an application's syncs; undefined where there is nothing. Throws `InvalidRequest` for what it can't read. */
export async function readHistory(
  cluster: Pick<Cluster, 'get'>,
  owner: Pick<HistoryOwner, 'application' | 'namespace'>,
  signal: AbortSignal,
): Promise<SyncHistory | undefined> {
  const kept = keptHistory(owner);
  return parsed(await readKept(cluster, kept, signal), kept);
}

/**
 * Keeps one sync in the history, and its bundle in the store for as long as it is there; what falls out is let go of. Doing it again
 * changes nothing. A bundle that the store does not have is no reason to lose the rest. Answers the history.
 */
export async function keepInHistory(
  cluster: KeepingCluster,
  store: BundleStore,
  owner: HistoryOwner,
  entry: HistoryEntry,
  signal: AbortSignal,
): Promise<SyncHistory> {
  if (await store.has(entry.bundle, signal)) {
    await store.refer(historyReference(owner, entry.syncId), [entry.bundle], signal);
  }
  const kept = keptHistory(owner);
  const text = await changeKept(
    cluster,
    kept,
    (before) => JSON.stringify(recorded(parsed(before, kept), entry)),
    signal,
  );
  const history = parsed(text, kept) ?? { version: 1, entries: [] };
  await releaseFallen(store, owner, history, signal);
  return history;
}

/** Removes the history and lets its bundles go. */
export async function removeHistory(
  cluster: Pick<Cluster, 'delete'>,
  store: BundleStore,
  owner: HistoryOwner,
  signal: AbortSignal,
): Promise<void> {
  await cluster.delete(refOfKept(keptHistory(owner)), { propagation: 'Background' }, signal);
  await releaseFallen(store, owner, { version: 1, entries: [] }, signal);
}

async function releaseFallen(
  store: BundleStore,
  owner: HistoryOwner,
  { entries }: SyncHistory,
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(entries.map(({ syncId }) => historyReference(owner, syncId)));
  for (const reference of await store.references(historyReference(owner, ''), signal)) {
    // Another Temporal that shares the store may know another cluster by this name.
    const isOurs = reference.owner === owner.temporal;
    if (isOurs && !wanted.has(reference.name)) await store.releaseUnchanged(reference, signal);
  }
}

function keptHistory({ application, namespace }: Pick<HistoryOwner, 'application' | 'namespace'>): KeptText {
  return { application, namespace, name: historyName(application), role: 'history' };
}

function parsed(text: string | undefined, kept: KeptText): SyncHistory | undefined {
  try {
    return parseHistory(text);
  } catch (error) {
    const name = `${kept.namespace}/${kept.name}`;
    const why = error instanceof Error ? error.message : String(error);
    throw failure(
      'InvalidRequest',
      `the history ConfigMap ${name} can't be read: ${why}`,
      {
        object: `ConfigMap ${name}`,
        remedy: 'use a Syncline of the version that wrote it, or delete it: nothing but the history is lost',
      },
      { cause: error },
    );
  }
}
