import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SyncListing, SyncView } from '../../client/index.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { tarGz } from '../support/archives.ts';
import type { RunningServer } from './support/api.ts';
import { startServer } from './support/api.ts';
import { creations } from './support/audit.ts';
import { configMap, job, yamlOf } from './support/manifests.ts';
import type { ServedWorld } from './support/served-world.ts';
import { servedWorld } from './support/served-world.ts';
import { until } from './support/waiting.ts';
import type { Application, World } from './support/world.ts';

let world: World;
let server: RunningServer;

let served: ServedWorld;

beforeAll(async () => {
  served = await servedWorld();
  ({ world, server } = served);
});
afterAll(() => served.stop());

const pathOf = ({ name }: Application): string => `/v1/clusters/default/applications/${name}`;

async function read<T>(path: string, token?: string): Promise<T> {
  const answer = await server.send(path, token === undefined ? {} : { token });
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as T;
}

/** Starts a sync of objects and answers the path of its run. */
async function started(app: Application, objects: readonly KubernetesObject[], options: object = {}): Promise<string> {
  const json = { namespace: app.name, manifests: objects, options };
  const answer = await server.send(`${pathOf(app)}/syncs`, { json });
  const { runId, ...rest } = (await answer.json()) as { readonly runId: string };
  expect([answer.status, rest]).toMatchObject([202, { version: 1, application: app.name }]);
  return `${pathOf(app)}/syncs/${runId}`;
}

/** Waits until a sync stands so. */
function stands(run: string, isSo: (view: SyncView) => boolean): Promise<SyncView> {
  return until(`${run} stands so`, async () => {
    const view = await read<SyncView>(run);
    return isSo(view) ? view : undefined;
  });
}

/** The list of an application's syncs, which may be a moment behind, once one that is wanted is in it. */
function listed(app: Application, isWanted: (listing: SyncListing) => boolean) {
  return until(`a sync of ${app.name} is listed`, async () => {
    const answer = await read<{ syncs: readonly SyncListing[] }>(`${pathOf(app)}/syncs`);
    return answer.syncs.some(isWanted) ? answer : undefined;
  });
}

const isOver = ({ result }: SyncView): boolean => result !== undefined;

