import { expect, test } from 'vitest';
import type { SyncView } from '../../../client/following/view.ts';
import { emptyMemory, renderLines } from '../../../cli/render/lines.ts';
import type { HookStatus, StepState } from '../../../core/sync/status.ts';
import { aBatch, aHook, aPhase, at, aView, aWave, hookWork, T0 } from './sync-views.ts';

/** What is said about a sequence of views, each seen so many seconds after the beginning. */
function said(views: readonly (readonly [number, SyncView])[]): readonly string[] {
  let memory = emptyMemory(T0);
  return views.flatMap(([seconds, view]) => {
    const answer = renderLines(memory, view, at(seconds));
    memory = answer.memory;
    return answer.lines;
  });
}

function migrating(state: StepState, finishedAt?: number): SyncView {
  const hook = aHook('db-migrate', state, { startedAt: at(3), ...(finishedAt === undefined ? {} : { finishedAt }) });
  const work = state === 'running' ? [hookWork('db-migrate', { since: at(3) })] : [];
  return aView([aPhase('PreSync', [aWave(0, state, [hook])])], {}, work);
}

test('a hook gives a line when it starts, one for each quiet minute, and one when it ends', () => {
  const views = Array.from({ length: 121 }, (_, second): readonly [number, SyncView] => [
    second + 3,
    migrating('running'),
  ]);
  expect(said([...views, [125, migrating('succeeded', at(124))]])).toEqual([
    '12:00:03 PreSync    0  Job/db-migrate            started    limit 30m',
    '12:01:03 PreSync    0  Job/db-migrate            waiting    1m pod db-migrate-x7k Running',
    '12:02:03 PreSync    0  Job/db-migrate            waiting    2m pod db-migrate-x7k Running',
    '12:02:04 PreSync    0  Job/db-migrate            succeeded  2m01s',
  ]);
});

test('nothing is said twice', () => {
  expect(
    said([
      [4, migrating('running')],
      [5, migrating('running')],
      [6, migrating('succeeded', at(5))],
      [7, migrating('succeeded', at(5))],
    ]),
  ).toHaveLength(2);
});

test('a problem is told once, with what helps', () => {
  const problem = { reason: 'ImagePullBackOff', message: 'no such image', since: at(3) };
  const stuck = { ...migrating('running'), work: [hookWork('db-migrate', { since: at(3), problem })] };
  const lines = said([
    [4, migrating('running')],
    [8, stuck],
    [9, stuck],
    [10, stuck],
  ]);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toContain('ImagePullBackOff for 5s: no such image');
  expect(lines[2]).toContain("→ check the image's name");
});

test('the two words of one pull that fails are one problem', () => {
  const pulling = (reason: string) => {
    const problem = { reason, message: 'no such image', since: at(3) };
    return { ...migrating('running'), work: [hookWork('db-migrate', { since: at(3), problem })] };
  };
  const lines = said([
    [8, pulling('ErrImagePull')],
    [9, pulling('ImagePullBackOff')],
    [10, pulling('ErrImagePull')],
    [11, pulling('CreateContainerConfigError')],
  ]);
  expect(lines.filter((line) => line.includes(' for '))).toHaveLength(2);
});

test("what keeps a workload's pods from running is told with its name and what helps", () => {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
  const problem = { reason: 'FailedMount', message: "the pod can't start", since: at(3) };
  const waiting = [{ ref, status: 'Progressing', message: '0 of 1 replicas available', problem }];
  const progress = { kind: 'health' as const, since: at(2), healthy: 0, total: 1, waiting };
  const phases = [
    aPhase('Sync', [aWave(0, 'running', [aBatch(['Deployment/web'], 'succeeded')], { startedAt: at(2) })]),
  ];
  const lines = said([[13, aView(phases, {}, [{ phase: 'Sync', activity: 'awaitHealthy', tries: 1, progress }])]]);
  expect(lines[1]).toContain("FailedMount for 10s: Deployment/web: the pod can't start");
  expect(lines[2]).toContain("→ create the volume's ConfigMap");
});

