import { textIn } from '../core/sync/message-fields.ts';
import { listenFor } from './commands.ts';
import type { Interruption } from './interruption.ts';
import { abortSignal, abortUpdate } from './messages.ts';

/** Listens for `abort`. `stop` stops what of the sync can be stopped; `note` tells of a signal that was not taken. */
export function listenForAborts(stop: (by: Interruption) => boolean, note: (sentence: string) => void): void {
  listenFor(
    {
      verb: 'abort',
      update: abortUpdate,
      signal: abortSignal,
      isTakenFaulty: true,
      refuses: () => undefined,
      take: (message) => {
        const reason = textIn(message, 'reason');
        stop({ kind: 'aborted', by: message.by, ...(reason === undefined ? {} : { reason }) });
        return undefined;
      },
    },
    note,
  );
}
