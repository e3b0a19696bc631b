import { SHAPES } from './command-shapes.ts';
import type { Message } from './message-fields.ts';
import { readMessage, textIn } from './message-fields.ts';
import { orderIn } from './resume-order.ts';

/** What a person can ask of a sync that runs. */
export type CommandVerb = 'abort' | 'approve' | 'reject' | 'retry' | 'skip';

/** Reads a command. */
export function readCommand(verb: CommandVerb, sent: unknown): Message {
  return readMessage(SHAPES[verb], sent);
}

/** What is wrong with a command wherever the sync stands, as a clause; undefined where nothing is. */
export function faultOfCommand(verb: CommandVerb, message: Message): string | undefined {
  const by = textIn(message, 'by');
  if (message.fault !== undefined) return message.fault;
  if (by === undefined) return `${verb} needs \`by\`: who asks for it`;
  switch (verb) {
    case 'abort':
    case 'approve':
      return undefined;
    case 'reject':
      return textIn(message, 'reason') === undefined ? 'reject needs `reason`: why' : undefined;
    case 'retry':
    case 'skip': {
      const order = orderIn(verb, message, by);
      return typeof order === 'string' ? order : undefined;
    }
  }
}
