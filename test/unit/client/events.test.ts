import { expect, test } from 'vitest';
import { changesBetween } from '../../../client/events.ts';
import { withPhases } from '../../../client/view.ts';
import { aHook, aPhase, aView, aWave, hookWork } from '../cli/sync-views.ts';

const pending = aView([aPhase('PreSync', [aWave(0, 'pending', [aHook('m', 'pending')])])]);
const running = aView([aPhase('PreSync', [aWave(0, 'running', [aHook('m', 'running', { attempt: 1 })])])], {}, [
  hookWork('m'),
]);

test('the first view tells what has begun', () => {
  expect(changesBetween(undefined, pending)).toEqual([{ kind: 'sync', state: 'running' }]);
});

test('a hook that starts is told with its phase, its wave and its progress, from the outside in', () => {
  expect(changesBetween(pending, running).map((event) => event.kind)).toEqual(['phase', 'wave', 'hook', 'progress']);
});

test('the same view again tells nothing', () => expect(changesBetween(running, running)).toEqual([]));

test('a new attempt of a running hook is told', () => {
  const again = aView([aPhase('PreSync', [aWave(0, 'running', [aHook('m', 'running', { attempt: 2 })])])], {}, [
    hookWork('m'),
  ]);
  expect(changesBetween(running, again)).toMatchObject([{ kind: 'hook', hook: { attempt: 2 } }]);
});

test('the end is told once', () => {
  const result = {
    ...pending.status,
    outcome: 'Succeeded' as const,
    finishedAt: 1,
    counts: { applied: 0, unchanged: 0, pruned: 0, hooks: 0 },
  };
  const ended = { ...running, work: [], result };
  expect(changesBetween(running, ended)).toEqual([{ kind: 'ended', result }]);
  expect(changesBetween(ended, ended)).toEqual([]);
});

test('the detail of a phase takes the place of what the root knows of it', () => {
  expect(withPhases(pending.status, running.status.phases).phases).toEqual(running.status.phases);
});
