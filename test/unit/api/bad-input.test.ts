import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../../api/openapi.ts';
import { routesOf } from '../../../api/routes.ts';
import type { ApiLab } from './lab.ts';
import { openApiLab } from './lab.ts';

let lab: ApiLab;
beforeAll(async () => {
  lab = await openApiLab();
});

interface Parameter {
  readonly name: string;
  readonly in: string;
}
interface Operation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = openApiDocument(routesOf('0'), '0') as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties?: object }>> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, path, operation] as const),
);

const GOOD: Readonly<Record<string, string>> = {
  cluster: 'prod',
  application: 'shop',
  run: 'latest',
  hook: 'db-migrate',
};

/** Names that are right, nearly right, and wrong in ways that have broken servers. */
const aName = (name: string) =>
  fc.oneof(
    fc.constant(GOOD[name] ?? 'x'),
    fc.constantFrom(
      '..',
      '.',
      '%',
      '%00',
      '%2e%2e%2f',
      'a/b',
      '__proto__',
      'ünïcode',
      ' ',
      'x'.repeat(3_000),
      "'; DROP",
      '0',
      '-1',
      'NaN',
      '1e999',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );

/** Field names that the document knows, so that bad values come where values are looked at. */
const FIELDS = [
  ...new Set(Object.values(document.components.schemas).flatMap(({ properties = {} }) => Object.keys(properties))),
];
const aValue = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, 0, -1, 1e308, '', 'shop', 'a.yaml', 'v1', 'ConfigMap', '\0', '__proto__', 'sha256:x'),
    fc.string({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string({ maxLength: 8 })), tie('value'), { maxKeys: 6 }),
  ),
})).value;

const aBody = fc.oneof(
  aValue.map((value) => ({ type: 'application/json', text: JSON.stringify(value) })),
  fc
    .constantFrom('{', '', 'null', '[]', '"x"', '{"a":1}{', '\0', '{"__proto__":{"x":1}}', '['.repeat(5_000))
    .map((text) => ({ type: 'application/json', text })),
  fc
    .constantFrom(
      'text/plain',
      'application/xml',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      'nonsense',
    )
    .chain((type) => fc.string({ maxLength: 60 }).map((text) => ({ type, text }))),
);

