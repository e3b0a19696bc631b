import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveView } from '../../../kubernetes/cluster.ts';
import type { ViewTimings } from '../../../kubernetes/live-view.ts';
import type { FakeApiServer, Handler } from './fake-api-server.ts';
import {
  aggregatedDiscovery,
  cut,
  json,
  KINDS,
  listOf,
  startFakeApiServer,
  status,
  watchOf,
} from './fake-api-server.ts';

const PATH = '/api/v1/namespaces/shop/configmaps';
const QUERY = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' };
const QUICK: Partial<ViewTimings> = { reconnectFirstMs: 10, reconnectMostMs: 50, pollMs: 30, lingerMs: 50 };
const signal = new AbortController().signal;

let server: FakeApiServer;

beforeEach(async () => {
  server = await startFakeApiServer();
});
afterEach(() => server.close());

function configMap(name: string, resourceVersion: string): object {
  const metadata = { name, namespace: 'shop', resourceVersion, managedFields: [{ manager: 'x' }] };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

const added = (name: string, version: string): object => ({ type: 'ADDED', object: configMap(name, version) });
const deleted = (name: string, version: string): object => ({ type: 'DELETED', object: configMap(name, version) });
const bookmark = (resourceVersion: string): object => ({
  type: 'BOOKMARK',
  object: { kind: 'ConfigMap', metadata: { resourceVersion } },
});

/** Answers lists and watches of the collection, each in turn and the last one for all that follow. */
function collection(
  lists: readonly Handler[],
  watches: readonly Handler[],
): { readonly watched: () => readonly URLSearchParams[]; readonly listed: () => number } {
  const left = { lists: [...lists], watches: [...watches] };
  const next = (handlers: Handler[]): Handler | undefined => (handlers.length > 1 ? handlers.shift() : handlers[0]);
  server.answer('GET', PATH, (response, request) => {
    const handler = next(request.query.get('watch') === '1' ? left.watches : left.lists);
    handler?.(response, request);
  });
  const ofKind = (watch: boolean) =>
    server.requests('GET', PATH).filter((request) => (request.query.get('watch') === '1') === watch);
  return { watched: () => ofKind(true).map((request) => request.query), listed: () => ofKind(false).length };
}

async function until(view: LiveView, condition: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(60_000);
  while (!condition()) await view.changed(50, limit);
}

const names = (view: LiveView): readonly unknown[] =>
  view.all().map((object) => (object as { metadata: { name: string } }).metadata.name);

describe('a live view', () => {
  it('shows what is listed, without managed fields, and then what the watch tells', async () => {
    const seen = collection([listOf('5', [configMap('a', '3')])], [watchOf([added('b', '6'), deleted('a', '7')])]);
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    expect(view.get('a')).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'shop', resourceVersion: '3' },
    });
    await until(view, () => names(view).join() === 'b');
    expect(view.get('a')).toBeUndefined();
    expect(Object.fromEntries(seen.watched()[0] ?? [])).toMatchObject({
      resourceVersion: '5',
      allowWatchBookmarks: 'true',
    });
  });

  it('puts events together that arrive in pieces', async () => {
    const line = Buffer.from(
      `${JSON.stringify({ type: 'ADDED', object: { ...configMap('b', '6'), data: { x: 'ü€' } } })}\n`,
    );
    collection(
      [listOf('5', [])],
      [
        (response) => {
          response.flushHeaders();
          const cutAt = line.indexOf('ü') + 1;
          response.write(line.subarray(0, cutAt), () => setImmediate(() => response.write(line.subarray(cutAt))));
        },
      ],
    );
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    await until(view, () => view.get('b') !== undefined);
    expect(view.get('b')).toMatchObject({ data: { x: 'ü€' } });
  });

  it('shares one list and one watch among all who ask for the same', async () => {
    const seen = collection([listOf('5', [configMap('a', '3')])], [watchOf([])]);
    const cluster = server.cluster({ view: QUICK });
    const views = await Promise.all(Array.from({ length: 30 }, () => cluster.view(QUERY, signal)));
    await server.until('GET', PATH, 2);
    expect(views.map((view) => names(view).join())).toEqual(views.map(() => 'a'));
    expect([seen.listed(), seen.watched().length]).toEqual([1, 1]);
  });

  it('ends its watch a moment after the last has let go, and goes on while one holds it', async () => {
    let ended = 0;
    collection(
      [listOf('5', [])],
      [
        (response, request) => {
          response.on('close', () => (ended += 1));
          watchOf([])(response, request);
        },
      ],
    );
    const cluster = server.cluster({ view: { ...QUICK, lingerMs: 20 } });
    const [one, two] = [await cluster.view(QUERY, signal), await cluster.view(QUERY, signal)];
    await server.until('GET', PATH, 2);
    one.close();
    one.close();
    await two.changed(60, signal);
    expect(ended).toBe(0);
    two.close();
    await expect.poll(() => ended).toBe(1);
  });

  it('lists again when the history it needs is gone', async () => {
    const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old resource version' } };
    const seen = collection(
      [listOf('5', []), listOf('8', [configMap('b', '7')]), listOf('12', [configMap('c', '11')])],
      [watchOf([gone]), status(410, 'Expired', 'too old'), watchOf([])],
    );
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    await until(view, () => names(view).join() === 'c');
    await server.until('GET', PATH, 6);
    expect(seen.watched().map((query) => query.get('resourceVersion'))).toEqual(['5', '8', '12']);
  });

  it('goes on from the last version it knows after a disconnect, a bookmark included', async () => {
    const seen = collection(
      [listOf('5', [])],
      [
        (response) => {
          response.flushHeaders();
          response.write(`${JSON.stringify(bookmark('9'))}\n`, () => setTimeout(() => response.destroy(), 20));
        },
        cut,
        status(503, 'ServiceUnavailable', 'starting'),
        watchOf([added('b', '10')]),
      ],
    );
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    await until(view, () => view.get('b') !== undefined);
    expect(seen.watched().map((query) => query.get('resourceVersion'))).toEqual(['5', '9', '9', '9']);
    expect(seen.listed()).toBe(1);
  });

  it.each<[string, Handler]>([
    ['a line that is no JSON', (response) => void response.write('<html>\n')],
    ['an event of an unknown type', watchOf([{ type: 'SURPRISE', object: {} }])],
    ['an error other than 410', watchOf([{ type: 'ERROR', object: { code: 500, message: 'compacted' } }])],
    ['a line that breaks off', (response) => response.end('{"type":"ADDED"')],
  ])('lists again after %s', async (_what, handler) => {
    collection([listOf('5', []), listOf('8', [configMap('b', '7')])], [handler, watchOf([])]);
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    await until(view, () => view.get('b') !== undefined);
  });

  it('lists again when the watch has said nothing for too long [argo 6.unseen-end]', async () => {
    collection([listOf('5', []), listOf('8', [configMap('b', '7')])], [watchOf([])]);
    const view = await server.cluster({ view: { ...QUICK, silenceMs: 300 } }).view(QUERY, signal);
    await until(view, () => view.get('b') !== undefined);
  });

  it('lists now and then although the watch seems well [argo 6.unseen-end]', async () => {
    collection([listOf('5', []), listOf('8', [configMap('b', '7')])], [watchOf([bookmark('6')])]);
    const view = await server.cluster({ view: { ...QUICK, relistMs: 100 } }).view(QUERY, signal);
    await until(view, () => view.get('b') !== undefined);
  });

  it('lists now and then where no watch gets through', async () => {
    collection([listOf('5', []), listOf('8', [configMap('b', '7')])], [cut]);
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    await until(view, () => view.get('b') !== undefined);
  });

  it('does not hammer a server that ends each watch at once', async () => {
    const seen = collection([listOf('5', [])], [watchOf([], 'end')]);
    const view = await server
      .cluster({ view: { ...QUICK, reconnectFirstMs: 100, reconnectMostMs: 100 } })
      .view(QUERY, signal);
    const startedAt = performance.now();
    await view.changed(400, signal);
    await expect.poll(() => seen.watched().length).toBeGreaterThan(1);
    expect(seen.watched().length).toBeLessThan(3 + (performance.now() - startedAt) / 50);
  });

  it('polls where it may list but not watch', async () => {
    const seen = collection(
      [listOf('5', []), listOf('8', []), listOf('9', [configMap('b', '9')])],
      [status(403, 'Forbidden', 'no watch')],
    );
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    await until(view, () => view.get('b') !== undefined);
    expect(seen.watched()).toHaveLength(1);
  });

  it('polls a kind that can not be watched', async () => {
    const discovery = JSON.stringify(aggregatedDiscovery(KINDS)).replaceAll(',"watch"', '');
    server.answer('GET', '/api', json(200, JSON.parse(discovery)));
    const seen = collection([listOf('5', []), listOf('8', [configMap('b', '7')])], []);
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    await until(view, () => view.get('b') !== undefined);
    expect(seen.watched()).toHaveLength(0);
  });

  it('rejects where listing is forbidden, at first and later', async () => {
    collection([status(403, 'Forbidden', 'no list')], []);
    const cluster = server.cluster({ view: QUICK });
    await expect(cluster.view(QUERY, signal)).rejects.toMatchObject({ code: 403 });
    collection([listOf('5', []), status(403, 'Forbidden', 'no list')], [status(410, 'Expired', 'old')]);
    const view = await cluster.view(QUERY, signal);
    await expect(until(view, () => false)).rejects.toMatchObject({ code: 403 });
  });

  it('keeps what it knows while the server is out of reach, and catches up', async () => {
    collection([listOf('5', [configMap('a', '3')])], [cut, cut, cut, watchOf([added('b', '6')])]);
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    expect(names(view)).toEqual(['a']);
    await until(view, () => view.get('b') !== undefined);
  });

  it('does not show the past to whoever asks while the server is out of reach', async () => {
    collection([listOf('5', [configMap('a', '3')]), listOf('9', [configMap('new', '9')])], [cut]);
    const cluster = server.cluster({ view: { ...QUICK, reconnectFirstMs: 5_000, reconnectMostMs: 5_000 } });
    const old = await cluster.view(QUERY, signal);
    await server.until('GET', PATH, 2);
    await expect.poll(async () => names(await cluster.view(QUERY, signal))).toEqual(['new']);
    expect(names(old)).toEqual(['a']);
  });

  it('is empty once its kind is gone', async () => {
    const unknownPath: Handler = (response) => response.writeHead(404).end('404 page not found');
    collection([listOf('5', [configMap('a', '3')]), unknownPath], [status(410, 'Expired', 'old')]);
    const view = await server.cluster({ view: QUICK }).view(QUERY, signal);
    await until(view, () => view.all().length === 0);
  });
});

