import { SHAPES } from '../sync/command-shapes.ts';
import { UNREADABLE, readMessage, textIn } from '../sync/message-fields.ts';
import { faultOfRequest, isRequest } from '../sync/request-fault.ts';
import type { Joining, Withdrawal } from './line.ts';

/** Whose line it is. */
export interface LineOwner {
  readonly cluster: string;
  readonly application: string;
}

/** Reads a request to join a line: answers what is wrong with it, as a clause, where it can't. Anybody may send one; one that can't be started would block all that wait behind it. */
export function joiningFrom(sent: unknown, owner: LineOwner): Joining | string {
  if (sent === UNREADABLE || typeof sent !== 'object' || sent === null) return 'it is no request to join a line';
  const { request, ifRunning = 'queue', withinMs, series, named } = sent as Readonly<Record<string, unknown>>;
  if (!isRequest(request)) return faultOfRequest(request) ?? 'it is no request of a sync';
  const { cluster, application } = request;
  if (cluster !== owner.cluster || application !== owner.application)
    return `its request is for ${application} in ${cluster}, whose line this is not`;
  if (ifRunning !== 'queue' && ifRunning !== 'supersede') return 'its `ifRunning` is neither `queue` nor `supersede`';
  return {
    ...{ request, ifRunning },
    ...(typeof withinMs === 'number' && withinMs >= 0 ? { withinMs } : {}),
    ...(typeof series === 'string' ? { series } : {}),
    ...(typeof named === 'boolean' ? { named } : {}),
  };
}

/** Reads a withdrawal: answers what is wrong with it, as a clause, where it can't. */
export function withdrawalFrom(sent: unknown): Withdrawal | string {
  const message = readMessage(SHAPES.withdraw, sent);
  const [syncId, by, reason] = (['syncId', 'by', 'reason'] as const).map((name) => textIn(message, name));
  if (message.fault !== undefined) return message.fault;
  if (syncId === undefined) return 'withdraw needs `syncId`: which request';
  return { syncId, by: by ?? 'a signal', ...(reason === undefined ? {} : { reason }) };
}
