import type { SyncView } from '../../client/following/view.ts';
import { isOver } from '../../client/following/view.ts';
import { oneLine } from './cells.ts';
import { queueWords } from './queue.ts';
import { formatElapsed } from './times.ts';

const WORDS: Readonly<Record<string, string>> = {
  planSync: 'planning: reads the cluster and validates every object by a server-side dry run',
  claimRecord: "taking the application's record",
  finishSync: 'finishing: compares what the application owns with the bundle once more',
};

/** The same, where it is worth a line of its own: planning, and what is not going well. */
export function notableRootWork(view: SyncView, now: number): string | undefined {
  const troubled = view.work.some((work) => work.phase === undefined && work.trouble !== undefined);
  return troubled || view.status.state === 'planning' ? rootWorkLine(view, now) : undefined;
}

/** A worker picks work up well within this time, ms. */
const PICK_UP_MS = 3_000;

/** What the sync does outside its phases, in one line: planning, claiming, finishing. Undefined while a phase works or it is over. */
export function rootWorkLine(view: SyncView, now: number): string | undefined {
  if (isOver(view.status)) return undefined;
  if (view.status.state === 'queued') return queueWords(view, now);
  const { window } = view.status;
  if (window !== undefined) return `waits for its window, ${formatElapsed(window.opensAt - now)} more: ${window.why}`;
  if (view.stale && view.status.phases.length === 0) return withoutWorker(view);
  const work = view.work.find((each) => each.phase === undefined);
  if (work === undefined) {
    const waits = view.status.state === 'planning' && now - view.status.startedAt > PICK_UP_MS;
    return waits ? 'waiting for a worker to plan' : undefined;
  }
  const words = WORDS[work.activity] ?? work.activity;
  return work.trouble === undefined ? words : `${words} (try ${work.tries}: ${oneLine(work.trouble)})`;
}

/** What Temporal alone knows: which activities are open, and what they said last. */
function withoutWorker(view: SyncView): string {
  const words = view.work.map(({ phase, activity, progress }) => {
    const doing = progress?.kind === 'hook' ? progress.state : (WORDS[activity] ?? activity);
    return phase === undefined ? doing : `${phase}: ${doing}`;
  });
  return words.length === 0 ? 'waiting for a worker' : words.join(', ');
}
