import { expect, test } from 'vitest';
import { eventOf, progressIn } from '../../../client/following/events.ts';
import { withPhases } from '../../../client/following/view.ts';
import { isLater } from '../../../client/following/watching.ts';
import { aBatch, aHook, aPhase, aView, aWave, hookWork } from '../cli/sync-views.ts';

const pending = aView([aPhase('PreSync', [aWave(0, 'pending', [aHook('m', 'pending')])])]);
const running = aView([aPhase('PreSync', [aWave(0, 'running', [aHook('m', 'running', { attempt: 1 })])])], {}, [
  hookWork('m'),
]);

test('an entry about a hook becomes the hook as it stood then, not as it stands now', () => {
  const { status } = aView([
    aPhase('PreSync', [aWave(0, 'failed', [aHook('m', 'failed', { attempt: 2, message: 'exit code 1', retries: 3 })])]),
  ]);
  const entry = { kind: 'hook', at: 5, phase: 'PreSync', wave: 0, step: 0, change: { state: 'running' } } as const;
  expect(eventOf(entry, status)).toEqual({
    ...{ kind: 'hook', at: 5, phase: 'PreSync', wave: 0 },
    hook: { ...aHook('m', 'running'), retries: 3 },
  });
});

test('an entry about a batch has its objects', () => {
  const { status } = aView([aPhase('Sync', [aWave(1, 'succeeded', [aBatch(['a', 'b'], 'succeeded')])])]);
  const entry = { kind: 'batch', at: 5, phase: 'Sync', wave: 1, step: 0, state: 'running' } as const;
  expect(eventOf(entry, status)).toMatchObject({ batch: { count: 2, state: 'running', titles: ['a', 'b'] } });
});

test('an entry about a step that the status does not know is no event yet', () => {
  const entry = { kind: 'wave', at: 5, phase: 'Sync', wave: 1, state: 'running' } as const;
  expect(eventOf(entry, pending.status)).toBeUndefined();
});

test('what a worker says is told once, until it says something else', () => {
  expect(progressIn(pending, running)).toMatchObject([{ kind: 'progress', phase: 'PreSync' }]);
  expect(progressIn(running, running)).toEqual([]);
});

test.each([
  ['r.2.0', undefined, true],
  ['r.2.0', 'other.9.9', true],
  ['r.2.0', 'nonsense', true],
  ['r.2.0', 'r.1.5', true],
  ['r.2.0', 'r.2.0', false],
  ['r.2.1', 'r.2.0', true],
  ['r.2.1', 'r.2.10', false],
  ['r.1.5', 'r.2.0', false],
  ['r.ended', 'r.2.0', true],
  ['r.ended', 'r.ended', false],
  ['r.2.0', 'r.ended', false],
])('event %s comes after %s: %s', (id, other, expected) => expect(isLater(id, other)).toBe(expected));

test('the detail of a phase takes the place of what the root knows of it', () => {
  expect(withPhases(pending.status, running.status.phases).phases).toEqual(running.status.phases);
});
