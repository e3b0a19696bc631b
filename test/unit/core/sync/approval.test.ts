import { describe, expect, it } from 'vitest';
import type { DecisionRequest, GateBoard } from '../../../../core/sync/approval.ts';
import { receive } from '../../../../core/sync/approval.ts';

const PLAN = 'sha256:1111111aaaa';
const OTHER = 'sha256:2222222bbbb';
const board = (traits: Partial<GateBoard> = {}): GateBoard => ({
  plan: PLAN,
  gates: ['Sync/0'],
  standing: 'it is running',
  open: 'Sync/0',
  decided: new Map(),
  ...traits,
});
const TWO = { gates: ['PreSync/0', 'Sync/0'] };
const decided = (gate: string) => new Map([[gate, { gate, verdict: 'approved' as const, by: 'ann', at: 1 }]]);

describe('a decision on a gate', () => {
  it.each<[string, Partial<DecisionRequest>, GateBoard]>([
    ['that names plan and gate', { plan: PLAN, gate: 'Sync/0' }, board(TWO)],
    ['that names the gate which waits', { gate: 'Sync/0' }, board(TWO)],
    ['that names nothing, where there is one gate and it waits', {}, board()],
    ['that names the plan alone, where there is one gate and it waits', { plan: PLAN }, board()],
    [
      'that names plan and gate before the gate is reached',
      { plan: PLAN, gate: 'Sync/0' },
      board({ ...TWO, open: 'PreSync/0' }),
    ],
  ])('%s is taken', (_, asked, known) => {
    expect(receive(asked, known)).toEqual({ kind: 'taken', gate: 'Sync/0' });
  });

  it.each<[string, Partial<DecisionRequest>, GateBoard, RegExp]>([
    ['another plan', { plan: OTHER, gate: 'Sync/0' }, board(), /for plan 2222222, and this sync runs plan 1111111/],
    ['an unknown gate', { gate: 'Sync/7' }, board(), /no gate Sync\/7: there are Sync\/0/],
    [
      'a gate of a plan without any',
      { gate: 'Sync/7' },
      { plan: PLAN, gates: [], standing: 'it is running', decided: new Map() },
      /the plan has none/,
    ],
    ['a gate that was decided', { gate: 'Sync/0' }, board({ decided: decided('Sync/0') }), /approved by ann already/],
    [
      'a gate that does not wait yet, of no plan',
      { gate: 'Sync/0' },
      board({ ...TWO, open: 'PreSync/0' }),
      /must name the plan/,
    ],
    [
      'nothing, where nothing waits',
      {},
      { plan: PLAN, gates: ['Sync/0'], standing: 'it is running', decided: decided('Sync/0') },
      /nothing .* waits.*Sync\/0 was approved by ann; it is running/,
    ],
    ['nothing, where it could mean several gates', {}, board(TWO), /PreSync\/0, Sync\/0: say which/],
    [
      'nothing, while the plan is made',
      {},
      { gates: [], standing: 'it is being planned', decided: new Map() },
      /being planned/,
    ],
  ])('for %s is refused, in words', (_, asked, known, why) => {
    expect(receive(asked, known)).toEqual({
      kind: 'refused',
      why: expect.stringMatching(why) as string,
    });
  });

  it('that names plan and gate is kept until the plan is made', () => {
    const known = { gates: [], standing: 'it is being planned', decided: new Map() };
    expect(receive({ plan: PLAN, gate: 'Sync/0' }, known)).toEqual({
      kind: 'early',
      plan: PLAN,
      gate: 'Sync/0',
    });
  });
});
