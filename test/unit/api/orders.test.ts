import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Turn } from '../../../client/starting/begin.ts';
import { IdReused, TemporalUnreachable } from '../../../client/errors.ts';
import { fakeClient } from '../../fakes/syncline-client.ts';
import type { ArchiveEntry } from '../../support/archives.ts';
import { tarGz } from '../../support/archives.ts';
import type { ApiLab } from './lab.ts';
import { openApiLab } from './lab.ts';

let lab: ApiLab;
beforeAll(async () => {
  lab = await openApiLab({ sources: ['https://git.example.com/team/*'] });
});

const APPLICATION = '/v1/clusters/prod/applications/shop';
const START = `${APPLICATION}/syncs`;
const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

/** A form of an order and an archive. */
async function form(order: object | string, ...entries: readonly ArchiveEntry[]) {
  const data = new FormData();
  data.append('order', typeof order === 'string' ? order : JSON.stringify(order));
  data.append('archive', new Blob([new Uint8Array(await tarGz(...entries))]), 'deploy.tar.gz');
  const request = new Request('http://x', { method: 'POST', body: data });
  return {
    payload: Buffer.from(await request.arrayBuffer()),
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
  };
}

describe('a sync is started', () => {
  test('of files, with all that the order says', async () => {
    const options = { prune: true, timeoutMs: 60_000, syncOptions: { Replace: 'true' }, selection: { hooks: 'skip' } };
    const payload = {
      ...{ namespace: 'shop', createNamespace: true, revision: 'v7', options },
      files: [{ file: 'a.yaml', text: `${config('a')}---\n${config('b')}` }],
    };
    const answer = await lab.send({ method: 'POST', url: START, payload });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      202,
      { version: 1, application: 'shop', cluster: 'prod', warnings: [] },
    ]);
    expect(lab.client.asked.at(-1)).toMatchObject({
      verb: 'sync',
      order: {
        ...{ application: 'shop', cluster: 'prod', namespace: 'shop', createNamespace: true, revision: 'v7' },
        ...{ requestedBy: 'the-admin', options },
        manifests: [{ location: { file: 'a.yaml', line: 1 } }, { location: { file: 'a.yaml', line: 6 } }],
      },
    });
  });

  test('of an archive, which is gone afterwards', async () => {
    const sent = await form(
      { namespace: 'shop', source: { path: 'deploy' } },
      { name: 'deploy/a.yaml', text: config('a') },
      { name: 'b.yaml', text: 'not: a manifest' },
    );
    const answer = await lab.send({ method: 'POST', url: START, ...sent });
    expect(answer.statusCode).toBe(202);
    expect(lab.client.asked.at(-1)).toMatchObject({ order: { manifests: [{ object: { metadata: { name: 'a' } } }] } });
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('syncline-upload-'))).toEqual([]);
  });

  test('of the bundle that the application has', async () => {
    const bundle = `sha256:${'a'.repeat(64)}`;
    const answer = await lab.send({ method: 'POST', url: START, payload: { namespace: 'shop', bundle } });
    expect(answer.statusCode).toBe(202);
    expect(lab.client.asked.at(-1)).toMatchObject({ order: { bundle } });
  });
});

describe('a rollback is started', () => {
  test('of the sync that is named, with its bundle, as whom the token says', async () => {
    const asked: object[] = [];
    const client = fakeClient({
      rollbackOrder: async (application, options) => {
        asked.push(options);
        const { cluster, requestedBy } = options;
        const order = { application, cluster, namespace: 'shop', bundle: 'sha256:b', requestedBy };
        return { ...order, rollback: { syncId: 's7', number: 7 } };
      },
    });
    const rolling = await openApiLab({ client });
    const payload = { rollback: { to: '7' }, ifRunning: 'queue', options: { prune: true } };
    expect((await rolling.send({ method: 'POST', url: START, payload })).statusCode).toBe(202);
    expect(asked).toMatchObject([{ cluster: 'prod', to: '7', requestedBy: 'the-admin', options: { prune: true } }]);
    expect(client.asked).toMatchObject([
      { verb: 'sync', order: { bundle: 'sha256:b', rollback: { number: 7 }, ifRunning: 'queue' } },
    ]);
  });
});

