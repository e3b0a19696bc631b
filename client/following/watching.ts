import type { Position } from '../../core/sync/timeline.ts';
import { BEGINNING, isAfter } from '../../core/sync/timeline.ts';
import type { WatchedEvent } from './events.ts';
import { eventOf, progressIn } from './events.ts';
import type { Temporal } from '../connection/temporal.ts';
import { readTimeline } from './timeline.ts';
import type { SyncView } from './view.ts';

/** Stands in the ID of a sync's last event. */
const ENDED = 'ended';

/**
 * What happens to a sync after the event of an ID: each entry of its timeline once, in order, between them what workers say of their
 * work, and its end. An ID that is of another run, or none, begins at the beginning. Where no worker answers it waits for one, and
 * tells of a sync that is over its end alone.
 */
export async function* eventsAfter(
  temporal: Temporal,
  views: AsyncIterable<SyncView>,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<WatchedEvent> {
  let before: SyncView | undefined;
  let position = BEGINNING;
  let known: string | undefined;
  for await (const view of views) {
    if (isOfEnd(after, view.runId)) return;
    if (before?.runId !== view.runId) position = positionIn(after, view.runId);
    // One that waits for its turn has no timeline yet.
    if (view.runId === '' && before === undefined) {
      yield { kind: 'sync', at: view.status.startedAt, state: view.status.state, id: idOf('', BEGINNING) };
    }
    // Every entry of a timeline goes with a change of the status.
    const status = JSON.stringify(view.status);
    if (view.runId !== '' && (view.result !== undefined || status !== known)) {
      for (const { entry, position: next } of await readTimeline(temporal, view, position, signal)) {
        const event = eventOf(entry, view.status);
        // The view is older than the entry: the next one knows what it is about.
        if (event === undefined) break;
        position = next;
        yield { ...event, id: idOf(view.runId, position) };
      }
    }
    for (const event of progressIn(before, view)) yield { ...event, id: idOf(view.runId, position) };
    before = view;
    known = status;
    if (view.result !== undefined) yield { kind: 'ended', result: view.result, id: `${view.runId}.${ENDED}` };
  }
}

/** Whether one event of a run comes after another, by their IDs; one of another run counts as none. */
export function isLater(id: string, other: string | undefined): boolean {
  if (id === other) return false;
  const run = runIn(id);
  if (other === undefined || runIn(other) !== run) return true;
  if (isOfEnd(other, run)) return false;
  return isOfEnd(id, run) || isAfter(positionIn(id, run), positionIn(other, run));
}

function idOf(runId: string, { own, phase }: Position): string {
  return `${runId}.${String(own)}.${String(phase)}`;
}

function isOfEnd(id: string | undefined, runId: string): boolean {
  return id === `${runId}.${ENDED}`;
}

function runIn(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf('.')));
}

const ID = /^(.+)\.(\d{1,9})\.(\d{1,9})$/;

function positionIn(id: string | undefined, runId: string): Position {
  const [, run, own, phase] = ID.exec(id ?? '') ?? [];
  return run === runId ? { own: Number(own), phase: Number(phase) } : BEGINNING;
}
