import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { creations, historyOf } from './support/audit.ts';
import { configMap, job } from './support/manifests.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

/** Resolves once a line is listed: the list may be a moment behind. */
async function listed(line: RegExp, ...flags: readonly string[]): Promise<void> {
  await until(
    `${line.source} is listed`,
    async () => line.test((await world.cli(['list', ...flags])).stdout) || undefined,
  );
}

const older = (pods: Readonly<Record<string, string>>) => [
  job('migrate', { hook: 'PreSync', pods }),
  job('check', { hook: 'PreSync', wave: 1 }),
  configMap('settings', {}, { release: 'older' }),
  job('alert', { hook: 'SyncFail' }),
];

const newer = [job('migrate', { hook: 'PreSync' }), configMap('settings', {}, { release: 'newer' })];

describe.concurrent('a newer sync that supersedes an older one', () => {
  test('waits for the end of its hook; nothing more of it begins, and it ends with code 7', async () => {
    const app = await world.application('superseded');
    const first = await app.start(older({ hang: 'true' }), '--revision', 'r1');
    await app.podRuns('migrate');
    const second = await app.start(newer, '--revision', 'r2', '--if-running', 'supersede');
    await until('the first gives way', async () => first.output().includes('ends at its next safe point') || undefined);
    await until('the second waits', async () => second.output().includes('supersedes sync') || undefined);
    await app.letEnd('migrate');
    const [ended, followed] = await Promise.all([first.ended, second.ended]);
    expect(ended.code).toBe(7);
    expect(ended.stdout).toContain('ends at its next safe point');
    expect(ended.stdout).toContain('» superseded was superseded by revision r2 of e2e');
    expect(ended.stdout).toMatch(/not run: PreSync wave 1 \(Job\/check\), Sync wave 0/);
    expect(followed.code).toBe(0);
    expect(followed.stdout).toMatch(/supersedes sync \S+ \(revision r1, by e2e\), first in line/);
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'jobs/migrate', 'configmaps/settings']);
    expect(historyOf(await app.events(), 'jobs', 'migrate')).toMatchObject({ created: 2, pods: 2 });
    expect((await app.record()).holder).toBeNull();
    await listed(/superseded +default +superseded +r1 +Superseded/, '--all');
  });

  test('stops its hook at once where it may take no time, with its log kept', async () => {
    const app = await world.application('superseded-now');
    const first = await app.start(older({ hang: 'true', log: 'waiting for a lock' }));
    await app.podRuns('migrate');
    const second = await app.sync(newer, '--if-running', 'supersede', '--supersede-within', '0s');
    expect(second.code).toBe(0);
    expect((await first.ended).code).toBe(7);
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'jobs/migrate', 'configmaps/settings']);
  });
});

describe.concurrent('syncs in a queue', () => {
  test('are shown while they wait, can be aborted, and begin once the one before is over', async () => {
    const app = await world.application('queued');
    const first = await app.start(older({ hang: 'true' }), '--revision', 'r1');
    await app.podRuns('migrate');
    const ask = (...flags: readonly string[]) => app.start(newer, '--if-running', 'queue', ...flags);
    const second = await ask('--revision', 'r2', '--sync-id', 'second');
    await until('the second waits', async () => second.output().includes('queued behind') || undefined);
    const third = await ask('--revision', 'r3', '--sync-id', 'third');
    await until('the third waits', async () => third.output().includes('1 before it in line') || undefined);
    const shown = await Promise.all([
      world.cli(['status', app.name]),
      world.cli(['explain', app.name, '--sync', 'third']),
    ]);
    const [status = '', explained = ''] = shown.map(({ stdout }) => stdout);
    expect(status).toMatch(/behind it waits revision r2 of e2e \(sync second\), and 1 more/);
    expect(explained).toContain('syncline abort queued --sync third');
    await listed(/queued +default +queued +r2 +Queued/);
    expect(await world.cli(['abort', app.name, '--sync', 'third', '--reason', 'too late'])).toMatchObject({ code: 0 });
    expect(await world.cli(['abort', app.name])).toMatchObject({ code: 0 });
    const ended = await Promise.all([first.ended, second.ended, third.ended]);
    expect(ended.map(({ code }) => code)).toEqual([3, 0, 3]);
    expect(ended[2].stdout).toContain('was withdrawn by e2e before it began: too late');
    expect(await (await ask('--revision', 'r2', '--sync-id', 'second')).ended).toMatchObject({ code: 0 });
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'jobs/migrate', 'configmaps/settings']);
  });
});

describe('a sync that begins at a place of its plan', () => {
  test('takes new bytes, and leaves out what stands before it', async () => {
    const app = await world.application('late');
    const flags = ['--from', 'Sync:0', '-o', 'json'];
    const { code, stdout, stderr } = await app.sync(newer, ...flags);
    expect(code).toBe(0);
    expect(stderr).toContain('begins at Sync:0; left out: PreSync wave 0 (Job/migrate)');
    expect(JSON.parse(stdout)).toMatchObject({
      from: { place: 'Sync:0', leftOut: ['PreSync wave 0 (Job/migrate)'] },
      phases: [
        { phase: 'PreSync', state: 'skipped' },
        { phase: 'Sync', state: 'succeeded' },
      ],
    });
    expect(creations(await app.writes())).toEqual(['configmaps/settings']);
    await listed(/late +default +late .*Succeeded \(partial\)/);
    const wrong = await app.sync(newer, '--from', 'PostSync');
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain('the plan has no PostSync');
  });
});
