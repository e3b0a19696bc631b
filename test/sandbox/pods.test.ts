import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import type { ApiClient } from '../../sandbox/cluster/api.ts';
import { podSchema, type Pod } from '../../sandbox/cluster/objects.ts';
import { clientFor, eventually } from './cluster-client.ts';

const PREFIX = 'sandbox.syncline.dev/';
const { signal } = new AbortController();

let sandbox: Sandbox;
let admin: ApiClient;
let syncline: ApiClient;

beforeAll(async () => {
  sandbox = await startSandbox({ temporal: false });
  admin = await clientFor(sandbox.kubeconfigPath);
  syncline = await clientFor(sandbox.kubeconfigs.syncline);
});

afterAll(async () => {
  await admin.close();
  await syncline.close();
  await sandbox.stop();
});

interface PodOptions {
  readonly annotations?: Record<string, string>;
  readonly policy?: 'Always' | 'OnFailure' | 'Never';
  readonly metadata?: object;
  readonly spec?: object;
}

let count = 0;

const prefixed = (annotations: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [PREFIX + name, value]));

async function createPod({ annotations, policy = 'Never', metadata, spec }: PodOptions = {}): Promise<string> {
  count += 1;
  const name = `pod-${count}`;
  const body = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations: prefixed(annotations), ...metadata },
    spec: { restartPolicy: policy, containers: [{ name: 'main', image: 'example.org/app:1' }], ...spec },
  };
  await admin.must({ method: 'POST', path: '/api/v1/namespaces/default/pods', body, signal });
  return name;
}

const get = <T = unknown>(path: string): Promise<T> => admin.must({ method: 'GET', path, signal }) as Promise<T>;
const readPod = async (name: string): Promise<Pod> =>
  podSchema.parse(await get(`/api/v1/namespaces/default/pods/${name}`));

interface RawPod {
  readonly status: {
    readonly phase: string;
    readonly conditions: readonly { type: string; status: string; reason?: string; lastTransitionTime: string }[];
    readonly containerStatuses: readonly {
      readonly containerID: string;
      readonly ready: boolean;
      readonly restartCount: number;
      readonly state: Record<string, Record<string, unknown>>;
      readonly lastState: Record<string, Record<string, unknown>>;
    }[];
  };
}

const rawPod = (name: string): Promise<RawPod> => get<RawPod>(`/api/v1/namespaces/default/pods/${name}`);

function inPhase(name: string, ...phases: readonly string[]): Promise<RawPod> {
  return eventually(async () => {
    const pod = await rawPod(name);
    return phases.includes(pod.status.phase) && 'containerStatuses' in pod.status ? pod : undefined;
  });
}

/** How long the first container has run, in whole seconds as Kubernetes keeps times. */
function secondsRun({ status }: RawPod): number {
  const { startedAt, finishedAt } = status.containerStatuses[0]!.state['terminated']!;
  return (Date.parse(String(finishedAt)) - Date.parse(String(startedAt))) / 1000;
}

async function log(name: string, query = ''): Promise<string> {
  const answer = await admin.send({
    method: 'GET',
    path: `/api/v1/namespaces/default/pods/${name}/log?${query}`,
    signal,
  });
  return typeof answer.body === 'string' ? answer.body : String(answer.body);
}

interface Event {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly source: { readonly component?: string };
}

async function eventsOf(name: string): Promise<readonly Event[]> {
  const selector = encodeURIComponent(`involvedObject.name=${name}`);
  const list = await get<{ items: readonly Event[] }>(`/api/v1/namespaces/default/events?fieldSelector=${selector}`);
  return list.items;
}

