import type { FieldKind, MessageShape } from './message-fields.ts';

const WHO = { by: 'text', reason: 'text' } as const;
/** Of a command to a sync `id` names it: one that is sent twice, as an update and as a signal, counts once. */
const COMMAND = { ...WHO, id: 'text' } as const;
const DECISION = { ...COMMAND, plan: 'text', gate: 'text' } as const;

/** The messages to a sync and to a line, by verb. */
export const SHAPES = {
  abort: shape('abort', COMMAND, '{"by": "you", "reason": "…"}'),
  approve: shape('approve', DECISION, '{"by": "you", "reason": "…", "gate": "PreSync/0"}'),
  reject: shape('reject', DECISION, '{"by": "you", "reason": "…", "gate": "PreSync/0"}'),
  retry: shape('retry', { ...COMMAND, from: 'text', only: 'text', restart: 'flag' }, '{"by": "you"}'),
  skip: shape('skip', { ...COMMAND, step: 'text' }, '{"by": "you", "step": "…", "reason": "…"}'),
  supersede: shape(
    'supersede',
    { by: 'text', revision: 'text', syncId: 'text', at: 'milliseconds', withinMs: 'milliseconds' },
    '{"by": "you", "revision": "…", "withinMs": 600000}',
  ),
  withdraw: shape('withdraw', { ...WHO, syncId: 'text' }, '{"syncId": "…", "by": "you"}'),
} as const;

function shape(verb: string, fields: Readonly<Record<string, FieldKind>>, example: string): MessageShape {
  return { verb, fields, example };
}
