import type { AddressInfo } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SynclineClient, SyncOptions, WatchedEvent } from '../../../../client/index.ts';
import { connectServer } from '../../../../client/index.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../../core/sync/request.ts';
import type { FakeClient } from '../../../fakes/syncline-client.ts';
import { fakeClient, SHOP_RUN } from '../../../fakes/syncline-client.ts';
import type { ApiLab } from '../../api/lab.ts';
import { openApiLab } from '../../api/lab.ts';

const fake: FakeClient = fakeClient();
let lab: ApiLab;
let client: SynclineClient;
let url = '';

beforeAll(async () => {
  lab = await openApiLab({ client: fake });
  url = await lab.server.http.listen({ host: '127.0.0.1', port: 0 });
  client = connectServer({ url, token: lab.token(['admin'], ['*'], { subject: 'ann' }) });
});
afterAll(async () => {
  await client.close();
  await lab.server.stop();
});

const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
const shop = { application: 'shop', cluster: 'prod' } as const;
const manifests = [{ object: config, location: { file: 'deploy/a.yaml', line: 7 } }];

describe('a client of a server asks the client behind it', () => {
  test('for a sync, with every option and the places of its manifests, as whom the token says', async () => {
    const options: SyncOptions = {
      ...DEFAULT_SYNC_OPTIONS,
      ...{ prune: true, timeoutMs: 60_000, from: 'Sync:1' },
      onFailure: 'rollback',
      ...{ syncOptions: { Replace: 'true' }, selection: { hooks: 'skip' }, as: { user: 'u', groups: ['g'] } },
      ignoreDifferences: [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }],
      namespaceMetadata: { labels: { team: 'a' }, annotations: {} },
    };
    const order = { ...shop, namespace: 'shop', createNamespace: true, manifests, revision: 'v7', options };
    const handle = await client.sync({ ...order, requestedBy: 'somebody', ifRunning: 'queue', supersedeWithinMs: 0 });
    expect(handle).toMatchObject({ ...shop, workflowId: 'sync/prod/shop', warnings: [] });
    const { dryRun: _, ...asked } = options;
    expect(fake.asked.at(-1)).toMatchObject({
      verb: 'sync',
      order: {
        ...{ ...order, options: asked, requestedBy: 'ann', ifRunning: 'queue', supersedeWithinMs: 0 },
        syncId: expect.stringMatching(/^k[0-9a-f]{24}$/) as string,
      },
    });
  });

  test('for a sync that names itself, which needs no key', async () => {
    await client.sync({ ...shop, namespace: 'shop', manifests, requestedBy: 'x', syncId: 'deploy-1' });
    expect(fake.asked.at(-1)).toMatchObject({ order: { syncId: 'deploy-1' } });
  });

  test('for schedules, in the name of the token', async () => {
    const { schedules } = client;
    const options = { cluster: 'prod', by: 'somebody' } as const;
    expect(await schedules.get('shop', options)).toEqual(await fake.schedules.get('shop', options));
    expect((await schedules.list(options)).map(({ application }) => application)).toEqual(['shop', 'other']);
    await schedules.set('shop', { crons: ['0 3 * * *'], ifRunning: 'queue' }, options);
    await schedules.pause('shop', { ...options, reason: 'a freeze' });
    await schedules.resume('shop', options);
    expect(await schedules.trigger('shop', options)).toMatchObject({ kind: 'asked', syncId: 'tabc' });
    await schedules.delete('shop', options);
    expect(fake.asked.slice(-5)).toEqual([
      { verb: 'schedule', how: 'set {"crons":["0 3 * * *"],"ifRunning":"queue"}', by: 'ann' },
      { verb: 'schedule', how: 'pause a freeze', by: 'ann' },
      { verb: 'schedule', how: 'resume', by: 'ann' },
      { verb: 'schedule', how: 'trigger', by: 'ann' },
      { verb: 'schedule', how: 'delete', by: '' },
    ]);
    await expect(schedules.get('unknown', options)).rejects.toThrow('there is no sync of unknown');
  });

  test('for the rollback of an order that goes back', async () => {
    const order = await client.rollbackOrder('shop', { cluster: 'prod', requestedBy: 'x', options: { prune: true } });
    expect(order).toMatchObject({ bundle: `sha256:${'a'.repeat(64)}`, options: { prune: true } });
    await client.sync({ ...order, rollback: { syncId: 's7', number: 7 } });
    expect(fake.asked.at(-1)).toMatchObject({ verb: 'sync', order: { bundle: order.bundle } });
  });

  test('for a deletion and its plan', async () => {
    const order = { ...shop, namespace: 'shop', requestedBy: 'x', orphan: true, skipHooks: false } as const;
    expect(await client.deletionPlan(order)).toEqual({ version: 1, phases: [], skipped: [], warnings: [] });
    await client.delete(order);
    expect(fake.asked.at(-1)).toMatchObject({ verb: 'delete', order: { orphan: true, requestedBy: 'ann' } });
  });

  test('for all there is to read, and answers the very same', async () => {
    const order = await client.latestOrder('shop', { cluster: 'prod' });
    const behind = fake.handle('shop', { cluster: 'prod' });
    const handle = client.handle('shop', { cluster: 'prod' });
    const both = <T>(ask: (asked: SynclineClient) => Promise<T>) => Promise.all([ask(client), ask(fake)]);
    const asked = [
      await both((each) => each.latestOrder('shop', { cluster: 'prod' })),
      await both((each) => each.history('shop', { cluster: 'prod' })),
      await both((each) => each.applications.list({ cluster: 'prod' })),
      await both((each) => each.applications.get('shop', { cluster: 'prod' })),
      await both((each) => each.syncState('shop', { cluster: 'prod' })),
      await both((each) => each.list()),
      await both((each) => each.workers()),
      await both((each) => each.diff(order)),
      await Promise.all([handle.status(), behind.status()]),
      await Promise.all([handle.plan(), behind.plan()]),
      await Promise.all([handle.resources(), behind.resources()]),
      await Promise.all([handle.history(), behind.history()]),
    ];
    for (const [told, known] of asked) expect(told).toEqual(known);
    const reports = await Promise.all([
      handle.logs('db-migrate'),
      handle.events('db-migrate'),
      handle.evidence('db-migrate'),
    ]);
    expect(reports).toMatchObject([{ live: true, state: 'pod db-migrate-x Running' }, { live: false }, { uid: 'u' }]);
  });

  test('for each command, to the run that is meant', async () => {
    const handle = client.handle('shop', { cluster: 'prod', runId: SHOP_RUN });
    const resumed = await handle.retry({ by: 'x', from: 'Sync:0', reason: 'mended' });
    expect(resumed.runId).toBe(SHOP_RUN);
    await handle.skip({ by: 'x', step: 'db-migrate', reason: 'by hand' });
    await handle.approve({ by: 'x', plan: 'p', gate: 'Sync/0' });
    await handle.reject({ by: 'x', reason: 'no' });
    await handle.abort({ by: 'x' });
    expect(fake.asked.slice(-5)).toMatchObject([
      { verb: 'retry', run: SHOP_RUN, request: { by: 'ann', from: 'Sync:0', reason: 'mended' } },
      { verb: 'skip', run: SHOP_RUN, request: { by: 'ann', step: 'db-migrate' } },
      { verb: 'approve', request: { by: 'ann', plan: 'p', gate: 'Sync/0' } },
      { verb: 'reject', request: { by: 'ann', reason: 'no' } },
      { verb: 'abort', request: { by: 'ann' } },
    ]);
    await expect(handle.abort({ by: 'x', reason: 'too late' })).rejects.toThrow('no sync of shop is running');
  });

  test('for an application to be kept, and to be kept no longer', async () => {
    const definition = await client.applications.get('shop', { cluster: 'prod' });
    await client.applications.set(definition, { cluster: 'prod' });
    await client.applications.delete('shop', { cluster: 'prod' });
    await expect(client.applications.get('other', { cluster: 'prod' })).rejects.toThrow('there is no sync of other');
  });
});