describe('how a pod ends', () => {
  test('by default it succeeds soon, with a status as a kubelet writes it', async () => {
    const { status } = await inPhase(await createPod(), 'Succeeded');
    const container = status.containerStatuses[0]!;
    expect(container.state['terminated']).toMatchObject({
      exitCode: 0,
      reason: 'Completed',
      containerID: container.containerID,
    });
    expect(container.state['terminated']).toHaveProperty('startedAt');
    expect(container.state['terminated']).toHaveProperty('finishedAt');
    expect(container.ready).toBe(false);
    const conditions = Object.fromEntries(status.conditions.map(({ type, status }) => [type, status]));
    expect(conditions).toMatchObject({
      PodScheduled: 'True',
      Initialized: 'True',
      Ready: 'False',
      ContainersReady: 'False',
    });
  });

  test('it succeeds after the time it is given, and not before', async () => {
    const pod = await inPhase(await createPod({ annotations: { 'succeed-after': '2s' } }), 'Succeeded');
    expect(secondsRun(pod)).toBeGreaterThanOrEqual(2);
  });

  test('it fails with its exit code, and only its first container does', async () => {
    const containers = ['main', 'other'].map((name) => ({ name, image: 'x' }));
    const name = await createPod({
      annotations: { 'exit-code': '7', 'termination-message': 'boom' },
      spec: { containers },
    });
    const { status } = await inPhase(name, 'Failed');
    expect(status.containerStatuses.map(({ state }) => state['terminated'])).toMatchObject([
      { exitCode: 7, reason: 'Error', message: 'boom' },
      { exitCode: 0, reason: 'Completed' },
    ]);
  });

  test('it is killed for its memory', async () => {
    const { status } = await inPhase(await createPod({ annotations: { oom: 'true' } }), 'Failed');
    expect(status.containerStatuses[0]!.state['terminated']).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  test('the first pods of a controller fail and the next succeeds', async () => {
    const owner = await get<{ metadata: { uid: string } }>('/api/v1/namespaces/default');
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'Namespace', name: 'default', uid: owner.metadata.uid, controller: true },
    ];
    const phases: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      const name = await createPod({
        annotations: { 'fail-times': '2', 'exit-code': '4' },
        metadata: { ownerReferences },
      });
      phases.push(
        await eventually(async () => {
          const { phase } = (await readPod(name)).status;
          return phase === 'Failed' || phase === 'Succeeded' ? phase : undefined;
        }),
      );
    }
    expect(phases).toEqual(['Failed', 'Failed', 'Succeeded']);
  });

  test('a container that is restarted on failure fails so many times and then succeeds', async () => {
    const name = await createPod({ annotations: { 'fail-times': '2', 'restart-after': '100ms' }, policy: 'OnFailure' });
    const { status } = await inPhase(name, 'Succeeded');
    expect(status.containerStatuses[0]).toMatchObject({
      restartCount: 2,
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      state: { terminated: { exitCode: 0 } },
    });
    await eventually(async () => (await eventsOf(name)).find(({ reason }) => reason === 'BackOff'));
  });

  test('it hangs', async () => {
    const name = await createPod({ annotations: { hang: 'true' } });
    await inPhase(name, 'Running');
    await inPhase(await createPod({ annotations: { 'succeed-after': '1s' } }), 'Succeeded');
    expect((await readPod(name)).status.phase).toBe('Running');
  });

  test('a Job completes, and the real Job controller says so', async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] } };
    const body = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' }, spec: { template } };
    await admin.must({ method: 'POST', path: '/apis/batch/v1/namespaces/default/jobs', body, signal });
    const job = await eventually(async () => {
      const job = await get<{ status: { succeeded?: number } }>('/apis/batch/v1/namespaces/default/jobs/job');
      return job.status.succeeded === 1 ? job : undefined;
    });
    expect(job.status.succeeded).toBe(1);
  });
});

