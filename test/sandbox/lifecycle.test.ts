import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identifyProcess } from '../../programs/process-identity.ts';
import { startSandbox, stopSandbox, type Sandbox, type SandboxProgress } from '../../sandbox/sandbox.ts';
import { clientFor, eventually } from './cluster-client.ts';

const run = promisify(execFile);
const OWNER = join(import.meta.dirname, 'owner.ts');
const { signal } = new AbortController();

let home: string;
const before = process.env['XDG_STATE_HOME'];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sandbox-state-'));
  process.env['XDG_STATE_HOME'] = home;
});
afterAll(async () => {
  if (before === undefined) delete process.env['XDG_STATE_HOME'];
  else process.env['XDG_STATE_HOME'] = before;
  await rm(home, { recursive: true, force: true });
});

const sandboxesLeft = (): Promise<string[]> => readdir(join(home, 'syncline', 'sandboxes'));

async function untilGone(pids: readonly number[]): Promise<void> {
  await eventually(async () => {
    const present = await Promise.all(pids.map(identifyProcess));
    return present.every((identity) => identity === undefined) || undefined;
  });
}

interface Owned {
  readonly owner: ChildProcess;
  readonly sandbox: {
    readonly stateDir: string;
    readonly supervisorPid: number;
    readonly pids: Record<string, number>;
  };
}

async function startOwner(...args: string[]): Promise<Owned> {
  const owner = spawn(process.execPath, [OWNER, ...args], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const [line] = (await once(owner.stdout.setEncoding('utf8'), 'data')) as [string];
  return { owner, sandbox: JSON.parse(line) as Owned['sandbox'] };
}

const pidsOf = ({ supervisorPid, pids }: Owned['sandbox']): number[] => [supervisorPid, ...Object.values(pids)];

describe('a whole sandbox', () => {
  let sandbox: Sandbox;
  let userConfig: { path: string; content: string };

  beforeAll(async () => {
    userConfig = { path: join(home, 'users.kubeconfig'), content: 'apiVersion: v1\nkind: Config\n' };
    await writeFile(userConfig.path, userConfig.content);
    process.env['KUBECONFIG'] = userConfig.path;
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.stop());

  test("says where everything is and leaves the user's kubeconfig alone", async () => {
    expect(sandbox.env).toEqual({
      KUBECONFIG: sandbox.kubeconfigs.syncline,
      TEMPORAL_ADDRESS: sandbox.temporalAddress,
      TEMPORAL_NAMESPACE: 'default',
      SYNCLINE_BUNDLES: `file:${join(sandbox.stateDir, 'bundles')}`,
    });
    expect(await readFile(userConfig.path, 'utf8')).toBe(userConfig.content);
    expect(process.env['KUBECONFIG']).toBe(userConfig.path);
    expect((await fetch(sandbox.temporalUiUrl)).status).toBe(200);
  });

  test('keeps credentials from everybody else', async () => {
    const isOpen = async (path: string): Promise<boolean> => ((await stat(path)).mode & 0o077) !== 0;
    expect(await isOpen(sandbox.stateDir)).toBe(false);
    const files = [...Object.values(sandbox.kubeconfigs), join(sandbox.stateDir, 'pki', 'tokens.csv')];
    for (const file of files) expect([file, await isOpen(file)]).toEqual([file, false]);
    const keys = (await readdir(join(sandbox.stateDir, 'pki'))).filter((name) => name.endsWith('.key'));
    for (const key of keys) expect([key, await isOpen(join(sandbox.stateDir, 'pki', key))]).toEqual([key, false]);
    const anonymous = await fetchStatus(`${sandbox.apiServer}/api/v1/secrets`);
    expect(anonymous).toBe(403);
  });

  test('listens on the loopback address alone', async () => {
    const sockets = (await readFile('/proc/net/tcp', 'utf8')) + (await readFile('/proc/net/tcp6', 'utf8'));
    const inodes = new Set(
      (await Promise.all([sandbox.supervisorPid, ...Object.values(sandbox.pids())].map(socketInodes))).flat(),
    );
    const listening = sockets.split('\n').map((line) => line.trim().split(/\s+/));
    const ours = listening.filter((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? ''));
    expect(ours.length).toBeGreaterThan(5);
    const addresses = new Set(ours.map((fields) => fields[1]!.split(':')[0]));
    expect(addresses).toEqual(new Set(['0100007F']));
  });

  test('keeps the data of Temporal over a restart', async () => {
    const connection = await Connection.connect({ address: sandbox.temporalAddress });
    const start = { taskQueue: 'none', workflowId: 'stays' };
    await new Client({ connection }).workflow.start('anything', start);
    await connection.close();
    const { temporal } = sandbox.pids();
    await sandbox.restartTemporal();
    expect(sandbox.pids()['temporal']).not.toBe(temporal);
    const again = await Connection.connect({ address: sandbox.temporalAddress });
    const description = await new Client({ connection: again }).workflow.getHandle('stays').describe();
    expect(description.status.name).toBe('RUNNING');
    await again.close();
  });

  test('runs pods again after a restart of the API server, on the same port', async () => {
    await sandbox.restartApiServer();
    const admin = await clientFor(sandbox.kubeconfigPath);
    const path = '/api/v1/namespaces/default/pods';
    const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'after' }, spec };
    await admin.must({ method: 'POST', path, body, signal });
    await eventually(async () => {
      const pod = (await admin.must({ method: 'GET', path: `${path}/after`, signal })) as { status: { phase: string } };
      return pod.status.phase === 'Succeeded' || undefined;
    });
    await admin.close();
  });
});

