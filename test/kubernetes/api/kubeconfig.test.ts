import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ConnectionError } from '../../../kubernetes/errors.ts';
import { readInCluster } from '../../../kubernetes/in-cluster.ts';
import { loadCluster, settleContext } from '../../../kubernetes/kubeconfig.ts';
import type { FakeApiServer } from './fake-api-server.ts';
import { startFakeApiServer } from './fake-api-server.ts';

const signal = new AbortController().signal;
const REF = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'web' };

let folder: string;
let server: FakeApiServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-kubeconfig-'));
  server = await startFakeApiServer();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface Written {
  readonly name: string;
  readonly server?: string;
  readonly user?: object;
}

function kubeconfig(contexts: readonly Written[], current?: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: contexts.map(({ name, server: address }) => ({ name, cluster: { server: address ?? server.url } })),
    users: contexts.map(({ name, user }) => ({ name, user: user ?? { token: name } })),
    contexts: contexts.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    ...(current === undefined ? {} : { 'current-context': current }),
  };
}

async function written(content: object | string, name = 'config'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : stringify(content));
  return path;
}

/** The Authorization header a request carries. */
async function authorizationOf(options: Omit<Parameters<typeof loadCluster>[0], 'name'>): Promise<string | undefined> {
  const cluster = await loadCluster({ name: 'c', ...options });
  try {
    await cluster.get(REF, signal);
  } finally {
    await cluster.close();
  }
  return server.seen.at(-1)?.headers.authorization;
}

describe('a kubeconfig', () => {
  it('decides by its current context, or by the one that is asked for', async () => {
    const kubeconfigPath = await written(kubeconfig([{ name: 'dev' }, { name: 'prod' }], 'dev'));
    expect(await authorizationOf({ kubeconfigPath })).toBe('Bearer dev');
    expect(await authorizationOf({ kubeconfigPath, context: 'prod' })).toBe('Bearer prod');
  });

  it('may be spread over the files of KUBECONFIG, of which the first to name a thing wins', async () => {
    const first = await written(kubeconfig([{ name: 'dev' }]), 'first');
    const second = await written(
      kubeconfig([{ name: 'dev', user: { token: 'other' } }, { name: 'prod' }], 'prod'),
      'second',
    );
    const environment = { KUBECONFIG: [join(folder, 'missing'), first, second].join(delimiter) };
    expect(await authorizationOf({ environment })).toBe('Bearer prod');
    expect(await authorizationOf({ environment, context: 'dev' })).toBe('Bearer dev');
  });

  it('may name a file for the token, beside itself', async () => {
    await writeFile(join(folder, 'token'), 'from-a-file\n');
    const kubeconfigPath = await written(kubeconfig([{ name: 'dev', user: { tokenFile: 'token' } }], 'dev'));
    expect(await authorizationOf({ kubeconfigPath })).toBe('Bearer from-a-file');
  });

  it('may name a user and password', async () => {
    const kubeconfigPath = await written(
      kubeconfig([{ name: 'dev', user: { username: 'ann', password: 'pw' } }], 'dev'),
    );
    expect(await authorizationOf({ kubeconfigPath })).toBe(`Basic ${Buffer.from('ann:pw').toString('base64')}`);
  });

  it('keeps the context it began with when the file changes', async () => {
    const kubeconfigPath = await written(kubeconfig([{ name: 'dev' }, { name: 'prod' }], 'dev'));
    const cluster = await loadCluster({ name: 'c', kubeconfigPath });
    await written(kubeconfig([{ name: 'dev', user: { token: 'dev2' } }, { name: 'prod' }], 'prod'));
    server.answer('GET', '/api/v1/namespaces/shop/configmaps/web', (response, request) => {
      response.writeHead(request.headers.authorization === 'Bearer dev2' ? 200 : 401);
      response.end('{}');
    });
    expect(await cluster.get(REF, signal)).toEqual({});
    await cluster.close();
  });

  it('that names another server later is not followed', async () => {
    const kubeconfigPath = await written(kubeconfig([{ name: 'dev' }], 'dev'));
    const cluster = await loadCluster({ name: 'c', kubeconfigPath });
    await written(kubeconfig([{ name: 'dev', server: 'http://elsewhere.invalid' }], 'dev'));
    server.answer('GET', '/api/v1/namespaces/shop/configmaps/web', (response) => response.writeHead(401).end('{}'));
    await expect(cluster.get(REF, signal)).rejects.toThrow('now names another server');
    await cluster.close();
  });
});

