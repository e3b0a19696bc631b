import type { SyncHandle } from '../client/handle.ts';
import type { SyncView } from '../client/following/view.ts';
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

/** Live logs of nothing, for where nobody sees them. */
export const NO_LOGS: LiveLogs = { current: () => new Map(), refresh: () => undefined };

/** Reads live logs of a sync's hooks. One whose log can't be read stays without lines: they are an extra. */
export function liveLogs(handle: Pick<SyncHandle, 'logs'>, signal: AbortSignal, now: () => number): LiveLogs {
  const lines = new Map<string, readonly string[]>();
  let lastAt = -Infinity;
  let reading = false;

  const read = async (id: string): Promise<void> => {
    const log = await handle.logs(id, { tail: LINES, signal });
    if (!log.live) return;
    const told = log.containers.flatMap((container) => container.lines.map(withoutTime));
    lines.set(id, told.filter((line) => line.trim() !== '').slice(-LINES));
  };

  return {
    current: () => lines,
    refresh: (view) => {
      if (reading || now() - lastAt < EVERY_MS) return;
      lastAt = now();
      reading = true;
      const hooks = wavesOf(view).flatMap((wave) => wave.steps.flatMap((step) => step.hook ?? []));
      const running = hooks.filter(({ progress }) => progress?.pod !== undefined);
      void Promise.allSettled(running.map(({ id }) => read(id))).then(() => (reading = false));
    },
  };
}

/** A line of a live log without the time it was written at, which stands in front. */
export function withoutTime(line: string): string {
  return line.replace(/^\S+ ?/, '');
}
