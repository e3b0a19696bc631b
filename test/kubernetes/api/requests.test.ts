import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import type { CredentialSource, Credentials } from '../../../kubernetes/credentials.ts';
import { refreshedCredentials } from '../../../kubernetes/credentials.ts';
import { ApiError, ConnectionError } from '../../../kubernetes/errors.ts';
import type { FakeApiServer, Handler } from './fake-api-server.ts';
import { cut, json, listOf, silent, startFakeApiServer, status } from './fake-api-server.ts';

const PATH = '/api/v1/namespaces/shop/configmaps/web';
const COLLECTION = '/api/v1/namespaces/shop/configmaps';
const REF = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'web' };
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'shop' }, data: { a: 'b' } };
const APPLY = { fieldManager: 'syncline/shop' };
const signal = new AbortController().signal;

let server: FakeApiServer;
let cluster: Cluster;

beforeEach(async () => {
  server = await startFakeApiServer();
  cluster = server.cluster();
});
afterEach(() => server.close());

async function failureOf(promise: Promise<unknown>): Promise<ApiError | ConnectionError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApiError || error instanceof ConnectionError) return error;
  throw new Error(`expected a failure of the cluster, not ${String(error)}`);
}

describe('what goes over the wire', () => {
  it('applies the manifest as it is, with strict validation and the field manager [argo 2.4.apply]', async () => {
    const odd = { ...OBJECT, metadata: { ...OBJECT.metadata }, futureField: [{ x: null }] };
    server.answer('PATCH', PATH, json(200, OBJECT));
    await cluster.apply(odd, { ...APPLY, force: true, dryRun: true }, signal);
    const [request] = server.requests('PATCH', PATH);
    expect(request?.body).toBe(JSON.stringify(odd));
    expect(request?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(Object.fromEntries(request?.query ?? [])).toEqual({
      fieldManager: 'syncline/shop',
      fieldValidation: 'Strict',
      force: 'true',
      dryRun: 'All',
    });
  });

  it('says who it is, and in which version', async () => {
    const known = server.cluster({ version: '1.2.3' });
    await known.get(REF, signal);
    expect(server.requests('GET', PATH)[0]?.headers).toMatchObject({
      'user-agent': 'syncline/1.2.3',
      authorization: 'Bearer t',
    });
  });

  it('sends preconditions and propagation with a delete', async () => {
    server.answer('DELETE', PATH, json(200, {}));
    await cluster.delete(REF, { uid: 'u1', resourceVersion: '7', propagation: 'Foreground' }, signal);
    expect(JSON.parse(server.requests('DELETE', PATH)[0]?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u1', resourceVersion: '7' },
    });
  });

  it('keeps the path a server is served below', async () => {
    const below = server.cluster({ server: `${server.url}/k8s/clusters/c-1/` });
    server.answer('GET', '/k8s/clusters/c-1/api', json(200, { kind: 'APIVersions', versions: ['v1'] }));
    server.answer('GET', '/k8s/clusters/c-1/apis', json(200, { kind: 'APIGroupList', groups: [] }));
    server.answer(
      'GET',
      '/k8s/clusters/c-1/api/v1',
      json(200, { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['get'] }] }),
    );
    server.answer('GET', `/k8s/clusters/c-1${PATH}`, json(200, OBJECT));
    expect(await below.get(REF, signal)).toEqual(OBJECT);
  });

  it('goes through the proxy it is told of', async () => {
    const behind = server.cluster({ server: 'http://kubernetes.invalid', proxyUrl: server.url });
    server.answer('GET', PATH, json(200, OBJECT));
    expect(await behind.get(REF, signal)).toEqual(OBJECT);
    expect(server.requests('GET', PATH)[0]?.headers.host).toBe('kubernetes.invalid');
  });

  it('needs no more connections than it may use, for any number of requests', async () => {
    const narrow = server.cluster({ connections: 4 });
    server.answer('PATCH', PATH, json(200, OBJECT));
    await Promise.all(Array.from({ length: 200 }, () => narrow.apply(OBJECT, APPLY, signal)));
    expect(server.requests('PATCH', PATH)).toHaveLength(200);
    expect(server.connections()).toBeLessThanOrEqual(4);
  });

  it('reads a log as text', async () => {
    server.answer('GET', '/api/v1/namespaces/shop/pods/p/log', (response) => response.end('Zeile 1 ü\nline 2\n'));
    const query = {
      namespace: 'shop',
      pod: 'p',
      container: 'main',
      previous: true,
      tailLines: 5,
      limitBytes: 100,
      timestamps: true,
    };
    expect(await cluster.logs(query, signal)).toBe('Zeile 1 ü\nline 2\n');
    expect(Object.fromEntries(server.requests('GET', '/api/v1/namespaces/shop/pods/p/log')[0]?.query ?? [])).toEqual({
      container: 'main',
      tailLines: '5',
      limitBytes: '100',
      previous: 'true',
      timestamps: 'true',
    });
  });
});

