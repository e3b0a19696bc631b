import { describe, expect, it } from 'vitest';
import { decisionFrom, gateReachedFrom } from '../../../../core/sync/gate-messages.ts';

const approval = { gate: 'PreSync/0', reasons: ['asked for'], state: 'waiting', since: 1, deadlineMs: 2 };
const reached = { phase: 'PreSync', wave: 0, approval };
const decision = { gate: 'PreSync/0', verdict: 'approved', by: 'ann', at: 1 };

const NONSENSE: readonly unknown[] = [undefined, null, 5, 'text', [], {}, { approval: null }, { gate: 3 }];

describe('what a phase and its root tell each other', () => {
  it('is taken as they say it', () => {
    expect([gateReachedFrom(reached), decisionFrom(decision)]).toEqual([reached, decision]);
    expect(decisionFrom({ ...decision, reason: 'checked' })).toBeDefined();
  });

  it.each<[string, unknown]>([
    ...NONSENSE.map((sent): [string, unknown] => [JSON.stringify(sent), sent]),
    ['an unknown phase', { ...reached, phase: 'Presync' }],
    ['a wave that is a text', { ...reached, wave: '0' }],
    ['reasons that are no texts', { ...reached, approval: { ...approval, reasons: [1] } }],
    ['no reasons', { ...reached, approval: { ...approval, reasons: undefined } }],
    ['no deadline', { ...reached, approval: { ...approval, deadlineMs: null } }],
  ])('is no gate that waits: %s', (_, sent) => {
    expect(gateReachedFrom(sent)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ...NONSENSE.map((sent): [string, unknown] => [JSON.stringify(sent), sent]),
    ['a verdict that there is not', { ...decision, verdict: 'yes' }],
    ['nobody', { ...decision, by: undefined }],
    ['a reason that is no text', { ...decision, reason: {} }],
    ['no time', { ...decision, at: 'now' }],
  ])('is no decision: %s', (_, sent) => {
    expect(decisionFrom(sent)).toBeUndefined();
  });
});
