import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { RawValue, defaultPayloadConverter, rawValueTypeInfo } from '@temporalio/common';
import { UNREADABLE } from '../core/sync/message-fields.ts';

/** More values than this are in no message that anybody means. */
const MOST_VALUES = 16;

const AS_SENT = { inputTypes: Array.from({ length: MOST_VALUES }, () => rawValueTypeInfo) };

/** What names a message, whatever it holds. */
export type Named<Definition> = Pick<Definition, Extract<'type' | 'name', keyof Definition>>;

/**
 * The definition of a signal as its receiver registers it: the handler gets what was sent as it came, and opens it with `opened`. A signal
 * that the SDK itself fails to decode would fail the workflow's task, again and again, for ever.
 */
export function signalAsSent(definition: Named<SignalDefinition>): SignalDefinition<[unknown]> {
  return { ...definition, typeInfo: AS_SENT } as unknown as SignalDefinition<[unknown]>;
}

/** The same of an update: one that can't be decoded would be refused in the words of the SDK. */
export function updateAsSent<Answer>(definition: Named<UpdateDefinition<Answer>>): UpdateDefinition<Answer, [unknown]> {
  return { ...definition, typeInfo: AS_SENT } as unknown as UpdateDefinition<Answer, [unknown]>;
}

/** The value of a message that came as it was sent; `UNREADABLE` where it can't be decoded. */
export function opened(sent: unknown): unknown {
  if (!(sent instanceof RawValue)) return sent;
  try {
    return defaultPayloadConverter.fromPayload(sent.payload);
  } catch {
    return UNREADABLE;
  }
}