describe('the end', () => {
  test('comes with stop, of every process and of the state folder', async () => {
    const sandbox = await startSandbox({ temporal: false });
    const pids = [sandbox.supervisorPid, ...Object.values(sandbox.pids())];
    await sandbox.stop();
    await untilGone(pids);
    expect(existsSync(sandbox.stateDir)).toBe(false);
    expect(await sandboxesLeft()).toEqual([]);
  });

  test.each(['SIGKILL', 'SIGINT'] as const)('comes with that of the owner by %s', async (how) => {
    const { owner, sandbox } = await startOwner();
    // As the terminal does: to the whole process group.
    process.kill(-owner.pid!, how);
    await once(owner, 'exit');
    await untilGone(pidsOf(sandbox));
    expect(existsSync(sandbox.stateDir)).toBe(false);
  });

  test('comes when the owner ends although it never stopped its sandbox', async () => {
    const { owner, sandbox } = await startOwner('leave', 'temporal');
    await once(owner, 'exit');
    await untilGone(pidsOf(sandbox));
  });

  test('comes during the start, too', async () => {
    const cancel = new AbortController();
    const starting = startSandbox({ temporal: false, signal: cancel.signal, onProgress: () => undefined });
    await eventually(async () => {
      const names = await sandboxesLeft();
      const dir = names.find((name) => name.startsWith('sandbox-'));
      return dir !== undefined && existsSync(join(home, 'syncline', 'sandboxes', dir, 'logs', 'kube-apiserver.log'))
        ? true
        : undefined;
    });
    cancel.abort(new Error('changed my mind'));
    await expect(starting).rejects.toThrow();
    expect(await sandboxesLeft()).toEqual([]);
  });

  test('of a single server is told', async () => {
    const told: string[] = [];
    const onProgress = (event: SandboxProgress): void => {
      if (event.kind === 'server') told.push(event.text);
    };
    const sandbox = await startSandbox({ temporal: false, onProgress });
    process.kill(sandbox.pids()['kube-scheduler']!, 'SIGKILL');
    await eventually(async () => told.find((text) => text === 'kube-scheduler ended unexpectedly (SIGKILL)'));
    await sandbox.stop();
    expect(told.filter((text) => text.includes('unexpectedly'))).toHaveLength(1);
  });

  test('of the supervisor by SIGKILL is noticed by the owner, who stops the servers', async () => {
    const sandbox = await startSandbox({ temporal: false });
    const pids = Object.values(sandbox.pids());
    process.kill(sandbox.supervisorPid, 'SIGKILL');
    await untilGone(pids);
    await eventually(async () => (existsSync(sandbox.stateDir) ? undefined : true));
    await sandbox.stop();
  });

  test('of supervisor and owner by SIGKILL leaves servers, which the next start stops', async () => {
    const { owner, sandbox } = await startOwner('temporal');
    process.kill(sandbox.supervisorPid, 'SIGSTOP');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    process.kill(sandbox.supervisorPid, 'SIGKILL');
    await untilGone([sandbox.supervisorPid]);
    expect(await identifyProcess(sandbox.pids['temporal']!)).toBeDefined();
    const next = await startSandbox({ kubernetes: false, temporal: false });
    expect(await Promise.all(pidsOf(sandbox).map(identifyProcess))).toEqual(pidsOf(sandbox).map(() => undefined));
    expect(existsSync(sandbox.stateDir)).toBe(false);
    await next.stop();
  });
});