describe('a pod that runs on', () => {
  test('is ready when it says', async () => {
    const never = await createPod({ annotations: { 'ready-after': '1h' }, policy: 'Always' });
    const soon = await createPod({ annotations: { 'ready-after': '1500ms' }, policy: 'Always' });
    await eventually(async () => (await inPhase(soon, 'Running')).status.containerStatuses[0]!.ready || undefined);
    const { status } = await rawPod(soon);
    const ready = status.conditions.find(({ type }) => type === 'Ready')!;
    const { startedAt } = status.containerStatuses[0]!.state['running']!;
    expect(Date.parse(ready.lastTransitionTime) - Date.parse(String(startedAt))).toBeGreaterThanOrEqual(1_000);
    expect((await inPhase(never, 'Running')).status.containerStatuses[0]!.ready).toBe(false);
  });

  test('that crashes loops', async () => {
    const name = await createPod({ annotations: { 'exit-code': '2', 'restart-after': '10m' }, policy: 'Always' });
    await eventually(async () => (await eventsOf(name)).find(({ reason }) => reason === 'BackOff'));
    expect((await rawPod(name)).status.containerStatuses[0]).toMatchObject({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 2 } },
    });
  });

  test('ends when it is deleted, and stays as long as it has a finalizer', async () => {
    const name = await createPod({ policy: 'Always', metadata: { finalizers: ['example.org/keep'] } });
    const path = `/api/v1/namespaces/default/pods/${name}`;
    await inPhase(name, 'Running');
    await admin.must({ method: 'DELETE', path, signal });
    const { status } = await inPhase(name, 'Failed');
    expect(status.containerStatuses[0]!.state['terminated']).toMatchObject({ exitCode: 143 });
    const body = { metadata: { finalizers: null } };
    await admin.must({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json', signal });
    await eventually(async () =>
      (await admin.send({ method: 'GET', path, signal })).status === 404 ? true : undefined,
    );
  });
});

describe('a pod that cannot run', () => {
  test.each([
    ['ImagePullBackOff', 'Back-off pulling image', ['Pulling', 'Failed', 'Failed', 'BackOff', 'Failed']],
    ['ErrImagePull', 'failed to pull and unpack image', ['Pulling', 'Failed', 'Failed']],
    ['InvalidImageName', "couldn't parse image name", ['InspectFailed', 'Failed']],
    ['CreateContainerConfigError', 'configmap "missing" not found', ['Failed']],
  ])('%s', async (reason, message, reasons) => {
    const name = await createPod({ annotations: { pending: reason } });
    const { status } = await inPhase(name, 'Pending');
    const waiting = status.containerStatuses[0]!.state['waiting'];
    expect(waiting).toMatchObject({ reason });
    expect(waiting!['message']).toContain(message);
    const written = await eventually(async () => {
      const events = (await eventsOf(name)).filter(({ source }) => source.component === 'kubelet');
      return events.length === reasons.length ? events : undefined;
    });
    expect(written.map(({ reason }) => reason).toSorted()).toEqual(reasons.toSorted());
  });

  test('CrashLoopBackOff', async () => {
    const name = await createPod({ annotations: { pending: 'CrashLoopBackOff', 'exit-code': '9' }, policy: 'Always' });
    const { status } = await inPhase(name, 'Running');
    expect(status.containerStatuses[0]).toMatchObject({
      restartCount: 5,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 9 } },
    });
  });

  test('Unschedulable, as the real scheduler finds', async () => {
    const name = await createPod({ annotations: { pending: 'Unschedulable' } });
    const event = await eventually(async () =>
      (await eventsOf(name)).find(({ reason }) => reason === 'FailedScheduling'),
    );
    expect(event.message).toContain('0/1 nodes are available');
    // The scheduler tells the event before it writes the condition.
    const conditions = await eventually(
      async () => (await get<RawPod>(`/api/v1/namespaces/default/pods/${name}`)).status.conditions,
    );
    expect(conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }]);
  });

  test('for want of memory, as the real scheduler finds', async () => {
    const resources = { requests: { memory: '10Ti' } };
    const name = await createPod({ spec: { containers: [{ name: 'main', image: 'x', resources }] } });
    const event = await eventually(async () =>
      (await eventsOf(name)).find(({ reason }) => reason === 'FailedScheduling'),
    );
    expect(event.message).toContain('Insufficient memory');
  });

  test('for an annotation that means nothing is told by an event', async () => {
    const name = await createPod({ annotations: { 'fail-times': 'often' } });
    const reason = 'InvalidSandboxAnnotation';
    const event = await eventually(async () => (await eventsOf(name)).find((event) => event.reason === reason));
    expect(event.message).toContain('"often" is not a whole number');
  });
});