describe('in a pod', () => {
  const inPod = async (): Promise<{
    readonly environment: Readonly<Record<string, string>>;
    readonly serviceAccountFolder: string;
  }> => {
    for (const [name, content] of Object.entries({ token: 'pod-token\n', 'ca.crt': '', namespace: 'team-a' })) {
      await written(content, name);
    }
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443', HOME: folder };
    return { environment, serviceAccountFolder: folder };
  };
  const settled = { context: 'in-cluster', server: 'https://[fd00::1]:6443', namespace: 'team-a' };

  it('the service account serves where there is no kubeconfig', async () => {
    const pod = await inPod();
    expect(await settleContext(pod)).toEqual(settled);
    await expect(settleContext({ ...pod, inCluster: false })).rejects.toThrow('Cannot read kubeconfig');
    const config = await readInCluster(pod);
    const options = { headers: {} };
    await config.applyToHTTPSOptions(options);
    expect(options.headers).toEqual({ Authorization: 'Bearer pod-token\n' });
  });

  it('it does not where a kubeconfig is named or found, unless it is asked for', async () => {
    const pod = await inPod();
    const kubeconfigPath = await written(kubeconfig([{ name: 'dev' }], 'dev'));
    expect(await settleContext({ ...pod, kubeconfigPath })).toEqual({ context: 'dev', server: server.url });
    await expect(settleContext({ ...pod, context: 'dev' })).rejects.toThrow('Cannot read kubeconfig');
    await expect(settleContext({ ...pod, environment: { ...pod.environment, KUBECONFIG: '/none' } })).rejects.toThrow(
      '/none',
    );
    await mkdir(join(folder, '.kube'));
    await written(kubeconfig([{ name: 'home' }], 'home'), '.kube/config');
    expect(await settleContext(pod)).toMatchObject({ context: 'home' });
    expect(await settleContext({ ...pod, inCluster: true })).toEqual(settled);
  });
});

describe('what is wrong with a kubeconfig is said', () => {
  const cases: readonly (readonly [string, () => Promise<object>, RegExp])[] = [
    [
      'a missing file',
      async () => ({ kubeconfigPath: join(folder, 'none') }),
      /Cannot read kubeconfig .*none: it does not exist/,
    ],
    ['a home without one', async () => ({ environment: { HOME: folder } }), /\.kube\/config: it does not exist/],
    ['no home', async () => ({ environment: {} }), /KUBECONFIG and HOME are not set/],
    [
      'only missing files',
      async () => ({ environment: { KUBECONFIG: `${folder}/a${delimiter}${folder}/b` } }),
      /No kubeconfig: .*a, .*b/,
    ],
    ['a folder', async () => ({ kubeconfigPath: folder }), /Cannot read kubeconfig .*EISDIR/],
    ['a file of another kind', async () => ({ kubeconfigPath: await written('{[') }), /is no kubeconfig/],
    ['an empty file', async () => ({ kubeconfigPath: await written('') }), /is no kubeconfig|no current context/],
    [
      'an unknown context',
      async () => ({
        kubeconfigPath: await written(kubeconfig([{ name: 'dev' }, { name: 'prod' }], 'dev')),
        context: 'prd',
      }),
      /has no context prd \(it has: dev, prod\)/,
    ],
    [
      'no current context',
      async () => ({ kubeconfigPath: await written(kubeconfig([{ name: 'dev' }])) }),
      /has no current context; name one \(it has: dev\)/,
    ],
    [
      'a context of an unknown cluster',
      async () => ({ kubeconfigPath: await written({ ...kubeconfig([{ name: 'dev' }], 'dev'), clusters: [] }) }),
      /Context dev names cluster dev, which is not in/,
    ],
    [
      'a context of an unknown user',
      async () => ({ kubeconfigPath: await written({ ...kubeconfig([{ name: 'dev' }], 'dev'), users: [] }) }),
      /Context dev names user dev, which is not in/,
    ],
    [
      'an exec plugin that fails',
      async () => {
        const exec = {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'sh',
          args: ['-c', 'echo login first >&2; exit 1'],
        };
        return { kubeconfigPath: await written(kubeconfig([{ name: 'dev', user: { exec } }], 'dev')) };
      },
      /Cannot get credentials for cluster c: the exec plugin sh has ended with code 1: login first/,
    ],
    [
      'an exec plugin that is missing',
      async () => {
        const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin' };
        return { kubeconfigPath: await written(kubeconfig([{ name: 'dev', user: { exec } }], 'dev')) };
      },
      /Cannot get credentials for cluster c: .*no-such-plugin/,
    ],
    [
      'not being in a pod',
      async () => ({ inCluster: true, environment: {} }),
      /Not in a pod with a service account: KUBERNETES_SERVICE_HOST is not set/,
    ],
  ];

  it.each(cases)('%s', async (_what, options, words) => {
    const error: unknown = await loadCluster({ name: 'c', ...(await options()) }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toMatch(words);
  });
});