test('two that start at once are apart', async () => {
  const both = await Promise.all([startSandbox({ temporal: false }), startSandbox({ temporal: false })]);
  const ask = async (sandbox: Sandbox, path: string, body?: unknown): Promise<number> => {
    const admin = await clientFor(sandbox.kubeconfigPath);
    const answer = await admin.send({
      method: body ? 'POST' : 'GET',
      path,
      signal,
      ...(body !== undefined && { body }),
    });
    await admin.close();
    return answer.status;
  };
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } };
  expect(await ask(both[0], '/api/v1/namespaces', body)).toBe(201);
  expect(await ask(both[1], '/api/v1/namespaces/mine')).toBe(404);
  await Promise.all(both.map((sandbox) => sandbox.stop()));
});

describe('a state folder of the user', () => {
  test('is kept when asked, and its data is there at the next start', async () => {
    const stateDir = join(home, 'kept');
    const options = { stateDir, keepState: true, temporal: false };
    const first = await startSandbox(options);
    const admin = await clientFor(first.kubeconfigPath);
    const path = '/api/v1/namespaces/default/configmaps';
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } };
    await admin.must({ method: 'POST', path, body, signal });
    await admin.close();
    await expect(startSandbox(options)).rejects.toThrow('in use');
    await first.stop();
    const second = await startSandbox(options);
    const again = await clientFor(second.kubeconfigPath);
    expect((await again.send({ method: 'GET', path: `${path}/kept`, signal })).status).toBe(200);
    // Logs come from an endpoint whose port is another one now.
    const pods = '/api/v1/namespaces/default/pods';
    const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'second' }, spec };
    await again.must({ method: 'POST', path: pods, body: pod, signal });
    await eventually(async () => {
      const log = await again.send({ method: 'GET', path: `${pods}/second/log`, signal });
      return log.status === 200 || undefined;
    });
    await again.close();
    await second.stop();
    expect(existsSync(stateDir)).toBe(true);
  });

  test('that holds something else is refused', async () => {
    await expect(startSandbox({ stateDir: homedir() })).rejects.toThrow('choose another');
  });
});

test('a detached sandbox outlives its owner until it is stopped', async () => {
  const { owner, sandbox } = await startOwner('detach', 'temporal');
  await once(owner, 'exit');
  expect(await identifyProcess(sandbox.pids['temporal']!)).toBeDefined();
  await stopSandbox(sandbox.stateDir);
  await untilGone(pidsOf(sandbox));
  expect(existsSync(sandbox.stateDir)).toBe(false);
});

test('a server that cannot start is named, with its log, and nothing is left', async () => {
  const env = { ...process.env, SYNCLINE_ETCD: '/bin/false' };
  const failure = await run(process.execPath, [OWNER], { env }).then(
    () => '',
    (error: unknown) => String((error as { stderr?: unknown }).stderr),
  );
  expect(failure).toContain('etcd did not become ready');
  expect(await sandboxesLeft()).toEqual([]);
});

async function socketInodes(pid: number): Promise<string[]> {
  const { readlink } = await import('node:fs/promises');
  const names = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

async function fetchStatus(url: string): Promise<number> {
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const { statusCode, body } = await request(url, { dispatcher });
  await body.dump();
  await dispatcher.close();
  return statusCode;
}