describe.concurrent('the API of a running server', () => {
  test('starts a sync, tells where it stands, and all there is to read of it', async () => {
    const app = await world.application('api-whole');
    const run = await started(app, [
      job('migrate', { hook: 'PreSync', pods: { 'succeed-after': '1s', log: 'applying 0042' } }),
      configMap('settings'),
    ]);
    expect((await stands(run, isOver)).result).toMatchObject({ outcome: 'Succeeded', requestedBy: 'the-admin' });
    expect(creations(await app.writes())).toEqual(['jobs/migrate', 'configmaps/settings']);
    expect(await read(`${run}/resources`)).toMatchObject({ resources: [{ name: 'settings', state: 'succeeded' }] });
    expect(await read(`${run}/hooks`)).toMatchObject({
      hooks: [{ ref: { name: 'migrate' }, attempts: 1, object: 'kept, log kept' }],
    });
    expect(await read(`${run}/hooks/migrate/logs`)).toMatchObject({
      live: false,
      containers: [{ log: { lines: ['applying 0042'] } }],
    });
    expect(await read(`${run}/hooks/PreSync%2Fmigrate/evidence`)).toMatchObject({ outcome: 'succeeded' });
    expect(await read(`${run}/plan`)).toMatchObject({ phases: [{ phase: 'PreSync' }, { phase: 'Sync' }] });
    // A comparison that is not made in 10 s is given up.
    const syncState = await until('the sync state is known', async () => {
      const { state } = (await read<{ syncState: { state: string } }>(`${pathOf(app)}/sync-state`)).syncState;
      return state === 'unknown' ? undefined : state;
    });
    expect(syncState).toBe('in-sync');
    await listed(app, ({ runId }) => runId === run.split('/').at(-1));
  });

  test('takes an archive of a folder', async () => {
    const app = await world.application('api-archive');
    const form = new FormData();
    form.append('order', JSON.stringify({ namespace: app.name }));
    form.append(
      'archive',
      new Blob([new Uint8Array(await tarGz({ name: 'deploy/a.yaml', text: yamlOf(configMap('packed')) }))]),
      'a.tar.gz',
    );
    const answer = await server.send(`${pathOf(app)}/syncs`, { method: 'POST', body: form });
    expect(answer.status).toBe(202);
    await stands(`${pathOf(app)}/syncs/latest`, isOver);
    expect(creations(await app.writes())).toEqual(['configmaps/packed']);
  });

  test('tells what a sync would change, and changes nothing', async () => {
    const app = await world.application('api-diff');
    const answer = await server.send(`${pathOf(app)}/diff`, {
      json: { namespace: app.name, manifests: [configMap('settings')] },
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { diff: { counts: { added: 1 } }, view: { result: { outcome: 'Succeeded' } } },
    ]);
    expect(creations(await app.writes())).toEqual([]);
  });

  test('reads the log of a hook that runs, refuses a second start meanwhile, and stops it', async () => {
    const app = await world.application('api-abort');
    const run = await started(app, [
      job('migrate', { hook: 'PreSync', pods: { hang: 'true', log: 'waiting for a lock' } }),
    ]);
    await app.podRuns('migrate');
    await until('the log is there', async () => {
      const text = await (await server.send(`${run}/hooks/migrate/logs`)).text();
      return (text.includes('"live":true') && text.includes('waiting for a lock')) || undefined;
    });
    const second = await server.send(`${pathOf(app)}/syncs`, {
      json: { namespace: app.name, manifests: [configMap('late')] },
    });
    expect([second.status, await second.json()]).toMatchObject([
      409,
      { type: 'urn:syncline:problem:AlreadyRunning', remedy: expect.any(String) as string },
    ]);
    const abort = await server.send(`${run}/abort`, { json: { reason: 'wrong release' } });
    expect(abort.status).toBe(202);
    expect((await stands(run, isOver)).result).toMatchObject({ outcome: 'Aborted' });
  });

  test('lets an approver decide, whose name stands in the result, and nobody else', async () => {
    const app = await world.application('api-approve');
    const run = await started(app, [configMap('settings', { annotations: { 'syncline.dev/approval': 'required' } })]);
    const { status } = await stands(run, ({ status: { phases } }) =>
      phases.some(({ waves }) => waves.some(({ state }) => state === 'waiting')),
    );
    const json = { plan: status.plan ?? '', gate: 'Sync/0', reason: 'checked' };
    const operator = await server.send(`${run}/approve`, { json, token: await server.token('operator') });
    expect(operator.status).toBe(403);
    const stranger = await server.send(`${run}/approve`, { json, token: await server.token('approver', 'other-*') });
    expect(stranger.status).toBe(403);
    const approver = await server.send(`${run}/approve`, { json, token: await server.token('approver', 'api-*') });
    expect(approver.status).toBe(202);
    const { result } = await stands(run, isOver);
    expect(result?.phases[0]?.waves[0]?.approval?.decision).toMatchObject({ by: 'the-approver', reason: 'checked' });
  });

  test('lets a failed sync go on without a step', async () => {
    const app = await world.application('api-skip');
    const run = await started(app, [
      job('migrate', { hook: 'PreSync', pods: { 'exit-code': '1' } }),
      configMap('settings'),
    ]);
    expect((await stands(run, isOver)).result).toMatchObject({ outcome: 'Failed' });
    const skipped = await server.send(`${run}/skip`, { json: { step: 'migrate', reason: 'done by hand' } });
    const { runId } = (await skipped.json()) as { readonly runId: string };
    const view = await stands(`${pathOf(app)}/syncs/${runId}`, isOver);
    expect(view.result).toMatchObject({
      outcome: 'Succeeded',
      interventions: [{ by: 'the-admin', reason: 'done by hand' }],
    });
  });

  test('streams what happens, over disconnects and another server too, with no event lost or told twice', async () => {
    const app = await world.application('api-stream');
    const run = await started(
      app,
      [
        job('backup', { hook: 'PreSync', wave: -1, pods: { 'succeed-after': '1s' } }),
        job('migrate', { hook: 'PreSync', pods: { 'exit-code': '1' } }),
        configMap('settings'),
      ],
      { onFailure: 'hold' },
    );
    const other = await startServer(world);
    const servers = [server, other];
    const token = await other.token('viewer');
    const told: string[] = [];
    let last: string | undefined;
    // Every connection is cut after two events, and the next one goes to the other server.
    for (let turn = 0; told.at(-1) !== 'ended'; turn += 1) {
      const at = servers[turn % 2]!;
      const events = await readEvents(at, run, { last, most: 2, ...(at === other ? { token } : {}) });
      for (const { id, kind, data } of events) {
        last = id;
        if (kind === 'progress') continue;
        told.push(kind === 'sync' ? `sync ${(JSON.parse(data) as { readonly state: string }).state}` : kind);
        if (told.at(-1) === 'sync holding') {
          const skip = await server.send(`${run}/skip`, { json: { step: 'migrate', reason: 'by hand' } });
          expect(skip.status).toBe(202);
        }
      }
    }
    await other.stop();
    const timeline: string[] = [];
    for await (const event of world.client.handle(app.name, { cluster: 'default' }).watch()) {
      if (event.kind !== 'progress') timeline.push(event.kind === 'sync' ? `sync ${event.state}` : event.kind);
    }
    expect(told).toEqual(timeline);
    expect(told.filter((each) => each.startsWith('sync'))).toEqual([
      ...['sync planning', 'sync running', 'sync holding', 'sync running', 'sync succeeded'],
    ]);
    expect((await server.send(`${run}/stream`, { headers: { 'last-event-id': last ?? '' } })).status).toBe(204);
  });

  test('begins one sync for a key, however often it is sent, and refuses the key for another request', async () => {
    const app = await world.application('api-key');
    const send = async (json: object): Promise<{ readonly status: number; readonly syncId?: string }> => {
      const answer = await server.send(`${pathOf(app)}/syncs`, { json, headers: { 'idempotency-key': 'deploy-1' } });
      return { status: answer.status, ...((await answer.json()) as object) };
    };
    const order = { namespace: app.name, manifests: [configMap('settings')] };
    const both = await Promise.all([send(order), send(order)]);
    const syncId = both[0].syncId ?? '';
    expect(both).toMatchObject([
      { status: 202, syncId },
      { status: 202, syncId },
    ]);
    await stands(`${pathOf(app)}/syncs/${syncId}`, isOver);
    expect(await send(order)).toMatchObject({ status: 202, syncId });
    expect((await send({ ...order, options: { prune: true } })).status).toBe(422);
    // A later sync of another name leaves the key what it was.
    await stands(await started(app, [configMap('settings'), configMap('more')]), isOver);
    expect(await send(order)).toMatchObject({ status: 202, syncId });
    const { syncs } = await listed(app, (sync) => sync.syncId === syncId);
    expect(syncs.filter((sync) => sync.syncId === syncId)).toHaveLength(1);
  });

  test('lets streams go when it is told to stop, and ends with code 0', async () => {
    const app = await world.application('api-stop');
    const stopping = await startServer(world);
    const run = await started(app, [job('migrate', { hook: 'PreSync', pods: { hang: 'true' } })]);
    const told = Promise.withResolvers<undefined>();
    const following = readEvents(stopping, run, {
      last: undefined,
      most: Infinity,
      token: await stopping.token('viewer'),
      onHook: () => told.resolve(undefined),
    });
    await Promise.race([told.promise, following]);
    await app.podRuns('migrate');
    await stopping.stop();
    expect((await following).map(({ kind }) => kind)).toContain('hook');
    expect((await stopping.process.ended).code).toBe(0);
    await server.send(`${run}/abort`, { json: {} });
    await stands(run, isOver);
  });
});

