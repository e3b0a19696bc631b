import type { SyncView } from '../client/view.ts';
import { uidOf } from '../core/objects.ts';
import type { HookProgress } from '../core/sync/progress.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { wavesOf } from './render/facts.ts';

/** The newest log lines of running hooks, kept up to date beside the watching. */
export interface LiveLogs {
  /** Lines by step ID. */
  current(): ReadonlyMap<string, readonly string[]>;
  /** Reads on for the hooks that run in this view, at most once in two seconds; never throws. */
  refresh(view: SyncView): void;
}

const EVERY_MS = 2_000;
const LINES = 3;

/** Live logs of nothing, for where the cluster can't be read. */
export const NO_LOGS: LiveLogs = { current: () => new Map(), refresh: () => undefined };

/** Reads live logs from a cluster. A hook whose object is not found there under its UID (another cluster, then) stays without lines. */
export function liveLogs(cluster: Cluster, signal: AbortSignal, now: () => number): LiveLogs {
  const lines = new Map<string, readonly string[]>();
  const known = new Map<string, boolean>();
  let lastAt = -Infinity;
  let reading = false;

  const read = async (id: string, ref: Parameters<Cluster['get']>[0], progress: HookProgress): Promise<void> => {
    if (progress.pod === undefined) return;
    if (!known.has(progress.uid)) {
      const live = await cluster.get(ref, signal);
      known.set(progress.uid, live !== undefined && uidOf(live) === progress.uid);
    }
    if (known.get(progress.uid) !== true) return;
    const { namespace, name: pod } = progress.pod;
    const text = await cluster.logs({ namespace, pod, tailLines: LINES }, signal);
    lines.set(
      id,
      text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(-LINES),
    );
  };

  return {
    current: () => lines,
    refresh: (view) => {
      if (reading || now() - lastAt < EVERY_MS) return;
      lastAt = now();
      reading = true;
      const hooks = wavesOf(view).flatMap((wave) => wave.steps.flatMap((step) => step.hook ?? []));
      const reads = hooks.flatMap(({ id, ref, progress }) => (progress === undefined ? [] : [read(id, ref, progress)]));
      void Promise.allSettled(reads).then(() => (reading = false));
    },
  };
}
