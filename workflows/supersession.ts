import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { DEFAULT_SUPERSEDE_MS } from '../core/deadlines.ts';
import { phaseWorkflowIdOf } from '../core/markers.ts';
import type { Phase } from '../core/phases.ts';
import { SHAPES } from '../core/sync/command-shapes.ts';
import type { Message } from '../core/sync/message-fields.ts';
import { numberIn, readMessage, textIn } from '../core/sync/message-fields.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { Supersession } from '../core/sync/status.ts';
import { opened, signalAsSent } from './as-sent.ts';
import { faultOf } from './commands.ts';
import type { Interruption } from './interruption.ts';
import { mayFollowLeftHooks } from './left-hooks.ts';
import { DESCRIPTIONS, endSoonSignal, supersedeSignal } from './messages.ts';
import type { SyncTracker } from './sync-state.ts';

/** The root's side of a newer sync that wants its turn. */
export interface GivingWay {
  /** Which sync this one gives way to; undefined for none. */
  to(): Supersession | undefined;
  /** Runs a phase, and tells it to end at its next safe point once that is asked for. */
  telling<Outcome>(phase: Phase, run: () => Promise<Outcome>): Promise<Outcome>;
}

/** How long to wait before a phase is told again that was not there yet. */
const PAUSE = '1 second';

/**
 * Takes the request of a newer sync to give way: planning ends at once, phases and holds at their next safe point, and what
 * still runs when its time is over is stopped as by an abort (`stop`). `note` tells of a signal that was not taken.
 */
export function listenForSupersession(
  request: SyncRequest,
  tracker: SyncTracker,
  stop: (by: Interruption) => boolean,
  note: (sentence: string) => void,
): GivingWay {
  let to: Supersession | undefined;
  const giveWay = (asked: Supersession): void => {
    if (asked.syncId === request.syncId) return;
    to ??= asked;
    tracker.givingWay(to);
    const interruption: Interruption = { kind: 'superseded', to };
    // Nothing is at work while a sync is planned, but for what a run before a reset has left.
    const isPlanning = tracker.snapshot().state === 'planning' && !mayFollowLeftHooks();
    if (isPlanning || asked.withinMs <= 0) stop(interruption);
    else stopLater(asked.withinMs, () => stop(interruption));
  };
  const heed = (sent: unknown): void => {
    const message = readMessage(SHAPES.supersede, opened(sent));
    const fault = faultOf(message);
    if (fault === undefined) giveWay(supersessionIn(message));
    else note(`A signal was not taken (supersede): ${fault}.`);
  };
  setHandler(signalAsSent(supersedeSignal), heed, { description: DESCRIPTIONS.supersede });
  return {
    to: () => to,
    async telling(phase, run) {
      const telling = new CancellationScope();
      void orCancelled(telling.run(() => condition(() => to !== undefined).then(() => tell(request, phase))));
      return run().finally(() => telling.cancel());
    },
  };
}

function stopLater(ms: number, stop: () => void): void {
  void orCancelled(sleep(ms, { summary: 'deadline of the supersession' }).then(stop));
}

/** Tells a phase until it is there to hear it. */
async function tell({ cluster, application }: SyncRequest, phase: Phase): Promise<void> {
  const workflow = getExternalWorkflowHandle(phaseWorkflowIdOf(cluster, application, phase));
  for (;;) {
    try {
      await workflow.signal(endSoonSignal);
      return;
    } catch (error) {
      if (isCancellation(error)) throw error;
    }
    await sleep(PAUSE, { summary: 'before the phase is told again' });
  }
}

async function orCancelled(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}

/** The request in a message. Temporal's UI sends whatever is typed: what it lacks is filled in. */
function supersessionIn(message: Message): Supersession {
  const text = (name: string, absent: string) => textIn(message, name) ?? absent;
  return {
    syncId: text('syncId', 'unknown'),
    revision: text('revision', 'unknown'),
    by: text('by', 'a signal'),
    at: numberIn(message, 'at') ?? Date.now(),
    withinMs: numberIn(message, 'withinMs') ?? DEFAULT_SUPERSEDE_MS,
  };
}