test('a failure carries its reason', () => {
  const failed = aView([
    aPhase('PreSync', [
      aWave(0, 'failed', [
        aHook('m', 'failed', { startedAt: at(0), finishedAt: at(38), message: 'BackoffLimitExceeded' }),
      ]),
    ]),
  ]);
  expect(said([[40, failed]])).toEqual([
    '12:00:38 PreSync    0  Job/m                     failed     38s  BackoffLimitExceeded',
  ]);
});

test('resources count as done when their wave is, not when they are applied', () => {
  const applied = aView([
    aPhase('Sync', [aWave(0, 'running', [aBatch(['Deployment/a'], 'succeeded')], { startedAt: at(1) })]),
  ]);
  const healthy = aView([
    aPhase('Sync', [
      aWave(0, 'succeeded', [aBatch(['Deployment/a'], 'succeeded')], { startedAt: at(1), finishedAt: at(9) }),
    ]),
  ]);
  expect(
    said([
      [2, applied],
      [9, healthy],
    ]),
  ).toEqual([
    '12:00:01 Sync       0  Deployment/a              started',
    '12:00:09 Sync       0  Deployment/a              succeeded  8s  1 changed',
  ]);
});

test('skipped steps are not told, warnings are', () => {
  const view = aView([aPhase('SyncFail', [aWave(0, 'skipped', [aHook('n', 'skipped')])])], {
    warnings: ['misspelled'],
  });
  expect(
    said([
      [1, view],
      [2, view],
    ]),
  ).toEqual(['12:00:01 warning: misspelled']);
});

test('a step that a person has skipped is told, with who and why', () => {
  const skipped = { by: 'ada', reason: 'done by hand', at: at(2) };
  const view = (state: StepState, rest: Partial<HookStatus> = {}) =>
    aView([aPhase('PreSync', [aWave(0, state, [aHook('db-migrate', state, rest)])])]);
  expect(
    said([
      [1, view('failed', { startedAt: at(0), finishedAt: at(1), message: 'exit code 1' })],
      [2, view('skipped', { skipped })],
      [3, view('skipped', { skipped })],
    ]),
  ).toEqual([
    '12:00:01 PreSync    0  Job/db-migrate            failed     1s  exit code 1',
    '12:00:02 PreSync    0  Job/db-migrate            skipped    by ada: done by hand',
  ]);
});

test('an attempt that failed is told once, with the pause until the next', () => {
  const spent = (attempt: number, second: number) => ({
    attempt,
    startedAt: at(second - 3),
    finishedAt: at(second),
    message: 'exit code 1',
  });
  const seen = (state: StepState, rest: Partial<HookStatus>) =>
    aView([
      aPhase('PreSync', [aWave(0, state, [aHook('db-migrate', state, { startedAt: at(3), retries: 3, ...rest })])]),
    ]);
  const first = { attempt: 1, spent: [spent(1, 6)], nextAt: at(11) };
  const second = { attempt: 2, spent: [spent(1, 6), spent(2, 14)], nextAt: at(24), startedAt: at(24) };
  expect(
    said([
      [3, seen('running', {})],
      [7, seen('running', first)],
      [8, seen('running', first)],
      [15, seen('running', second)],
      [30, seen('succeeded', { ...second, finishedAt: at(29) })],
    ]),
  ).toEqual([
    '12:00:03 PreSync    0  Job/db-migrate            started    limit 30m',
    '12:00:06 PreSync    0  Job/db-migrate            failed     attempt 1 of 4: exit code 1, next attempt in 5s',
    '12:00:14 PreSync    0  Job/db-migrate            failed     attempt 2 of 4: exit code 1, next attempt in 10s',
    '12:00:29 PreSync    0  Job/db-migrate            succeeded  5s',
  ]);
});
