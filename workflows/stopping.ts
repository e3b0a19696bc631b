import { setHandler } from '@temporalio/workflow';
import type { AbortRequest, Accepted } from './messages.ts';
import { DESCRIPTIONS, abortSignal, abortUpdate } from './messages.ts';
import { refusal } from './refusal.ts';
import type { Interruption } from './interruption.ts';

/** Registers the handlers of `abort`, as an update and as a signal. `stop` stops what of the sync can be stopped. */
export function listenForAborts(stop: (by: Interruption) => boolean): void {
  const abort = ({ by, reason }: AbortRequest) =>
    stop({ kind: 'aborted', by, ...(reason === undefined ? {} : { reason }) });
  setHandler(
    abortUpdate,
    (asked): Accepted => {
      abort(asked);
      return { accepted: true };
    },
    {
      validator: (asked) => {
        // Messages come from anyone: what they hold is known only once it is looked at.
        const by: unknown = (asked as Partial<AbortRequest> | undefined)?.by;
        if (typeof by !== 'string' || by === '') {
          throw refusal('abort needs `by`: who asks for it');
        }
      },
      description: DESCRIPTIONS.abort,
    },
  );
  const heed = (asked: unknown): void => {
    // Temporal's UI sends whatever is typed: a signal can't be refused, so what it lacks is filled in.
    const { by, reason } = (asked ?? {}) as Partial<Readonly<Record<string, unknown>>>;
    abort({
      by: typeof by === 'string' && by !== '' ? by : 'a signal',
      ...(typeof reason === 'string' ? { reason } : {}),
    });
  };
  setHandler(abortSignal, heed, { description: DESCRIPTIONS.abort });
}
