import { describe, expect, test } from 'vitest';
import type { SyncView } from '../../../client/following/view.ts';
import { explain } from '../../../cli/explanation.ts';
import { renderExplanation } from '../../../cli/render/explanation.ts';
import { renderFailure } from '../../../cli/render/failure.ts';
import { emptyMemory, renderLines } from '../../../cli/render/lines.ts';
import { styleOf } from '../../../cli/render/style.ts';
import { renderTree } from '../../../cli/render/tree.ts';
import type { ApprovalStatus } from '../../../core/sync/approval.ts';
import type { StepState, SyncStatus } from '../../../core/sync/status.ts';
import { aBatch, aHook, aPhase, at, aView, aWave } from './sync-views.ts';

const style = styleOf(false);
const gate: ApprovalStatus = {
  gate: 'Sync/0',
  state: 'waiting',
  reasons: ['Prune=confirm on Deployment/old'],
  since: at(10),
  deadlineMs: 86_400_000,
};
const decision = { gate: 'Sync/0', by: 'ann', reason: 'not on a Friday', at: at(70) };

function view(approval: ApprovalStatus, state: StepState, step: StepState, rest: Partial<SyncStatus> = {}): SyncView {
  const steps = [aBatch(['Deployment/old'], step, { kind: 'prune' }), aHook('db-migrate', step)];
  return aView(
    [aPhase('Sync', [aWave(0, state, steps, { approval }), aWave(1, step, [aBatch(['Service/web'], step)])])],
    rest,
  );
}

const waiting = view(gate, 'waiting', 'pending');
const rejected = view(
  { ...gate, state: 'rejected', decision: { ...decision, verdict: 'rejected' } },
  'failed',
  'skipped',
  {
    state: 'failed',
    finishedAt: at(70),
    failures: [{ type: 'ApprovalRejected', message: 'Sync wave 0 was rejected by ann: not on a Friday' }],
  },
);

test('explain names the approval, how long it has waited, and what waits behind it', () => {
  const options = { now: at(70), width: 100, style };
  const names = { flags: ' --cluster prod' };
  expect(renderExplanation('shop', explain(waiting, at(70), names), options).split('\n')).toEqual([
    'shop waits in Sync wave 0 for an approval of prune Deployment/old, Job/db-migrate: 1m of 24h.',
    '  why      Prune=confirm on Deployment/old',
    '  behind   2 objects and 1 hook in 2 waves wait for it',
    '  you can  let it go on  syncline approve shop --cluster prod',
    '           end it        syncline reject shop --cluster prod --reason …',
  ]);
});

describe('a wave that waits for an approval', () => {
  const tree = { now: at(70), width: 120, height: 40, style, logs: new Map(), application: 'shop --cluster prod' };

  test('stands in the tree with what will run, how long it has waited, why, and the commands that help', () => {
    expect(renderTree(waiting, tree).split('\n').slice(1, 4)).toEqual([
      ' ◆ Sync      wave   0   prune Deployment/old, Job/db-migrate      1m of 24h   waits for an approval',
      ' │   Prune=confirm on Deployment/old',
      ' │   → syncline approve shop --cluster prod · syncline reject shop --cluster prod --reason …',
    ]);
  });

  test('and was rejected stands there with who did it, and why', () => {
    const lines = renderTree(rejected, tree).split('\n');
    expect(lines[1]).toMatch(/^ ✗ Sync .* rejected by ann: not on a Friday$/);
  });

  test('gives lines when it begins to wait and when it is decided, and one for each quiet minute', () => {
    const first = renderLines(emptyMemory(at(10)), waiting, at(10));
    expect(first.lines).toEqual([
      '12:00:10 Sync       0  prune Deployment/old, Job/db-migrate  waiting    waits for an approval',
      '12:00:10 Sync       0  prune Deployment/old, Job/db-migrate  waiting    Prune=confirm on Deployment/old',
      '12:00:10 Sync       0  prune Deployment/old, Job/db-migrate  waiting    → syncline approve shop · syncline reject shop --reason …',
    ]);
    const quiet = renderLines(first.memory, waiting, at(70));
    expect(quiet.lines).toEqual([
      '12:01:10 Sync       0  prune Deployment/old, Job/db-migrate  waiting    1m of 24h waits for an approval',
    ]);
    const approved: ApprovalStatus = { ...gate, state: 'approved', decision: { ...decision, verdict: 'approved' } };
    const last = renderLines(quiet.memory, view(approved, 'pending', 'pending'), at(71));
    expect(last.lines).toEqual([
      '12:01:11 Sync       0  prune Deployment/old, Job/db-migrate  approved   approved by ann: not on a Friday',
    ]);
  });

  test('and was rejected is reported with its reason, and listed among what was not run', () => {
    const report = renderFailure(rejected, { evidence: new Map(), next: [], width: 200, style });
    expect(report).toContain('ApprovalRejected: Sync wave 0 was rejected by ann: not on a Friday');
    expect(report).toContain('not run: Sync wave 0 (prune Deployment/old, Job/db-migrate), Sync wave 1 (Service/web)');
  });
});