describe('whatever is sent', { timeout: 60_000 }, () => {
  test.each(operations)('%s answers as its document says, and never fails', async (title, path, operation) => {
    const method = title.split(' ')[0] as 'GET' | 'POST';
    const names = operation.parameters.filter((each) => each.in === 'path').map(({ name }) => name);
    const queries = operation.parameters.filter((each) => each.in === 'query').map(({ name }) => name);
    const documented = [
      ...Object.keys(operation.responses),
      ...['404', '405'],
      ...(method === 'GET' ? [] : ['413', '415']),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(...names.map(aName)),
        fc.dictionary(fc.constantFrom(...queries, 'unknown'), aName('query'), { maxKeys: 3 }),
        aBody,
        async (values, query, body) => {
          const filled = names.reduce(
            (url, name, at) => url.replace(`{${name}}`, encodeURIComponent(values[at] ?? '')),
            path,
          );
          const url = `${filled}?${new URLSearchParams(query).toString()}`;
          const sent = method === 'GET' ? {} : { payload: body.text, headers: { 'content-type': body.type } };
          const answer = await lab.send({ method, url, ...sent });
          expect(documented).toContain(String(answer.statusCode));
          if (answer.statusCode < 400) return;
          expect(answer.statusCode).not.toBe(500);
          expect(answer.headers['content-type']).toBe('application/problem+json');
          expect(answer.json()).toMatchObject({
            type: expect.stringMatching(/^urn:syncline:problem:\w+$/) as string,
            status: answer.statusCode,
            title: expect.stringMatching(/./) as string,
            detail: expect.any(String) as string,
            instance: `urn:syncline:request:${String(answer.headers['x-request-id'])}`,
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

const START = '/v1/clusters/prod/applications/shop/syncs';
const json = { 'content-type': 'application/json' };
const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };

describe('a start that can’t be right begins nothing', { timeout: 60_000 }, () => {
  const long = 'x'.repeat(50 * 1024 * 1024);
  const deepManifest = JSON.stringify({ namespace: 'shop', manifests: [{ ...config, data: 'DEEP' }] }).replace(
    '"DEEP"',
    DEEP,
  );
  test.each<readonly [string, object, number, string]>([
    ['malformed JSON', { payload: '{"namespace":', headers: json }, 400, 'MalformedRequest'],
    ['an empty body', { payload: '', headers: json }, 400, 'MalformedRequest'],
    ['no body at all', {}, 422, 'InvalidRequest'],
    ['50 MB', { payload: `{"namespace":"shop","revision":"${long}"}`, headers: json }, 413, 'PayloadTooLarge'],
    ['an object that is nested 20,000 levels deep', { payload: deepManifest, headers: json }, 422, 'InvalidManifest'],
    ['YAML', { payload: 'a: b', headers: { 'content-type': 'application/yaml' } }, 415, 'UnsupportedMediaType'],
    ['an unknown field', { payload: { namespace: 'shop', manifests: [config], prune: true } }, 422, 'InvalidFields'],
    [
      'an unknown option',
      { payload: { namespace: 'shop', manifests: [config], options: { purge: true } } },
      422,
      'InvalidFields',
    ],
    [
      'an option of the wrong type',
      { payload: { namespace: 'shop', manifests: [config], options: { prune: 'yes' } } },
      422,
      'InvalidFields',
    ],
    ['no manifests', { payload: { namespace: 'shop' } }, 422, 'InvalidRequest'],
    ['manifests that go to no namespace', { payload: { manifests: [config] } }, 422, 'InvalidRequest'],
    ['what is kept, for another namespace', { payload: { namespace: 'web', kept: true } }, 422, 'InvalidRequest'],
    ['what is kept, and manifests', { payload: { manifests: [config], kept: true } }, 422, 'InvalidRequest'],
    ['what is kept where the server may not read', { payload: { kept: true } }, 403, 'NotAllowed'],
    ['a rollback and a bundle', { payload: { rollback: {}, kept: true } }, 422, 'InvalidRequest'],
    [
      'manifests twice',
      { payload: { namespace: 'shop', manifests: [config], files: [{ file: 'a', text: 'b' }] } },
      422,
      'InvalidRequest',
    ],
    ['a namespace that is none', { payload: { namespace: 'Shop!', manifests: [config] } }, 422, 'InvalidFields'],
    [
      'an unknown sync option',
      { payload: { namespace: 'shop', manifests: [config], options: { syncOptions: { Replce: 'true' } } } },
      422,
      'InvalidRequest',
    ],
    [
      'an object without a name',
      { payload: { namespace: 'shop', manifests: [{ apiVersion: 'v1', kind: 'ConfigMap' }] } },
      422,
      'InvalidManifest',
    ],
    [
      'a misspelled hook',
      {
        payload: {
          namespace: 'shop',
          files: [
            {
              file: 'a.yaml',
              text: 'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: m\n  annotations:\n    argocd.argoproj.io/hook: PreSnyc',
            },
          ],
        },
      },
      422,
      'InvalidManifest',
    ],
    [
      'a bundle that the application has not',
      { payload: { namespace: 'shop', bundle: `sha256:${'b'.repeat(64)}` } },
      404,
      'NotFound',
    ],
    [
      'a source that is not allowed',
      { payload: { namespace: 'shop', source: { location: 'https://evil.example/repo.git' } } },
      403,
      'NotAllowed',
    ],
    ['a folder of the server', { payload: { namespace: 'shop', source: { location: '/etc' } } }, 403, 'NotAllowed'],
  ])('%s', async (_, request, status, problem) => {
    const before = lab.client.asked.length;
    const answer = await lab.send({ method: 'POST', url: START, ...request });
    expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([
      status,
      `urn:syncline:problem:${problem}`,
    ]);
    expect(lab.client.asked.length).toBe(before);
  });

  test.each([
    ['POST', '/v1/clusters/prod/applications/shop/definition', 'GET, PUT, DELETE'],
    ['DELETE', START, 'POST, GET'],
    ['HEAD', '/healthz', 'GET'],
  ] as const)('%s where an address has no such method is told which there are', async (method, url, allowed) => {
    const answer = await lab.send({ method, url });
    expect([answer.statusCode, answer.headers['allow']?.toString().split(', ').sort()]).toEqual([
      405,
      allowed.split(', ').sort(),
    ]);
    const open = url === '/healthz';
    expect((await lab.send({ method, url }, null)).statusCode).toBe(open ? 405 : 401);
  });

  test.each([
    ['another application', { application: 'web' }, 'InvalidRequest'],
    ['an unknown field', { prune: true }, 'InvalidRequest'],
    ['credentials in an address', { source: { location: 'https://a:b@git.example.com/shop' } }, 'InvalidRequest'],
    ['no source', { source: undefined }, 'InvalidFields'],
  ])('a definition with %s is kept nowhere', async (_, change, problem) => {
    const good = { version: 1, application: 'shop', namespace: 'shop', source: { location: 'https://a.example/b' } };
    const url = '/v1/clusters/prod/applications/shop/definition';
    const answer = await lab.send({ method: 'PUT', url, payload: { ...good, ...change } });
    expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([422, `urn:syncline:problem:${problem}`]);
  });

  test('a definition that is nested without end is refused as any other', async () => {
    const url = '/v1/clusters/prod/applications/shop/definition';
    const good = { version: 1, application: 'shop', namespace: 'shop', source: { location: 'https://a.example/b' } };
    for (const where of ['options', 'windows', 'onPush', 'source']) {
      const payload = JSON.stringify({ ...good, [where]: 'DEEP' }).replace('"DEEP"', `{"x":${DEEP}}`);
      const answer = await lab.send({ method: 'PUT', url, payload, headers: json });
      expect([where, answer.statusCode]).toEqual([where, 422]);
    }
  });

  test('an invalid manifest is told with its file and line, and all that is wrong at once', async () => {
    const files = [
      { file: 'deploy/a.yaml', text: 'kind: ConfigMap\n---\napiVersion: v1\nkind: Secret\nmetadata: {}\n' },
    ];
    const answer = await lab.send({ method: 'POST', url: START, payload: { namespace: 'shop', files } });
    const { failures } = answer.json<{ failures: readonly { location: string }[] }>();
    expect(failures.map(({ location }) => location)).toEqual(
      expect.arrayContaining(['deploy/a.yaml:1', 'deploy/a.yaml:3']),
    );
  });

  test('a manifest that came with its place keeps it', async () => {
    const location = { file: 'deploy/a.yaml', line: 7 };
    await lab.send({
      method: 'POST',
      url: START,
      payload: { namespace: 'shop', manifests: [{ object: config, location }] },
    });
    expect(lab.client.asked.at(-1)).toMatchObject({ order: { manifests: [{ object: config, location }] } });
  });

  test('too many requests of one token are told when to come back', async () => {
    const strict = await openApiLab({ requestsPerMinute: 2 });
    const token = strict.token(['viewer']);
    const statuses: number[] = [];
    for (let sent = 0; sent < 3; sent += 1) statuses.push((await strict.send({ url: '/v1/syncs' }, token)).statusCode);
    const late = await strict.send({ url: '/v1/syncs' }, token);
    expect([...statuses, late.headers['content-type'], Number(late.headers['retry-after']) > 0]).toEqual([
      200,
      200,
      429,
      'application/problem+json',
      true,
    ]);
    expect((await strict.send({ url: '/v1/syncs' }, strict.token(['viewer']))).statusCode).toBe(200);
  });
});