describe('what is refused without a request', () => {
  it.each([
    [
      'an apply without a namespace',
      () => cluster.apply({ ...OBJECT, metadata: { name: 'web' } }, APPLY, signal),
      'it names no namespace',
    ],
    ['a replace without a resourceVersion', () => cluster.replace(OBJECT, {}, signal), 'it has no resourceVersion'],
    [
      'a delete without a name',
      () => cluster.delete({ ...REF, name: '' }, { propagation: 'Orphan' }, signal),
      'it has no name',
    ],
    ['a read of ..', () => cluster.get({ ...REF, name: '..' }, signal), 'its name is a path'],
  ])('%s', async (_what, act, words) => {
    const error = await failureOf(act());
    expect(error).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(error.message).toContain(words);
    expect(server.seen.filter((request) => request.path.startsWith('/api/v1'))).toEqual([]);
  });
});

describe('errors', () => {
  it('name the action, the object and what the server said', async () => {
    const details = {
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.a' }],
    };
    server.answer('PATCH', PATH, status(409, 'Conflict', 'Apply failed with 1 conflict', { details }));
    const error = await failureOf(cluster.apply(OBJECT, APPLY, signal));
    expect(error.message).toBe('Cannot apply ConfigMap shop/web: Apply failed with 1 conflict (HTTP 409 Conflict)');
    expect(error).toMatchObject({
      causes: [{ field: '.data.a', message: 'conflict with "kubectl" using v1', type: 'FieldManagerConflict' }],
    });
  });

  it('never quote a Secret', async () => {
    const secret = { ...OBJECT, kind: 'Secret', data: { password: 'aHVudGVyMg==' } };
    const message = 'Secret "web" is invalid: data[password]: Invalid value: "aHVudGVyMg==": must be short';
    const details = {
      causes: [{ reason: 'FieldValueInvalid', message: 'Invalid value: "aHVudGVyMg=="', field: 'data[password]' }],
    };
    server.answer('PATCH', '/api/v1/namespaces/shop/secrets/web', status(422, 'Invalid', message, { details }));
    const error = await failureOf(cluster.apply(secret, APPLY, signal));
    expect(JSON.stringify([error.message, error])).not.toContain('aHVudGVyMg');
    expect(error.message).toContain('data[password]: FieldValueInvalid');
  });

  it('do not quote an answer that is no JSON', async () => {
    server.answer('GET', '/api/v1/namespaces/shop/secrets/web', (response) =>
      response.end('{"data":{"p":"aHVudGVyMg=="'),
    );
    const error = await failureOf(cluster.get({ ...REF, kind: 'Secret' }, signal));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain('not a JSON object');
    expect(error.message).not.toContain('aHVudGVyMg');
  });

  it('tell an unserved kind from a missing object', async () => {
    const unknown = { apiVersion: 'example.com/v1', kind: 'Widget', namespace: 'shop', name: 'w' };
    expect(await cluster.get(unknown, signal)).toBeUndefined();
    expect(await cluster.delete(unknown, { propagation: 'Background' }, signal)).toBe(false);
    const error = await failureOf(cluster.list(unknown, signal));
    expect(error).toMatchObject({ code: 404, reason: 'KindNotServed' });
  });

  it('name the server when nobody listens there', async () => {
    const gone = await startFakeApiServer();
    await gone.close();
    const lost = server.cluster({ server: gone.url });
    const error = await failureOf(lost.get(REF, signal));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.message).toContain(gone.url);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('are the reason of the signal when it aborts', async () => {
    server.answer('GET', PATH, silent);
    const abort = new AbortController();
    const reading = cluster.get(REF, abort.signal);
    await server.until('GET', PATH, 1);
    const reason = new Error('the sync was aborted');
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it('are a ConnectionError when no headers come in time, and nothing is sent again', async () => {
    const hasty = server.cluster({ headersTimeoutMs: 200 });
    server.answer('PATCH', PATH, silent);
    const error = await failureOf(hasty.apply(OBJECT, APPLY, signal));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(server.requests('PATCH', PATH)).toHaveLength(1);
  });
});

describe('retries', () => {
  it('follow a 429 for every method, after the time it asks for', async () => {
    const busy = status(429, 'TooManyRequests', 'slow down');
    server.answer(
      'POST',
      COLLECTION,
      (response, request) => {
        response.setHeader('retry-after', '1');
        busy(response, request);
      },
      json(201, OBJECT),
    );
    const startedAt = performance.now();
    await cluster.create(OBJECT, {}, signal);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(server.requests('POST', COLLECTION)).toHaveLength(2);
  });

  it('leave a Retry-After that is too long to the caller', async () => {
    server.answer('PATCH', PATH, json(429, { kind: 'Status', message: 'later' }, { 'retry-after': '60' }));
    const error = await failureOf(cluster.apply(OBJECT, APPLY, signal));
    expect(error).toMatchObject({ code: 429, retryAfterSeconds: 60 });
    expect(server.requests('PATCH', PATH)).toHaveLength(1);
  });

  it.each([500, 502, 503, 504])('follow a %i of an apply', async (code) => {
    server.answer('PATCH', PATH, status(code, '', 'etcdserver: leader changed'), json(200, OBJECT));
    expect(await cluster.apply(OBJECT, APPLY, signal)).toEqual(OBJECT);
  });

  it('give up on a lasting 500 after four tries', async () => {
    server.answer('PATCH', PATH, status(500, 'InternalError', 'failed calling webhook'));
    const error = await failureOf(cluster.apply(OBJECT, APPLY, signal));
    expect(error).toMatchObject({ code: 500 });
    expect(server.requests('PATCH', PATH)).toHaveLength(4);
  });

  it('never create twice after a 500 or a lost answer', async () => {
    server.answer('POST', COLLECTION, status(500, 'InternalError', 'who knows'));
    await failureOf(cluster.create(OBJECT, {}, signal));
    server.answer('POST', COLLECTION, cut);
    const lost = await failureOf(cluster.create(OBJECT, {}, signal));
    expect(lost).toBeInstanceOf(ConnectionError);
    expect(server.requests('POST', COLLECTION)).toHaveLength(2);
  });

  it('never delete twice without preconditions', async () => {
    server.answer('DELETE', PATH, cut);
    await failureOf(cluster.delete(REF, { propagation: 'Background' }, signal));
    expect(server.requests('DELETE', PATH)).toHaveLength(1);
    server.answer('DELETE', PATH, cut, json(200, {}));
    expect(await cluster.delete(REF, { uid: 'u1', propagation: 'Background' }, signal)).toBe(true);
  });

  it('follow a broken connection once', async () => {
    server.answer('PATCH', PATH, cut, json(200, OBJECT));
    expect(await cluster.apply(OBJECT, APPLY, signal)).toEqual(OBJECT);
    server.answer('PATCH', PATH, cut);
    expect(await failureOf(cluster.apply(OBJECT, APPLY, signal))).toBeInstanceOf(ConnectionError);
    expect(server.requests('PATCH', PATH)).toHaveLength(4);
  });

  it('follow an answer that broke off in the middle', async () => {
    const broken = JSON.stringify(OBJECT).slice(0, 20);
    server.answer(
      'GET',
      PATH,
      (response) => {
        response.writeHead(200, { 'content-length': '5000' });
        response.write(broken, () => response.destroy());
      },
      json(200, OBJECT),
    );
    expect(await cluster.get(REF, signal)).toEqual(OBJECT);
  });

  it('do not follow an apply that does not fit the schema, which the server answers with 500', async () => {
    const words =
      'failed to create typed patch object (shop/web; /v1, Kind=ConfigMap): .dataa: field not declared in schema';
    server.answer('PATCH', PATH, status(500, '', words));
    expect(await failureOf(cluster.apply(OBJECT, APPLY, signal))).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(server.requests('PATCH', PATH)).toHaveLength(1);
  });
});

describe('lists', () => {
  it('follow continue tokens, and start over when one has expired', async () => {
    const item = (name: string): object => ({ metadata: { name } });
    server.answer(
      'GET',
      COLLECTION,
      listOf('5', [item('a')], { continue: 't1' }),
      status(410, 'Expired', 'token expired'),
      listOf('6', [item('a')], { continue: 't2' }),
      listOf('6', [item('b')]),
    );
    const items = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop' }, signal);
    expect(items).toEqual(['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })));
    expect(server.requests('GET', COLLECTION).map((request) => request.query.get('continue'))).toEqual([
      null,
      't1',
      null,
      't2',
    ]);
  });

  it('pass selectors on', async () => {
    server.answer('GET', '/api/v1/pods', listOf('1', []));
    await cluster.list(
      { apiVersion: 'v1', kind: 'Pod', labelSelector: 'a in (b,c)', fieldSelector: 'spec.nodeName=n' },
      signal,
    );
    expect(Object.fromEntries(server.requests('GET', '/api/v1/pods')[0]?.query ?? [])).toEqual({
      labelSelector: 'a in (b,c)',
      fieldSelector: 'spec.nodeName=n',
      limit: '500',
    });
  });
});

describe('credentials', () => {
  const tokens = (...values: readonly string[]): { readonly source: CredentialSource; readonly reads: string[] } => {
    const left = [...values];
    const reads: string[] = [];
    const source = refreshedCredentials('fake', async (from): Promise<Credentials> => {
      reads.push(from);
      const token = left.length > 1 ? left.shift() : left[0];
      return { headers: { authorization: `Bearer ${token ?? ''}` }, tls: {} };
    });
    return { source, reads };
  };
  const onlyWith =
    (token: string): Handler =>
    (response, request) => {
      const allowed = request.headers.authorization === `Bearer ${token}`;
      (allowed ? json(200, OBJECT) : status(401, 'Unauthorized', 'Unauthorized'))(response, request);
    };

  it('are renewed once for all requests that were refused, creates included [argo 5.11]', async () => {
    const { source, reads } = tokens('old', 'new');
    const renewing = server.cluster({ credentials: source });
    server.answer('POST', COLLECTION, onlyWith('new'));
    await Promise.all(Array.from({ length: 10 }, () => renewing.create(OBJECT, {}, signal)));
    expect(reads).toEqual(['cache', 'scratch']);
  });

  it('that are refused again and again are not asked for again each time', async () => {
    const { source, reads } = tokens('bad', 'worse');
    const refused = server.cluster({ credentials: source });
    server.answer('GET', PATH, onlyWith('good'));
    for (let i = 0; i < 5; i++) expect(await failureOf(refused.get(REF, signal))).toMatchObject({ code: 401 });
    expect(reads).toEqual(['cache', 'scratch']);
  });
});

describe('discovery', () => {
  it('is read once for any number of requests at the same time [argo 5.13]', async () => {
    server.answer('GET', PATH, json(200, OBJECT));
    await Promise.all(Array.from({ length: 50 }, () => cluster.get(REF, signal)));
    expect(server.requests('GET', '/api')).toHaveLength(1);
    expect(server.requests('GET', '/apis')).toHaveLength(1);
  });

  it('is read again for a kind that is missing, at most twice a second', async () => {
    const startedAt = performance.now();
    await cluster.servedKind('v1', 'ConfigMap', signal);
    const asked = Array.from({ length: 20 }, (_, i) => cluster.servedKind('example.com/v1', `Kind${i}`, signal));
    expect(await Promise.all(asked)).toEqual(asked.map(() => undefined));
    expect(server.requests('GET', '/apis')).toHaveLength(2);
    expect(performance.now() - startedAt).toBeGreaterThan(490);
  });

  it('falls back to the classic form, and passes over a group whose server is down', async () => {
    server.answer(
      'GET',
      '/apis',
      json(200, {
        kind: 'APIGroupList',
        groups: [{ versions: [{ groupVersion: 'apps/v1' }] }, { versions: [{ groupVersion: 'down.io/v1' }] }],
      }),
    );
    server.answer('GET', '/apis/down.io/v1', status(503, 'ServiceUnavailable', 'no endpoints'));
    server.answer(
      'GET',
      '/apis/apps/v1',
      json(200, {
        resources: [
          { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get', 'watch'] },
          { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs: ['get'] },
        ],
      }),
    );
    expect(await cluster.servedKind('apps/v1', 'Deployment', signal)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      plural: 'deployments',
      namespaced: true,
      verbs: ['get', 'watch'],
    });
    expect(await cluster.servedKind('apps/v1', 'Scale', signal)).toBeUndefined();
  });

  it('forgets a kind whose path the server no longer knows', async () => {
    const unknownPath: Handler = (response) => {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('404 page not found');
    };
    server.answer('PATCH', PATH, unknownPath);
    expect(await failureOf(cluster.apply(OBJECT, APPLY, signal))).toMatchObject({ reason: 'KindNotServed' });
    server.answer('GET', '/api', json(200, { kind: 'APIGroupDiscoveryList', items: [] }));
    expect(await cluster.servedKind('v1', 'ConfigMap', signal)).toBeUndefined();
  });
});
