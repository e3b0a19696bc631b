import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { widthOf } from '../../../cli/render/cells.ts';
import { styleOf } from '../../../cli/render/style.ts';
import type { TreeOptions } from '../../../cli/render/tree.ts';
import { renderTree } from '../../../cli/render/tree.ts';
import { aBatch, aHook, aPhase, at, aView, aWave, hookWork } from './sync-views.ts';

const OPTIONS: TreeOptions = {
  now: at(128),
  width: 100,
  height: 40,
  style: styleOf(false),
  logs: new Map(),
  application: 'shop',
};

const running = aView(
  [
    aPhase(
      'PreSync',
      [
        aWave(-5, 'succeeded', [aHook('backup', 'succeeded', { startedAt: at(1), finishedAt: at(13) })], {
          startedAt: at(1),
          finishedAt: at(13),
        }),
        aWave(0, 'running', [aHook('db-migrate', 'running', { startedAt: at(17) })], { startedAt: at(16) }),
      ],
      'running',
    ),
    aPhase('Sync', [aWave(0, 'pending', [aBatch(['ConfigMap/a', 'Secret/b', 'Service/c', 'Service/d'], 'pending')])]),
    aPhase('SyncFail', [aWave(0, 'pending', [aHook('notify', 'pending')])]),
  ],
  {},
  [hookWork('db-migrate')],
);

describe('the tree of a running sync', () => {
  test('shows finished waves in one line, the running hook with its limit and pod, and what is yet to come', () => {
    const logs = new Map([['hook/db-migrate', ['applying 0042', 'applying 0043']]]);
    expect(renderTree(running, { ...OPTIONS, logs, footer: 'Ctrl-C leaves the sync running' }).split('\n')).toEqual([
      'shop · sync 41 · 2m08s',
      ' ✓ PreSync   wave  -5   Job/backup                12s',
      ' ● PreSync   wave   0   Job/db-migrate   1m51s of 30m   pod db-migrate-x7k Running',
      ' │   applying 0042',
      ' │   applying 0043',
      ' ○ Sync      wave   0   4 objects',
      ' Ctrl-C leaves the sync running',
    ]);
  });

  test('says what keeps a hook waiting, for how long, and what helps [argo 5.33]', () => {
    const problem = { reason: 'Unschedulable', message: '0/3 nodes are available', since: at(68) };
    const view = { ...running, work: [hookWork('db-migrate', { problem })] };
    const tree = renderTree(view, OPTIONS);
    expect(tree).toContain(' │   Unschedulable for 1m: 0/3 nodes are available');
    expect(tree).toMatch(/│ {3}→ lower resources\.requests/);
  });

  test('says of what a person has skipped who and why, beside what was done of the wave', () => {
    const skipped = { by: 'ada', reason: 'done by hand', at: at(2) };
    const hooks = [
      aHook('backup', 'succeeded', { startedAt: at(1), finishedAt: at(13) }),
      aHook('db-migrate', 'skipped', { skipped }),
    ];
    const waves = [
      aWave(0, 'succeeded', hooks),
      aWave(1, 'skipped', [aBatch(['ConfigMap/a'], 'skipped', { skipped })]),
    ];
    expect(
      renderTree(aView([aPhase('PreSync', waves)], { state: 'succeeded' }), OPTIONS)
        .split('\n')
        .slice(1),
    ).toEqual([
      ' ✓ PreSync   wave   0   Job/backup                12s',
      ' –                      Job/db-migrate                  skipped by ada: done by hand',
      ' – PreSync   wave   1   ConfigMap/a                     skipped by ada: done by hand',
    ]);
  });

  test('says why an activity is repeated instead of what it did before', () => {
    const view = { ...running, work: [{ ...hookWork('db-migrate'), tries: 3, trouble: 'connection refused' }] };
    expect(renderTree(view, OPTIONS)).toContain('try 3: connection refused');
  });

  test('says of a hook that is tried again why it failed and when the next attempt begins, then which one runs', () => {
    const spent = [{ attempt: 1, startedAt: at(100), finishedAt: at(120), message: 'exit code 1' }];
    const hook = aHook('db-migrate', 'running', { startedAt: at(125), retries: 3, spent, nextAt: at(125) });
    const treeOf = (attempt: number) =>
      renderTree(aView([aPhase('PreSync', [aWave(0, 'running', [hook])])], {}, [hookWork('db-migrate', { attempt })]), {
        ...OPTIONS,
        width: 140,
      });
    expect(treeOf(1)).toContain('attempt 1 of 4 failed: exit code 1, next at 12:02:05');
    expect(treeOf(2)).toContain('attempt 2 of 4: pod db-migrate-x7k Running');
  });

  test('puts details below the step where the terminal is narrow', () => {
    const lines = renderTree(running, { ...OPTIONS, width: 50 }).split('\n');
    expect(lines).toContain(' │   pod db-migrate-x7k Running');
  });

  test('links to Temporal only where there is room', () => {
    const link = 'http://localhost:8233/namespaces/default/workflows/x';
    expect(renderTree(running, { ...OPTIONS, link }).split('\n')[0]).toContain(link);
    expect(renderTree(running, { ...OPTIONS, link, width: 60 })).not.toContain(link);
  });

  test('names a worker that does not answer', () => {
    expect(renderTree({ ...running, stale: true }, OPTIONS)).toContain('no worker answers');
  });

  test('keeps control codes of a log away from the terminal', () => {
    const logs = new Map([['hook/db-migrate', ['\u001b[2J\u001b[31mred\u0007\u0000']]]);
    expect(renderTree(running, { ...OPTIONS, logs })).toContain(' │   red\n');
  });

  test('never writes a line that is wider than the terminal', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 200 }),
        fc.string({ maxLength: 300 }),
        fc.string({ maxLength: 80 }),
        (width, message, name) => {
          const problem = { reason: 'Unschedulable', message };
          const phases = [
            aPhase('PreSync', [
              aWave(0, 'running', [aHook(name, 'running', { startedAt: at(1) }), aHook('b', 'pending')]),
            ]),
          ];
          const view = aView(phases, {}, [hookWork(name, { problem, state: message })]);
          const logs = new Map([[`hook/${name}`, [message]]]);
          for (const line of renderTree(view, { ...OPTIONS, width, logs }).split('\n'))
            expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('folds finished and far waves where there are more than the terminal has rows', () => {
    const waves = Array.from({ length: 60 }, (_, wave) => {
      const state = wave < 30 ? 'succeeded' : wave === 30 ? 'running' : 'pending';
      return aWave(wave, state, [aBatch([`ConfigMap/c${wave}`], state)], {
        startedAt: at(wave),
        finishedAt: at(wave + 1),
      });
    });
    const lines = renderTree(aView([aPhase('Sync', waves, 'running')]), { ...OPTIONS, height: 20 }).split('\n');
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(lines.join('\n')).toContain('ConfigMap/c30');
    expect(lines.join('\n')).toMatch(/✓.* waves done/);
    expect(lines.join('\n')).toMatch(/○.* more waves/);
  });
});

test('SyncFail is shown once it runs', () => {
  const view = aView([aPhase('SyncFail', [aWave(0, 'running', [aHook('notify', 'running', { startedAt: at(100) })])])]);
  expect(renderTree(view, OPTIONS)).toContain('SyncFail  wave   0   Job/notify');
});

test('colour changes nothing but colour', () => {
  const plain = renderTree(running, { ...OPTIONS, style: styleOf(true) }).replaceAll(/\u001b\[\d+m/g, '');
  expect(plain).toBe(renderTree(running, OPTIONS));
});
