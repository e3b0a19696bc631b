import { describe, expect, it } from 'vitest';
import { parsePlace } from '../../../../core/sync/plan-place.ts';
import type { Resumption } from '../../../../core/sync/resumption.ts';
import { resume } from '../../../../core/sync/resumption.ts';
import type { PhaseStatus, StepState, WaveStatus } from '../../../../core/sync/status.ts';
import { aBatch, aHook, aPhase, aWave } from '../../cli/sync-views.ts';

/** backup ✓ → db-migrate ✗ → resources and smoke never begun → notify ran; as a sync leaves them that has closed. */
const failed: readonly PhaseStatus[] = [
  aPhase(
    'PreSync',
    [
      aWave(-5, 'succeeded', [aHook('backup', 'succeeded', { attempt: 1, finishedAt: 9 })]),
      aWave(0, 'failed', [
        aHook('db-migrate', 'failed', { attempt: 1, message: 'exit 1' }),
        aHook('seed', 'succeeded'),
      ]),
    ],
    'failed',
  ),
  aPhase('Sync', [
    aWave(0, 'skipped', [aBatch(['ConfigMap/a'], 'skipped')]),
    aWave(1, 'skipped', [aBatch(['Deployment/a'], 'skipped')]),
  ]),
  aPhase('PostSync', [aWave(0, 'skipped', [aHook('smoke', 'skipped')])]),
  aPhase('SyncFail', [aWave(0, 'succeeded', [aHook('notify', 'succeeded')])]),
];

function outline(phases: readonly PhaseStatus[]): readonly string[] {
  const stepsOf = ({ steps }: WaveStatus) =>
    steps.map((step) => `${step.kind === 'hook' ? step.ref.name : step.titles.join('+')} ${step.state}`).join(', ');
  return phases.flatMap(({ phase, state, waves }) =>
    waves.map((wave) => `${phase} ${state} / ${String(wave.wave)} ${wave.state}: ${stepsOf(wave)}`),
  );
}

function remaining(resumption: Resumption, phases = failed) {
  const resumed = resume(phases, resumption);
  if (resumed.kind === 'refused') throw new Error(resumed.why);
  return { ...resumed, outline: outline(resumed.phases) };
}

const skip = { by: 'ann', reason: 'not needed', at: 5 };

describe('a sync that goes on at the failed step', () => {
  it('runs what failed and what never began, and nothing that has succeeded; alerts begin anew', () => {
    const { outline: lines, again, leftOut } = remaining({ kind: 'failed-step' });
    expect(lines).toEqual([
      'PreSync pending / -5 succeeded: backup succeeded',
      'PreSync pending / 0 pending: db-migrate pending, seed succeeded',
      'Sync pending / 0 pending: ConfigMap/a pending',
      'Sync pending / 1 pending: Deployment/a pending',
      'PostSync pending / 0 pending: smoke pending',
      'SyncFail pending / 0 pending: notify pending',
    ]);
    expect({ again, leftOut }).toEqual({ again: false, leftOut: [] });
  });

  it('forgets the failed attempt: its times and message are the next one’s', () => {
    const [, wave] = remaining({ kind: 'failed-step' }).phases[0]!.waves;
    expect(wave!.steps[0]).not.toHaveProperty('message');
    expect(wave!.steps[0]).not.toHaveProperty('attempt');
  });

  it('gives a hook its retries anew', () => {
    const spent = [{ attempt: 1, startedAt: 1, finishedAt: 2, message: 'exit 1' }];
    const hook = aHook('db-migrate', 'failed', { attempt: 2, retries: 1, spent, nextAt: 3 });
    const [step] = remaining({ kind: 'failed-step' }, [aPhase('PreSync', [aWave(0, 'failed', [hook])])]).phases[0]!
      .waves[0]!.steps;
    expect(step).toEqual(aHook('db-migrate', 'pending', { retries: 1 }));
  });

  it('only waits for health again where a wave was applied and never became healthy', () => {
    const unhealthy = [aPhase('Sync', [aWave(0, 'failed', [aBatch(['Deployment/a'], 'succeeded')])], 'failed')];
    expect(remaining({ kind: 'failed-step' }, unhealthy).outline).toEqual([
      'Sync pending / 0 pending: Deployment/a succeeded',
    ]);
  });

  it.each<StepState>(['aborted', 'running', 'waiting'])('runs a step that was %s when the sync ended', (state) => {
    const stopped = [aPhase('PreSync', [aWave(0, state, [aHook('a', state)])], 'aborted')];
    expect(remaining({ kind: 'failed-step' }, stopped).outline).toEqual(['PreSync pending / 0 pending: a pending']);
  });

  it('is refused where everything has succeeded', () => {
    const done = [aPhase('Sync', [aWave(0, 'succeeded', [aBatch(['ConfigMap/a'], 'succeeded')])])];
    expect(resume(done, { kind: 'failed-step' })).toMatchObject({ kind: 'refused' });
  });
});

