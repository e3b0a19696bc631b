import type { SyncView } from '../../client/following/view.ts';
import { isOver } from '../../client/following/view.ts';
import { formatDuration, formatElapsed } from './times.ts';

/** `queued behind sync s1 (revision abc, by ann), first in line, for 1m10s`; undefined where it does not wait. `now` is in ms since 1970. */
export function queueWords({ status }: SyncView, now: number): string | undefined {
  const { queued } = status;
  if (status.state !== 'queued') return undefined;
  if (queued === undefined) return 'queued: no worker has answered yet';
  const { behind, before, since, ifRunning } = queued;
  const what = ifRunning === 'supersede' ? 'supersedes' : 'queued behind';
  const whom =
    behind === undefined
      ? 'the sync that runs'
      : `sync ${behind.syncId} (revision ${behind.revision}, by ${behind.requestedBy})`;
  const place = before === 0 ? 'first in line' : `${before} before it in line`;
  return `${what} ${whom}, ${place}, for ${formatElapsed(now - since)}`;
}

/** What a running sync gives way to, and who else waits for its end. */
export function waitingWords(view: SyncView, now: number): readonly string[] {
  const { supersededBy } = view.status;
  if (isOver(view.status)) return [];
  const limit = supersededBy && Math.max(0, supersededBy.at + supersededBy.withinMs - now);
  const gives =
    supersededBy === undefined
      ? []
      : [
          `ends at its next safe point, within ${formatDuration(limit ?? 0)}: superseded by revision ${supersededBy.revision} of ${supersededBy.by}`,
        ];
  const others = view.waiting.filter(({ syncId }) => syncId !== supersededBy?.syncId);
  const [first, ...more] = others;
  if (first === undefined) return gives;
  const rest = more.length === 0 ? '' : `, and ${more.length} more`;
  return [...gives, `behind it waits revision ${first.revision} of ${first.requestedBy} (sync ${first.syncId})${rest}`];
}