describe('logs', () => {
  test('of a container without any say so', async () => {
    const name = await createPod();
    await inPhase(name, 'Succeeded');
    expect(await log(name)).toBe('simulated by the sandbox: container main runs no program\n');
  });

  test('can be read in part', async () => {
    const name = await createPod({ annotations: { log: 'one\ntwo\nthree\n' } });
    await inPhase(name, 'Succeeded');
    expect(await log(name)).toBe('one\ntwo\nthree\n');
    expect(await log(name, 'tailLines=2')).toBe('two\nthree\n');
    expect(await log(name, 'limitBytes=5')).toBe('one\nt');
    expect(await log(name, 'container=main&timestamps=true')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z one\n/);
    const future = encodeURIComponent(new Date(Date.now() + 60_000).toISOString().replace(/\.\d+/, ''));
    expect(await log(name, `sinceTime=${future}`)).toBe('');
  });

  test('can be followed to their end', async () => {
    const annotations = { log: '1\n2\n3\n4', 'log-interval': '300ms', 'succeed-after': '1500ms' };
    const name = await createPod({ annotations });
    await inPhase(name, 'Running', 'Succeeded');
    expect(await followed(name)).toEqual(['1', '2', '3', '4']);
    await inPhase(name, 'Succeeded');
  });

  test('can be followed while they are written', async () => {
    const name = await createPod({ annotations: { log: '1\n2\n3', 'log-interval': '100ms', hang: 'true' } });
    await inPhase(name, 'Running');
    const path = `/api/v1/namespaces/default/pods/${name}?gracePeriodSeconds=0`;
    const end = (line: string) => (line === '3' ? admin.must({ method: 'DELETE', path, signal }) : undefined);
    expect(await followed(name, end)).toEqual(['1', '2', '3']);
  });

  /** The lines of a pod's log until its end; `told` sees each as it comes. */
  async function followed(name: string, told: (line: string) => unknown = () => undefined): Promise<readonly string[]> {
    const lines: string[] = [];
    const path = `/api/v1/namespaces/default/pods/${name}/log?follow=true`;
    for await (const line of admin.lines(path, signal)) {
      if (line === '') continue;
      lines.push(line);
      await told(line);
    }
    return lines;
  }

  test('of a previous run are there after a restart only', async () => {
    const name = await createPod({ annotations: { 'fail-times': '1', log: 'x' }, policy: 'OnFailure' });
    await inPhase(name, 'Succeeded');
    await eventually(async () => ((await log(name, 'previous=true')) === 'x\n' ? true : undefined));
    const other = await createPod();
    await inPhase(other, 'Succeeded');
    const path = `/api/v1/namespaces/default/pods/${other}/log?previous=true`;
    expect((await admin.send({ method: 'GET', path, signal })).status).toBe(400);
  });

  test('of a container that waits are refused', async () => {
    const name = await createPod({ annotations: { pending: 'ImagePullBackOff' } });
    await inPhase(name, 'Pending');
    const path = `/api/v1/namespaces/default/pods/${name}/log`;
    const answer = await admin.send({ method: 'GET', path, signal });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('waiting to start');
  });

  test('are given to the API server alone', async () => {
    const node = await get<{ status: { daemonEndpoints: { kubeletEndpoint: { Port: number } } } }>(
      '/api/v1/nodes/sandbox-node',
    );
    const port = node.status.daemonEndpoints.kubeletEndpoint.Port;
    const end = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('secureConnect', () => socket.write('GET /containerLogs/a/b/c HTTP/1.1\r\nHost: x\r\n\r\n'));
      socket.on('data', (data: Buffer) => resolve(data.toString()));
      socket.on('error', () => resolve('refused'));
      socket.on('close', () => resolve('refused'));
    });
    expect(end).toBe('refused');
  });
});

