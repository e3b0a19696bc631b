import type { ContainerEvidence, EventEvidence, HookEvidence } from '../../core/evidence/evidence.ts';
import { titleOf, uidOf } from '../../core/objects.ts';
import type { HookProgress } from '../../core/sync/progress.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { eventsFor, podsOf } from '../../kubernetes/logs-and-events.ts';
import type { Connections } from '../connection/connections.ts';
import { Conflict } from '../errors.ts';
import { keptEvidence } from './evidence.ts';
import type { PlacedHook } from './hook-selection.ts';
import { selectHook } from './hook-selection.ts';
import type { ContainerLog } from './pod-logs.ts';
import { podLogs } from './pod-logs.ts';
import type { SyncView } from '../following/view.ts';

/** Which of a hook's logs are meant. */
export interface LogOptions {
  /** An earlier attempt, from 1. @default the latest */
  readonly attempt?: number;
  /** Only this container. @default all */
  readonly container?: string;
  /** The most lines of each container while the hook runs. @default 2000 */
  readonly tail?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** A hook's log: as its pods have it while it runs, or as it was kept. */
export type HookLog =
  | {
      readonly live: true;
      readonly attempt: number;
      /** What the hook does, in words. */
      readonly state: string;
      readonly containers: readonly ContainerLog[];
    }
  | {
      readonly live: false;
      readonly attempt: number;
      /** How the attempt ended, in a sentence. */
      readonly message: string;
      readonly containers: readonly ContainerEvidence[];
    };

/** What Kubernetes said of a hook and its pods, oldest first. */
export interface HookEvents {
  readonly live: boolean;
  readonly events: readonly EventEvidence[];
}

/**
 * The log of a hook that a person names (see `selectHook`). Throws `InvalidRequest` for an unknown hook, where nothing was
 * kept, and where the hook runs in a cluster that can't be read from here.
 */
export async function hookLog(
  connections: Connections,
  view: SyncView,
  name: string,
  { attempt, container, tail, signal = never() }: LogOptions,
): Promise<HookLog> {
  const placed = selectHook(view.status, name);
  const progress = attempt === undefined ? progressOf(view, placed) : undefined;
  if (progress?.pod !== undefined) {
    const cluster = await clusterOf(connections, view, placed, progress.uid, signal);
    const containers = await podLogs(cluster, progress.pod, { container, tail }, signal);
    return { live: true, attempt: placed.hook.attempt ?? 1, state: progress.state, containers };
  }
  const kept = await keptEvidence(connections.bundles(), view.status, placed.hook, attempt, signal);
  const containers = kept.containers.filter((each) => (container ?? each.container) === each.container);
  return { live: false, attempt: kept.attempt, message: kept.message, containers };
}

/** The events of a hook that a person names. Throws as `hookLog` does. */
export async function hookEvents(
  connections: Connections,
  view: SyncView,
  name: string,
  { attempt, signal = never() }: Pick<LogOptions, 'attempt' | 'signal'>,
): Promise<HookEvents> {
  const placed = selectHook(view.status, name);
  const progress = attempt === undefined ? progressOf(view, placed) : undefined;
  if (progress !== undefined) {
    const cluster = await clusterOf(connections, view, placed, progress.uid, signal);
    return { live: true, events: await liveEvents(cluster, placed, progress.uid, signal) };
  }
  const kept = await keptEvidence(connections.bundles(), view.status, placed.hook, attempt, signal);
  return { live: false, events: kept.events };
}

/** All that was kept of one attempt of a hook that a person names. Throws as `hookLog` does. */
export async function hookEvidence(
  connections: Connections,
  view: SyncView,
  name: string,
  { attempt, signal = never() }: Pick<LogOptions, 'attempt' | 'signal'>,
): Promise<HookEvidence> {
  return keptEvidence(connections.bundles(), view.status, selectHook(view.status, name).hook, attempt, signal);
}

/** What the worker that waits for a hook last said of it; undefined when it does not run. */
function progressOf(view: SyncView, { hook }: PlacedHook): HookProgress | undefined {
  if (hook.state !== 'running') return undefined;
  const all = view.work.flatMap(({ progress }) => (progress?.kind === 'hook' ? [progress] : []));
  return all.find((progress) => progress.id === hook.id);
}

/** The cluster that a hook runs in: one of that name that has another object in its place is another cluster. */
async function clusterOf(
  { clusters }: Connections,
  view: SyncView,
  { hook }: PlacedHook,
  uid: string,
  signal: AbortSignal,
): Promise<Cluster> {
  const { cluster: name } = view.status;
  const cluster = await clusters.of(name);
  // Who may not read the object may be allowed to read its log.
  const live = await cluster?.get(hook.ref, signal).catch(() => undefined);
  if (cluster !== undefined && (live === undefined || uidOf(live) === uid)) return cluster;
  throw new Conflict(`${titleOf(hook.ref)} runs in cluster ${name}, which can't be read from here`, {
    remedy: 'ask where that cluster is configured, or once the hook has ended: its log is kept',
  });
}

async function liveEvents(
  cluster: Cluster,
  { hook }: PlacedHook,
  uid: string,
  signal: AbortSignal,
): Promise<readonly EventEvidence[]> {
  const { namespace } = hook.ref;
  const pods = namespace === undefined ? [] : await podsOf(cluster, namespace, uid, signal);
  const uids = [...new Set([uid, ...pods.map(uidOf)])];
  const events = await Promise.all(uids.map((each) => eventsFor(cluster, namespace, each, signal)));
  return events.flat().sort((a, b) => a.at.localeCompare(b.at));
}

function never(): AbortSignal {
  return new AbortController().signal;
}