interface StreamedEvent {
  readonly id: string;
  readonly kind: string;
  readonly data: string;
}

/** How a stream is read: after which event, how many, with which token, and who is told of the first hook. */
interface Reading {
  readonly last: string | undefined;
  readonly most: number;
  readonly token?: string;
  readonly onHook?: () => void;
}

/** Reads a stream up to so many events, to a hold, in which nothing more comes, or to its end. */
async function readEvents(
  from: RunningServer,
  run: string,
  { last, most, token, onHook }: Reading,
): Promise<readonly StreamedEvent[]> {
  const cut = new AbortController();
  const answer = await from.send(`${run}/stream`, {
    ...{ signal: cut.signal, headers: last === undefined ? {} : { 'last-event-id': last } },
    ...(token === undefined ? {} : { token }),
  });
  expect(answer.status).toBe(200);
  let text = '';
  const parsed = (): readonly StreamedEvent[] =>
    [...text.matchAll(/id: (.*)\nevent: (.*)\ndata: (.*)\n\n/g)].map(([, id = '', kind = '', data = '']) => ({
      id,
      kind,
      data,
    }));
  const reader = (answer.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream()).getReader();
  const isEnough = (): boolean => parsed().length >= most || parsed().some(({ data }) => data.includes('"holding"'));
  while (!isEnough()) {
    const { value, done } = await reader.read();
    if (done) return parsed();
    text += value;
    if (parsed().some(({ kind }) => kind === 'hook')) onHook?.();
  }
  cut.abort();
  return parsed().slice(0, most);
}