/** What a server that is no Syncline's does with the requests to it, one after another. */
type Script = readonly ((answer: Answer) => void)[];

interface Answer {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  send(status: number, body: string, headers?: Readonly<Record<string, string>>): void;
  cut(body?: string): void;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** A client of a server that follows a script, and the headers and paths of what was sent. */
async function scripted(script: Script) {
  const seen: Answer['headers'][] = [];
  const paths: (string | undefined)[] = [];
  const server = createHttpServer((request, response) => {
    const step = script[seen.length];
    seen.push(request.headers);
    paths.push(request.url);
    request.resume();
    step?.({
      headers: request.headers,
      send: (status, body, headers = {}) => response.writeHead(status, headers).end(body),
      cut: (body = '') => response.write(body, () => response.destroy()),
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = server.address() as AddressInfo;
  const asking = connectServer({ url: `http://127.0.0.1:${String(port)}/below/`, token: 't' });
  closing.push(
    () => asking.close(),
    () => new Promise((resolve) => server.close(resolve)),
  );
  return { asking, seen, paths };
}

const WORKERS = '{"version":1,"workers":[]}';
const ACCEPTED = '{"version":1,"application":"shop","cluster":"prod","workflowId":"w","warnings":[]}';
const BUSY = '{"type":"urn:syncline:problem:TooManyRequests","title":"","status":429,"detail":"","instance":"i"}';
const order = { ...shop, namespace: 'shop', manifests, requestedBy: 'x' };

describe('a request that is not answered as it should be', () => {
  test('is sent again when the server says when, and after a connection that broke, under the same key', async () => {
    const { asking, seen } = await scripted([
      (answer) => answer.send(429, BUSY, { 'retry-after': '0' }),
      (answer) => answer.cut(),
      (answer) => answer.send(503, 'a proxy'),
      (answer) => answer.send(202, ACCEPTED),
    ]);
    expect(await asking.sync(order)).toMatchObject({ workflowId: 'w' });
    expect(seen).toHaveLength(4);
    expect(new Set(seen.map((headers) => headers['idempotency-key'])).size).toBe(1);
    expect(seen[0]).toMatchObject({ authorization: 'Bearer t' });
  });

  test('is not sent again where it may have been carried out, and says so', async () => {
    const { asking, seen } = await scripted([(answer) => answer.cut(), (answer) => answer.send(202, '{}')]);
    const retried = asking.handle('shop', { cluster: 'prod' }).retry({ by: 'x' });
    await expect(retried).rejects.toThrow(/it is not known whether it has done what it was asked/);
    expect(seen).toHaveLength(1);
  });

  test('is an error where a server answers something else', async () => {
    const { asking } = await scripted([(answer) => answer.send(200, '{"version":2}')]);
    await expect(asking.workers()).rejects.toThrow(/answers what this Syncline can’t read — use the same version/);
  });

  test('keeps what a newer server says besides', async () => {
    const { asking } = await scripted([
      (answer) => answer.send(200, '{"version":1,"workers":[{"identity":"a","lastSeenAt":1,"zone":"b"}]}'),
    ]);
    expect(await asking.workers()).toEqual([{ identity: 'a', lastSeenAt: 1, zone: 'b' }]);
  });

  test('is given up when whoever asks goes away', async () => {
    const { asking } = await scripted([() => undefined]);
    await expect(asking.workers({ signal: AbortSignal.timeout(50) })).rejects.toThrow();
  });

  test('goes below the path of the address', async () => {
    const { asking, paths } = await scripted([(answer) => answer.send(200, WORKERS)]);
    expect(await asking.workers()).toEqual([]);
    expect(paths).toEqual(['/below/v1/workers']);
  });
});

describe('a stream', () => {
  const event = (id: string, state: string) =>
    `id: ${SHOP_RUN}.${id}\nevent: sync\ndata: ${JSON.stringify({ kind: 'sync', at: 1, state })}\n\n`;
  const open = { 'content-type': 'text/event-stream' };

  test('goes on after the last event that was told, however it broke off, and ends where there is no more', async () => {
    const { asking, seen } = await scripted([
      (answer) =>
        answer.cut(`retry: 1\n\n: alive\n\n${event('1.0', 'planning')}${event('2.0', 'running').slice(0, 40)}`),
      (answer) => answer.send(503, ''),
      (answer) => answer.send(200, event('2.0', 'running'), open),
      (answer) => answer.send(204, ''),
    ]);
    const told: WatchedEvent[] = [];
    for await (const each of asking.handle('shop', { cluster: 'prod' }).watch()) told.push(each);
    expect(told.map(({ id }) => id)).toEqual([`${SHOP_RUN}.1.0`, `${SHOP_RUN}.2.0`]);
    expect(seen.map((headers) => headers['last-event-id']?.slice(SHOP_RUN.length))).toEqual([
      undefined,
      '.1.0',
      '.1.0',
      '.2.0',
    ]);
  });

  test('is over at once where the token does not allow it', async () => {
    const { asking, seen } = await scripted([(answer) => answer.send(403, '{}')]);
    const watching = asking.handle('shop', { cluster: 'prod' }).watch();
    await expect(watching[Symbol.asyncIterator]().next()).rejects.toThrow('answers 403');
    expect(seen).toHaveLength(1);
  });
});

test.each([
  ['ftp://syncline.example.com', /not the address/],
  ['syncline.example.com', /not the address/],
  ['https://ann:pw@syncline.example.com', /not the address/],
  ['http://syncline.example.com', /in clear text/],
])('%s is no server to send a token to', (address, words) => {
  expect(() => connectServer({ url: address, token: 't' })).toThrow(words);
  expect(() => connectServer({ url: address, token: 't' })).not.toThrow('pw');
});
