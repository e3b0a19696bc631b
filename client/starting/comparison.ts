import type { BundleStore } from '../../bundles/bundle-store.ts';
import type { SyncDiff } from '../../core/diff/sync-diff.ts';
import { workflowIdOf } from '../../core/markers.ts';
import { syncReference } from '../../core/retention/references.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Connections } from '../connection/connections.ts';
import { Conflict, NotFound } from '../errors.ts';
import { readRequest } from '../connection/first-event.ts';
import type { SyncOrder } from './request.ts';
import { startSync } from './start.ts';
import { handleOf } from '../temporal-handle.ts';
import type { Temporal } from '../connection/temporal.ts';
import type { SyncView } from '../following/view.ts';

/** What a dry run found. */
export interface Comparison {
  /** The dry run at its end; its `result` says whether the API server accepts all of it. */
  readonly view: SyncView;
  /** What a sync would change; absent where the dry run failed. */
  readonly diff?: SyncDiff;
  /** What was noteworthy at its start. */
  readonly warnings: readonly string[];
}

/** Runs the dry run of a request whose bundle is stored, to its end, and reads what it found. */
export async function compared(
  connections: Connections,
  request: SyncRequest,
  signal: AbortSignal,
): Promise<Comparison> {
  const store = connections.bundles();
  try {
    const { workflowId, runId, warnings } = await startSync(connections.temporal, request, signal);
    const handle = handleOf(connections, request, { workflowId, runId }, warnings);
    const { diff } = await handle.result({ signal });
    const view = await handle.status({ signal });
    if (diff === undefined) return { view, warnings };
    return { view, warnings, diff: await readDiff(store, diff.digest, signal) };
  } finally {
    // Nobody asks for it again: kept references of dry runs would only grow in number.
    await releaseAll(store, request).catch(() => undefined);
  }
}

/** A reference that could not be removed costs a little room, and is not worth more waiting, ms. */
const RELEASE_MS = 2_000;

async function releaseAll(store: BundleStore, request: SyncRequest): Promise<void> {
  const signal = AbortSignal.timeout(RELEASE_MS);
  const plans = await store.references(`${syncReference(request)}/`, signal);
  for (const name of [syncReference(request), ...plans.map((plan) => plan.name)]) await store.release(name, signal);
}

async function readDiff(store: BundleStore, digest: string, signal: AbortSignal): Promise<SyncDiff> {
  return JSON.parse(new TextDecoder().decode(await store.get(digest, signal))) as SyncDiff;
}

/** The order that would compare an application with the manifests of its latest sync. Throws `InvalidRequest` where it has none. */
export async function orderOfLatestSync(
  temporal: Temporal,
  names: { readonly application: string; readonly cluster: string },
  signal: AbortSignal,
): Promise<SyncOrder> {
  const { application, cluster } = names;
  const request = await readRequest(temporal, { workflowId: workflowIdOf(cluster, application) }, signal);
  if (request === undefined) {
    throw new NotFound(`there is no sync of ${application} to compare the cluster with`, {
      remedy: 'give the manifests to compare it with, or the --cluster it was synced to',
    });
  }
  if (request.deletion !== undefined) {
    throw new Conflict(`what was done with ${application} last is its deletion, so there is no sync to compare with`, {
      remedy: 'give the manifests to compare it with',
    });
  }
  const { namespace, createNamespace, bundle, revision, requestedBy, options } = request;
  return { application, cluster, namespace, createNamespace, bundle, revision, requestedBy, options };
}