describe('an upload that can’t be right begins nothing', () => {
  const good: ArchiveEntry = { name: 'a.yaml', text: config('a') };
  test.each<readonly [string, object | string, readonly ArchiveEntry[], number, string]>([
    [
      'an entry that leads out',
      { namespace: 'shop' },
      [{ name: '../../a.yaml', text: config('a') }],
      422,
      'InvalidManifest',
    ],
    [
      'a link',
      { namespace: 'shop' },
      [{ name: 'a.yaml', type: 'symlink', target: '/etc/passwd' }],
      422,
      'InvalidManifest',
    ],
    ['an order that is not JSON', '{', [good], 400, 'MalformedRequest'],
    ['an order with an unknown field', { namespace: 'shop', x: 1 }, [good], 422, 'InvalidFields'],
    [
      'a location besides',
      { namespace: 'shop', source: { location: 'https://git.example.com/team/a.git' } },
      [good],
      422,
      'InvalidRequest',
    ],
    ['manifests besides', { namespace: 'shop', files: [{ file: 'a', text: 'b' }] }, [good], 422, 'InvalidRequest'],
    ['no manifest', { namespace: 'shop' }, [{ name: 'README.md', text: 'x' }], 422, 'InvalidManifest'],
    ['an order of 2 MiB', { namespace: 'shop', revision: 'x'.repeat(2_000_000) }, [good], 413, 'PayloadTooLarge'],
    [
      'an archive of 11 MiB',
      { namespace: 'shop' },
      [{ name: 'a.yaml', text: noise(11 * 1024 * 1024) }],
      413,
      'PayloadTooLarge',
    ],
  ])('%s', async (_, order, entries, status, problem) => {
    const before = lab.client.asked.length;
    const answer = await lab.send({ method: 'POST', url: START, ...(await form(order, ...entries)) });
    expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([
      status,
      `urn:syncline:problem:${problem}`,
    ]);
    expect(lab.client.asked.length).toBe(before);
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('syncline-upload-'))).toEqual([]);
  });
});

