import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { patched, setHandler } from '@temporalio/workflow';
import type { CommandVerb } from '../core/sync/command-check.ts';
import { faultOfCommand, readCommand } from '../core/sync/command-check.ts';
import type { Message } from '../core/sync/message-fields.ts';
import { textIn } from '../core/sync/message-fields.ts';
import type { Named } from './as-sent.ts';
import { opened, signalAsSent, updateAsSent } from './as-sent.ts';
import type { Accepted } from './messages.ts';
import { DESCRIPTIONS } from './messages.ts';
import { refusal } from './refusal.ts';

/** A command to a sync: an update, and a signal for those who can only signal. */
export interface Command {
  readonly verb: CommandVerb;
  readonly update: Named<UpdateDefinition<Accepted>>;
  readonly signal: Named<SignalDefinition>;
  /** Whether the signal's name says all, so that it is taken whatever it holds: who wants to stop a sync is not to spell well. */
  readonly isTakenFaulty?: boolean;
  /** Why a message can't be taken now, as a clause; changes nothing. */
  readonly refuses: (message: Message) => string | undefined;
  /** Takes a message. Answers why not, as a clause, where it can't be taken (any more). */
  readonly take: (message: Message & Sender) => string | undefined | Promise<string | undefined>;
}

/** Who sends a message. */
interface Sender {
  readonly by: string;
}

/** Who sends a signal that does not say. */
const A_SIGNAL = 'a signal';

/**
 * Listens for a command. What can't be taken is refused in words: an update by its validator, which leaves nothing behind, and a signal,
 * which can't be answered, by a sentence for the sync's warnings (`note`).
 */
export function listenFor(command: Command, note: (sentence: string) => void): void {
  const { verb, update, signal, isTakenFaulty = false, refuses, take } = command;
  const read = (sent: unknown) => readCommand(verb, opened(sent));
  const description = DESCRIPTIONS[verb];
  const { isKnown, know } = knownCommands();
  const answer = async (sent: unknown): Promise<Accepted> => {
    const message = read(sent);
    if (isKnown(message)) return { accepted: true };
    know(message);
    // Another command may have come between the validator and here.
    const why = await take({ ...message, by: textIn(message, 'by') ?? '' });
    if (why !== undefined) throw refusal(why);
    return { accepted: true };
  };
  const validator = (sent: unknown): void => {
    const message = read(sent);
    const why = faultOfCommand(verb, message) ?? (isKnown(message) ? undefined : refuses(message));
    if (why !== undefined) throw refusal(why);
  };
  setHandler(updateAsSent(update), answer, { validator, description });
  const heed = async (sent: unknown): Promise<void> => {
    const message = read(sent);
    if (isKnown(message)) return;
    know(message);
    const by = textIn(message, 'by');
    const why = (isTakenFaulty ? undefined : faultOf(message)) ?? (await take({ ...message, by: by ?? A_SIGNAL }));
    if (why !== undefined) note(`A signal${by === undefined ? '' : ` of ${by}`} was not taken (${verb}): ${why}.`);
  };
  setHandler(signalAsSent(signal), heed, { description });
}

/** What is wrong with a signal's message; earlier versions took what was left of it. */
export function faultOf({ fault }: Message): string | undefined {
  return fault !== undefined && patched('faulty-signals-are-not-taken') ? fault : undefined;
}

/**
 * The commands that have come, by their IDs. Who sends an update that no worker has answered in time sends it again as a signal, and
 * both may come.
 */
function knownCommands() {
  const ids = new Set<string>();
  return {
    isKnown: (message: Message) => ids.has(textIn(message, 'id') ?? ''),
    know: (message: Message) => {
      const id = textIn(message, 'id');
      if (id !== undefined) ids.add(id);
    },
  };
}
