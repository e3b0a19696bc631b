import type { FieldKind, MessageShape } from './message-fields.ts';

const WHO = { by: 'text', reason: 'text' } as const;
const DECISION = { ...WHO, plan: 'text', gate: 'text' } as const;

/** The messages to a sync and to a line, by verb. */
export const SHAPES = {
  abort: shape('abort', WHO, '{"by": "you", "reason": "…"}'),
  approve: shape('approve', DECISION, '{"by": "you", "reason": "…", "gate": "PreSync/0"}'),
  reject: shape('reject', DECISION, '{"by": "you", "reason": "…", "gate": "PreSync/0"}'),
  retry: shape('retry', { ...WHO, from: 'text', only: 'text', restart: 'flag' }, '{"by": "you"}'),
  skip: shape('skip', { ...WHO, step: 'text' }, '{"by": "you", "step": "…", "reason": "…"}'),
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