describe('waiting for a change', () => {
  it('misses nothing that happens between two waits', async () => {
    collection([listOf('5', [])], [watchOf([added('b', '6')])]);
    const cluster = server.cluster({ view: QUICK });
    const [early, late] = [await cluster.view(QUERY, signal), await cluster.view(QUERY, signal)];
    await until(early, () => early.get('b') !== undefined);
    const startedAt = performance.now();
    await late.changed(30_000, signal);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it('ends after the given time, with the signal, and when the cluster is closed', async () => {
    collection([listOf('5', [])], [watchOf([])]);
    const cluster = server.cluster({ view: QUICK });
    const view = await cluster.view(QUERY, signal);
    await view.changed(10, signal);
    const abort = new AbortController();
    const waiting = view.changed(30_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    const left = expect(view.changed(30_000, signal)).rejects.toThrow('The connection to cluster fake was closed');
    await cluster.close();
    await left;
    await expect(cluster.view(QUERY, signal)).rejects.toThrow('closed');
  });

  it('for the first list ends with the signal, and leaves the list to the others', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    collection(
      [(response, request) => void held.then(() => listOf('5', [configMap('a', '3')])(response, request))],
      [watchOf([])],
    );
    const cluster = server.cluster({ view: QUICK });
    const abort = new AbortController();
    const impatient = cluster.view(QUERY, abort.signal);
    const patient = cluster.view(QUERY, signal);
    await server.until('GET', PATH, 1);
    abort.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    release();
    expect(names(await patient)).toEqual(['a']);
  });
});