/** Bytes that don't become fewer by packing. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(Uint8Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647) & 255));
}

test.each([
  ['https://git.example.com/team/../other/repo.git'],
  ['https://git.example.com/team/%2e%2e/other/repo.git'],
  ['https://git.example.com/team/a\\..\\..\\repo.git'],
  ['https://git.example.com/other/repo.git'],
  ['git+file:///srv/git.example.com/team/a'],
  ['/srv/https://git.example.com/team/a'],
  ['-'],
])('the location %s is not one that the server may read', async (location) => {
  const answer = await lab.send({ method: 'POST', url: START, payload: { namespace: 'shop', source: { location } } });
  expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([403, 'urn:syncline:problem:NotAllowed']);
});

test('a chart in a registry can’t name values files: they would be the server’s own', async () => {
  const open = await openApiLab({ sources: ['oci://charts.example.com/*', 'https://charts.example.com'] });
  for (const source of [
    { location: 'oci://charts.example.com/redis', helm: { values: ['/etc/passwd'] } },
    { location: 'redis', helm: { repository: 'https://charts.example.com', setFile: ['a=/etc/passwd'] } },
  ]) {
    const answer = await open.send({ method: 'POST', url: START, payload: { namespace: 'shop', source } });
    expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
      422,
      expect.stringContaining('has no files'),
    ]);
  }
});

test('a comparison without manifests is of those that were synced last, all of them', async () => {
  const answer = await lab.send({ method: 'POST', url: `${APPLICATION}/diff`, payload: { options: { prune: true } } });
  expect([answer.statusCode, answer.json()]).toMatchObject([200, { version: 1, diff: { counts: { added: 1 } } }]);
  expect(lab.client.asked.at(-1)).toMatchObject({
    verb: 'diff',
    order: { bundle: `sha256:${'a'.repeat(64)}`, requestedBy: 'the-admin', options: { prune: true, validate: true } },
  });
});

test('a plan needs neither Temporal nor a worker', async () => {
  const offline = await openApiLab({
    client: fakeClient({
      workers: () => Promise.reject(new TemporalUnreachable('no Temporal', 'start it')),
    }),
  });
  const files = [{ file: 'a.yaml', text: config('a') }];
  const answer = await offline.send({
    method: 'POST',
    url: `${APPLICATION}/plan`,
    payload: { namespace: 'shop', files },
  });
  expect([answer.statusCode, answer.json()]).toMatchObject([
    200,
    { phases: [{ phase: 'Sync', waves: [{ wave: 0, steps: [{ name: 'a' }] }] }] },
  ]);
  for (const request of [
    { method: 'POST', url: START, payload: { namespace: 'shop', files } },
    { url: '/readyz' },
  ] as const) {
    const refused = await offline.send(request);
    expect([refused.statusCode, refused.json<{ type: string }>().type]).toEqual([
      503,
      'urn:syncline:problem:TemporalUnavailable',
    ]);
  }
  expect((await offline.send({ url: '/healthz' }, null)).statusCode).toBe(200);
});

test('where no worker polls nothing is started', async () => {
  const idle = await openApiLab({ client: fakeClient({ workers: async () => [] }) });
  const answer = await idle.send({
    method: 'POST',
    url: START,
    payload: { namespace: 'shop', files: [{ file: 'a.yaml', text: config('a') }] },
  });
  expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
    503,
    'no worker polls Temporal fake:7233, namespace default',
  ]);
  expect(idle.client.asked).toEqual([]);
});

describe('a start with an idempotency key', () => {
  const send = async (key: string, payload: object, url = START) => {
    const answer = await lab.send({ method: 'POST', url, payload, headers: { 'idempotency-key': key } });
    return { status: answer.statusCode, order: lab.client.asked.at(-1) as { readonly order: Turn } };
  };
  const files = [{ file: 'a.yaml', text: config('a') }];

  test('is the same sync for the same key, and told from another request by its fingerprint', async () => {
    const one = (await send('deploy-7', { namespace: 'shop', files })).order.order;
    const again = (await send('deploy-7', { files, namespace: 'shop' })).order.order;
    const other = (await send('deploy-7', { namespace: 'shop', files, options: { prune: true } })).order.order;
    const next = (await send('deploy-8', { namespace: 'shop', files })).order.order;
    const elsewhere = (await send('deploy-7', { namespace: 'shop', files }, START.replace('prod', 'test'))).order.order;
    expect(one.syncId).toMatch(/^k[0-9a-f]{24}$/);
    expect([again.syncId, again.fingerprint]).toEqual([one.syncId, one.fingerprint]);
    expect([other.syncId, other.fingerprint === one.fingerprint]).toEqual([one.syncId, false]);
    expect(new Set([one.syncId, next.syncId, elsewhere.syncId]).size).toBe(3);
  });

  test('counts the bytes of an archive as part of the request', async () => {
    const upload = async (text: string) => {
      const sent = await form({ namespace: 'shop' }, { name: 'a.yaml', text });
      const headers = { ...sent.headers, 'idempotency-key': 'packed' };
      await lab.send({ method: 'POST', url: START, payload: sent.payload, headers });
      return (lab.client.asked.at(-1) as { readonly order: Turn }).order;
    };
    const [one, other] = [await upload(config('a')), await upload(config('b'))];
    expect([one.syncId === other.syncId, one.fingerprint === other.fingerprint]).toEqual([true, false]);
  });

  test('whose key can be none, or that names itself besides, is refused', async () => {
    expect((await send('x'.repeat(256), { namespace: 'shop', files })).status).toBe(400);
    expect((await send('deploy 7', { namespace: 'shop', files })).status).toBe(400);
    expect((await send('deploy-7', { namespace: 'shop', files, syncId: 's7' })).status).toBe(422);
  });

  test('of a key that was used for another request is told so', async () => {
    const used = await openApiLab({ client: fakeClient({ sync: () => Promise.reject(new IdReused('k1 was used')) }) });
    const answer = await used.send({ method: 'POST', url: START, payload: { namespace: 'shop', files } });
    expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([
      422,
      'urn:syncline:problem:IdempotencyKeyReused',
    ]);
  });
});

test('commands reach the run that the address names, with the token’s subject', async () => {
  const run = '0199c1de-5b9a-7e4b-9c60-1d9a42f0a001';
  const say = (verb: string, payload: object) => lab.send({ method: 'POST', url: `${START}/${run}/${verb}`, payload });
  expect((await say('retry', { from: 'PreSync:0' })).json()).toMatchObject({ runId: run });
  await say('skip', { step: 'db-migrate', reason: 'by hand' });
  await say('approve', { plan: 'sha256:p', gate: 'PreSync/0' });
  await say('reject', { reason: 'no' });
  await say('abort', { reason: 'wrong release' });
  const by = 'the-admin';
  expect(lab.client.asked.slice(-5)).toEqual([
    { verb: 'retry', run, request: { by, from: 'PreSync:0' } },
    { verb: 'skip', run, request: { by, step: 'db-migrate', reason: 'by hand' } },
    { verb: 'approve', run, request: { by, plan: 'sha256:p', gate: 'PreSync/0' } },
    { verb: 'reject', run, request: { by, reason: 'no' } },
    { verb: 'abort', run, request: { by, reason: 'wrong release' } },
  ]);
});

test.each([
  ['a sync that there is not', '/v1/clusters/prod/applications/unknown/syncs/latest', {}, 404, 'NotFound'],
  ['a run that there is not', `${START}/0199c1de-5b9a-7e4b-9c60-000000000000`, {}, 404, 'NotFound'],
  ['a hook that there is not', `${START}/latest/hooks/nope/logs`, {}, 404, 'NotFound'],
  ['an address that there is not', '/v2/syncs', {}, 404, 'NotFound'],
  [
    'a command that comes too late',
    `${START}/latest/abort`,
    { method: 'POST', payload: { reason: 'too late' } },
    409,
    'Conflict',
  ],
] as const)('%s is answered so', async (_, url, request, status, problem) => {
  const answer = await lab.send({ url, ...request });
  expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([
    status,
    `urn:syncline:problem:${problem}`,
  ]);
});