describe('a sync that goes on without a step', () => {
  it('passes it over and records who has decided that', () => {
    const { phases, outline: lines } = remaining({ kind: 'skip', step: 'db-migrate', skip });
    expect(lines[1]).toBe('PreSync pending / 0 pending: db-migrate skipped, seed succeeded');
    expect(phases[0]!.waves[1]!.steps[0]).toMatchObject({ skipped: skip });
  });

  it('leaves it skipped when it fails again and is retried', () => {
    const once = remaining({ kind: 'skip', step: 'Job/db-migrate', skip });
    expect(remaining({ kind: 'failed-step' }, once.phases).outline[1]).toContain('db-migrate skipped');
  });

  it('passes over the resources of a wave by its place', () => {
    expect(remaining({ kind: 'skip', step: 'Sync:1', skip }).outline[3]).toBe(
      'Sync pending / 1 skipped: Deployment/a skipped',
    );
  });

  it.each([
    ['backup', 'backup has succeeded already'],
    ['nobody', 'there is no step nobody; there are Job/backup, Job/db-migrate, Job/seed, Sync:0, Sync:1, Job/smoke'],
    ['notify', 'there is no step notify'],
  ])('refuses %s', (step, why) => {
    const refused = resume(failed, { kind: 'skip', step, skip });
    expect(refused).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) as string });
  });

  it('asks which one is meant where a name fits two', () => {
    const both = [
      aPhase(
        'PreSync',
        [aWave(0, 'failed', [aHook('a', 'failed'), { ...aHook('a', 'failed'), id: 'hook/other' }])],
        'failed',
      ),
    ];
    expect(resume(both, { kind: 'skip', step: 'a', skip })).toMatchObject({
      kind: 'refused',
      why: 'a could be more than one step: hook/a, hook/other',
    });
  });
});

describe('a sync that goes on from a place', () => {
  it('runs everything from there again, and lists what before it has not succeeded', () => {
    const { outline: lines, again, leftOut } = remaining({ kind: 'from', place: { phase: 'Sync', wave: 1 } });
    expect(lines).toEqual([
      'PreSync succeeded / -5 succeeded: backup succeeded',
      'PreSync succeeded / 0 skipped: db-migrate skipped, seed succeeded',
      'Sync pending / 0 skipped: ConfigMap/a skipped',
      'Sync pending / 1 pending: Deployment/a pending',
      'PostSync pending / 0 pending: smoke pending',
      'SyncFail pending / 0 pending: notify pending',
    ]);
    expect({ again, leftOut }).toEqual({
      again: true,
      leftOut: ['PreSync wave 0 (Job/db-migrate, Job/seed)', 'Sync wave 0 (1 object)'],
    });
  });

  it('runs a phase from its first wave where no wave is named, also what has succeeded', () => {
    expect(remaining({ kind: 'from', place: { phase: 'PreSync' } }).outline[0]).toBe(
      'PreSync pending / -5 pending: backup pending',
    );
  });

  it('refuses a place that the plan does not have', () => {
    expect(resume(failed, { kind: 'from', place: { phase: 'Sync', wave: 7 } })).toEqual({
      kind: 'refused',
      why: 'the plan has no Sync:7; it has PreSync:-5, PreSync:0, Sync:0, Sync:1, PostSync:0',
    });
  });
});

describe('a sync that goes on with one step', () => {
  it('runs that one, also where it has succeeded, and lists what is left out', () => {
    const { outline: lines, again, leftOut } = remaining({ kind: 'only', step: 'backup' });
    expect(lines[0]).toBe('PreSync pending / -5 pending: backup pending');
    expect(lines[1]).toContain('db-migrate skipped');
    expect(again).toBe(true);
    expect(leftOut).toEqual([
      'PreSync wave 0 (Job/db-migrate, Job/seed)',
      'Sync wave 0 (1 object)',
      'Sync wave 1 (1 object)',
      'PostSync wave 0 (Job/smoke)',
    ]);
  });
});

it('a restart runs everything', () => {
  const { outline: lines, again } = remaining({ kind: 'restart' });
  expect(lines.every((line) => !/succeeded|skipped/.test(line))).toBe(true);
  expect(again).toBe(true);
});

it.each([
  ['PreSync:0', { phase: 'PreSync', wave: 0 }],
  ['presync:-5', { phase: 'PreSync', wave: -5 }],
  ['PostSync', { phase: 'PostSync' }],
  ['Presnyc:0', undefined],
  ['PreSync:', undefined],
  ['PreSync:1.5', undefined],
  ['', undefined],
])('the place %j reads as %j', (text, place) => {
  expect(parsePlace(text)).toEqual(place);
});
