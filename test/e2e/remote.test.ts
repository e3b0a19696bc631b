import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectServer } from '../../client/index.ts';
import { commitAll, makeRepository } from '../sources/support/repository.ts';
import type { RunningServer } from './support/api.ts';
import { startServer } from './support/api.ts';
import { creations } from './support/audit.ts';
import type { CliResult } from './support/processes.ts';
import { configMap, job, yamlOf } from './support/manifests.ts';
import type { ServedWorld } from './support/served-world.ts';
import { servedWorld } from './support/served-world.ts';
import { until } from './support/waiting.ts';
import type { World } from './support/world.ts';

let world: World;
let server: RunningServer;

let served: ServedWorld;

beforeAll(async () => {
  served = await servedWorld();
  ({ world, server } = served);
});
afterAll(() => served.stop());

/** What a command said, where it ended as it should. */
async function said(code: number, ran: Promise<CliResult>): Promise<string> {
  const { stdout, stderr, code: ended } = await ran;
  expect({ ended, stderr, stdout }).toMatchObject({ ended: code });
  return stdout;
}

async function json<T>(ran: Promise<CliResult>): Promise<T> {
  return JSON.parse(await said(0, ran)) as T;
}

describe.concurrent('the command with nothing but a server and a token', () => {
  test('syncs, tells what failed with its log, and goes on: as with Temporal, with the token’s name in the record', async () => {
    const app = await world.application('remote');
    const failing = job('migrate', { hook: 'PreSync', pods: { 'exit-code': '3', log: 'ERROR: no such table' } });
    const folder = await world.folder({ 'deploy.yaml': yamlOf(failing, configMap('settings')) });
    const sync = ['sync', folder, '--app', app.name, '-n', app.name];
    const failed = await said(1, server.cli(sync));
    expect(failed).toContain(`server ${server.url}`);
    expect(failed).toMatch(/✗ Job\/migrate failed in PreSync wave 0/);
    expect(failed).toContain('ERROR: no such table');
    expect(await said(0, server.cli(['logs', app.name, 'migrate']))).toBe('ERROR: no such table\n');
    expect(await said(0, server.cli(['events', app.name, 'migrate']))).toContain('Job/migrate');
    expect(await said(0, server.cli(['explain', app.name]))).toContain('ERROR: no such table');
    expect(await said(1, server.cli(['retry', app.name]))).toContain('attempt 2');
    await said(0, server.cli(['skip', app.name, 'migrate', '--reason', 'done by hand']));
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'jobs/migrate', 'configmaps/settings']);
    // A comparison that is not made in 10 s is given up.
    const status = await until('the sync state is known', async () => {
      const told = await json<{ bundle: string; syncState: { state: string } }>(
        server.cli(['status', app.name, '-o', 'json']),
      );
      return told.syncState.state === 'unknown' ? undefined : told;
    });
    const resources = await until('the resources are compared', async () => {
      const told = await json<{ resources: readonly { sync?: string }[] }>(
        server.cli(['resources', app.name, '-o', 'json']),
      );
      return told.resources.some(({ sync }) => sync === undefined) ? undefined : told.resources;
    });
    expect(resources).toMatchObject([{ name: 'settings', state: 'succeeded', sync: 'Synced' }]);
    expect(status).toMatchObject({
      outcome: 'Succeeded',
      requestedBy: 'the-admin',
      syncState: { state: 'in-sync' },
    });
    // The very bytes: the same folder read beside Temporal is the same bundle.
    expect(await json(world.cli([...sync, '--dry-run', '-o', 'json']))).toMatchObject({ bundle: status.bundle });
  });

  test('names the file and line of what is invalid, and what the token may not do, with the codes of always', async () => {
    const app = await world.application('remote-refused');
    const folder = await world.folder({ 'a.yaml': yamlOf(configMap('a')), 'b.yaml': 'kind: ConfigMap\n' });
    const invalid = await server.cli(['sync', folder, '--app', app.name, '-n', app.name]);
    expect(invalid).toMatchObject({ code: 2, stderr: expect.stringContaining('b.yaml:1: ') as string });
    expect(await server.cli(['status', 'nobody'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no sync of nobody') as string,
    });
    const viewer = await server.token('viewer', 'other-*');
    expect(await server.cli(['status', app.name], viewer)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`the token of the-viewer is not for ${app.name}`) as string,
    });
    expect(await server.cli(['list'], 'sl_000000000000_x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('SYNCLINE_TOKEN') as string,
    });
  });

  test('waits for an approver, and keeps history to go back to', async () => {
    const app = await world.application('remote-history');
    const approved = { annotations: { 'syncline.dev/approval': 'required' } };
    const one = await world.folder({ 'a.yaml': yamlOf(configMap('settings', {}, { value: 'one' })) });
    const two = await world.folder({ 'a.yaml': yamlOf(configMap('settings', approved, { value: 'two' })) });
    await said(0, server.cli(['app', 'set', app.name, one, '-n', app.name]));
    expect(await json(server.cli(['app', 'get', app.name, '-o', 'json']))).toMatchObject({ source: { location: one } });
    await said(0, server.cli(['sync', app.name, '--revision', 'v1']));
    const waiting = server.start(['sync', two, '--app', app.name, '-n', app.name, '--revision', 'v2']);
    await until('it waits', async () => waiting.output().includes('approv') || undefined);
    const again = await server.cli(['sync', two, '--app', app.name, '-n', app.name]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is running already') as string });
    const operator = await server.token('operator');
    expect(await server.cli(['approve', app.name], operator)).toMatchObject({ code: 1 });
    await said(0, server.cli(['approve', app.name, '--reason', 'checked'], await server.token('approver')));
    await said(0, waiting.ended);
    expect(await said(6, server.cli(['diff', app.name]))).toContain('one');
    expect(await said(0, server.cli(['rollback', app.name]))).toContain('back to sync 1');
    expect(await app.get('ConfigMap', 'settings')).toMatchObject({ data: { value: 'one' } });
    expect(await json(server.cli(['history', app.name, '-o', 'json']))).toMatchObject({
      entries: [{ revision: 'v1', rollback: { number: 1 } }, { revision: 'v2' }, { revision: 'v1' }],
    });
    expect(await said(0, server.cli(['delete', app.name, '--yes']))).toContain('deleted');
    expect(await app.get('ConfigMap', 'settings')).toBeUndefined();
    await said(0, server.cli(['app', 'delete', app.name]));
  });

  test('has the server render what is kept, and a repository that it may read, and nothing of this machine', async () => {
    const app = await world.application('remote-rendered');
    const { work } = await makeRepository(served.root);
    await writeFile(join(work, 'a.yaml'), yamlOf(configMap('settings')));
    const commit = await commitAll(work, 'one');
    const source = `git+${served.repositories.address}/repo.git`;
    await said(0, server.cli(['app', 'set', app.name, source, '-n', app.name]));
    const synced = await said(0, server.cli(['sync', app.name, '--render-on-server']));
    expect(synced).toContain(`${source} rendered by the server`);
    const status = await json(server.cli(['status', app.name, '-o', 'json']));
    expect(status).toMatchObject({
      outcome: 'Succeeded',
      revision: expect.stringContaining(commit.slice(0, 7)) as string,
    });
    expect(creations(await app.writes())).toEqual(['configmaps/settings']);
    const flags = ['--app', app.name, '-n', app.name, '--render-on-server'];
    expect(await said(0, server.cli(['diff', source, '--ref', 'main', ...flags]))).toContain('rendered by the server');
    const elsewhere = await server.cli(['sync', 'https://elsewhere.invalid/repo.git', ...flags]);
    expect(elsewhere).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('this server may not read manifests from that location') as string,
    });
    expect(await server.cli(['sync', './deploy', ...flags])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('./deploy is on this machine, where no server could read it') as string,
    });
    expect(await world.cli(['sync', app.name, '--render-on-server'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--render-on-server names no server that could render') as string,
    });
  });

  test('reads the log of a hook as it is written, stops it, and waits in line', async () => {
    const app = await world.application('remote-line');
    const folder = await world.folder({
      'a.yaml': yamlOf(job('slow', { pods: { hang: 'true', log: 'waiting for a lock' }, hook: 'PreSync' })),
    });
    const next = await world.folder({ 'a.yaml': yamlOf(configMap('settings')) });
    const flags = ['--app', app.name, '-n', app.name, '--detach'];
    expect(await said(0, server.cli(['sync', folder, ...flags]))).toContain('follow it with: syncline status');
    await app.podRuns('slow');
    const log = server.start(['logs', app.name, 'slow', '-f']);
    await until('the log is read', async () => log.output().includes('waiting for a lock') || undefined);
    await said(0, server.cli(['sync', next, ...flags, '--if-running', 'queue', '--sync-id', 'second']));
    // The list may be a moment behind.
    await until(
      'it is listed',
      async () => /remote-line .*Queued/.test(await said(0, server.cli(['list']))) || undefined,
    );
    await said(0, server.cli(['abort', app.name, '--reason', 'wrong release']));
    expect(await log.ended).toEqual({ code: 0, stdout: 'waiting for a lock\n', stderr: '' });
    await said(0, server.cli(['status', app.name, '--sync', 'second', '--watch']));
  });

  test('a sync is followed through the death of its server, with no event lost or told twice', async () => {
    const app = await world.application('remote-restart');
    const dying = await startServer(world);
    const client = connectServer({ url: dying.url, token: await dying.token('operator') });
    const folder = await world.folder({
      'a.yaml': yamlOf(
        job('backup', { hook: 'PreSync', wave: -1, pods: { 'succeed-after': '1s' } }),
        job('migrate', { hook: 'PreSync', pods: { hang: 'true' } }),
        configMap('settings'),
      ),
    });
    const watching = dying.start(['sync', folder, '--app', app.name, '-n', app.name]);
    await app.podRuns('backup');
    const handle = client.handle(app.name, { cluster: 'default' });
    const told: string[] = [];
    for await (const { kind, id } of handle.watch()) {
      if (kind === 'progress') continue;
      told.push(id);
      if (told.length !== 4) continue;
      await dying.restart(500);
      await app.podRuns('migrate');
      await app.letEnd('migrate');
    }
    expect((await watching.ended).code).toBe(0);
    const timeline: string[] = [];
    for await (const event of world.client.handle(app.name, { cluster: 'default' }).watch()) {
      if (event.kind !== 'progress') timeline.push(event.id);
    }
    expect(told).toEqual(timeline);
    await client.close();
    await dying.stop();
  });
});