describe('around pods', () => {
  const claim = async (name: string, storageClassName: string): Promise<void> => {
    const spec = { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const body = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec };
    await admin.must({ method: 'POST', path: '/api/v1/namespaces/default/persistentvolumeclaims', body, signal });
  };
  const phaseOf = async (name: string): Promise<string> => {
    const path = `/api/v1/namespaces/default/persistentvolumeclaims/${name}`;
    return (await get<{ status: { phase: string } }>(path)).status.phase;
  };

  test('a claim is bound, and its volume goes with it', async () => {
    await claim('now', 'standard');
    await eventually(async () => ((await phaseOf('now')) === 'Bound' ? true : undefined));
    const path = '/api/v1/namespaces/default/persistentvolumeclaims/now';
    await admin.must({ method: 'DELETE', path, signal });
    await eventually(async () => {
      const { items } = await get<{ items: { spec: { claimRef: { name: string } } }[] }>('/api/v1/persistentvolumes');
      return items.some(({ spec }) => spec.claimRef.name === 'now') ? undefined : true;
    });
  });

  test('a claim that waits for its consumer is bound when that comes', async () => {
    await claim('later', 'wait-for-first-consumer');
    await claim('other', 'standard');
    await eventually(async () => ((await phaseOf('other')) === 'Bound' ? true : undefined));
    expect(await phaseOf('later')).toBe('Pending');
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'later' } }];
    await inPhase(await createPod({ spec: { volumes } }), 'Succeeded');
    expect(await phaseOf('later')).toBe('Bound');
  });

  test('a Service for a load balancer and an Ingress get an address, unless it is withheld', async () => {
    const services = '/api/v1/namespaces/default/services';
    const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] };
    const service = (name: string, annotations: Record<string, string>) =>
      ({
        method: 'POST',
        path: services,
        signal,
        body: { apiVersion: 'v1', kind: 'Service', metadata: { name, annotations: prefixed(annotations) }, spec },
      }) as const;
    await admin.must(service('withheld', { pending: 'true' }));
    await admin.must(service('exposed', {}));
    const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web' } };
    const defaultBackend = { service: { name: 'exposed', port: { number: 80 } } };
    await admin.must({ method: 'POST', path: ingresses, body: { ...ingress, spec: { defaultBackend } }, signal });
    const addresses = async (path: string): Promise<readonly unknown[] | undefined> =>
      (await get<{ status: { loadBalancer: { ingress?: unknown[] } } }>(path)).status.loadBalancer.ingress;
    await eventually(() => addresses(`${services}/exposed`));
    await eventually(() => addresses(`${ingresses}/web`));
    expect(await addresses(`${services}/withheld`)).toBeUndefined();
  });

  test('the audit log tells who wrote what', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ours' } };
    const path = '/api/v1/namespaces/default/configmaps';
    await syncline.must({ method: 'POST', path, body, signal });
    await syncline.must({ method: 'GET', path, signal });
    interface Entry {
      readonly level: string;
      readonly verb: string;
      readonly user: { readonly username: string };
      readonly objectRef?: { readonly resource: string; readonly name?: string };
    }
    const entries = await eventually(async () => {
      const lines = (await readFile(sandbox.auditLogPath, 'utf8')).trim().split('\n');
      const entries = lines.map((line) => JSON.parse(line) as Entry);
      return entries.some(({ verb, user }) => user.username === 'syncline' && verb === 'list') ? entries : undefined;
    });
    const ours = entries.filter(({ user }) => user.username === 'syncline');
    expect(ours.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`)).toEqual([
      'create configmaps',
      'list configmaps',
    ]);
    const users = new Set(entries.map(({ user }) => user.username));
    for (const user of [
      'admin',
      'kwok',
      'sandbox',
      'system:kube-scheduler',
      'system:serviceaccount:kube-system:job-controller',
    ]) {
      expect(users).toContain(user);
    }
    expect(new Set(entries.map(({ level }) => level))).toEqual(new Set(['Metadata']));
    expect(entries.some(({ objectRef }) => objectRef?.resource === 'events' || objectRef?.resource === 'leases')).toBe(
      false,
    );
  });
});
