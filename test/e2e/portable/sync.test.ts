import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { uidOf } from '../../../core/objects.ts';
import { configMap } from '../support/manifests.ts';
import { until } from '../support/waiting.ts';
import type { Application, OwnWorld } from '../support/world.ts';
import { startWorld } from '../support/world.ts';

/*
 * Runs on any cluster whose nodes can pull busybox:1.37: SYNCLINE_E2E_KUBECONFIG and SYNCLINE_E2E_CONTEXT name it. Without
 * them it runs on the sandbox. Temporal is the sandbox's in either case.
 */
const { SYNCLINE_E2E_KUBECONFIG: kubeconfig, SYNCLINE_E2E_CONTEXT: context } = process.env;

let world: OwnWorld;
const made: string[] = [];

beforeAll(async () => {
  const named = kubeconfig !== undefined && context !== undefined;
  world = await startWorld({ processes: true, ...(named ? { cluster: { kubeconfig, context } } : {}) });
});

afterAll(async () => {
  const signal = AbortSignal.timeout(60_000);
  for (const name of made)
    await world.admin.delete({ apiVersion: 'v1', kind: 'Namespace', name }, { propagation: 'Background' }, signal);
  await world.stop();
});

/** An application in a namespace that nobody else has. */
async function application(name: string): Promise<Application> {
  const unique = `syncline-e2e-${name}-${randomBytes(3).toString('hex')}`;
  const app = await world.application(unique);
  made.push(unique);
  return app;
}

/** What a hook does, on a real node and, by the sandbox's annotations, on a simulated one. */
interface Script {
  readonly command: string;
  readonly pods: Readonly<Record<string, string>>;
}

const PASSES: Script = { command: 'echo migrated', pods: { log: 'migrated' } };
const FAILS: Script = { command: 'echo no such table; exit 3', pods: { log: 'no such table', 'exit-code': '3' } };
const HANGS: Script = { command: 'echo waiting; exec sleep 3600', pods: { log: 'waiting', hang: 'true' } };

function podTemplate({ command, pods }: Script) {
  const annotations = Object.fromEntries(
    Object.entries(pods).map(([key, value]) => [`sandbox.syncline.dev/${key}`, value]),
  );
  const container = { name: 'main', image: 'busybox:1.37', command: ['sh', '-c', command] };
  return { annotations, spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [container] } };
}

function jobHook(name: string, phase: string, script: Script): KubernetesObject {
  const { annotations, spec } = podTemplate(script);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations: { 'argocd.argoproj.io/hook': phase } },
    spec: { backoffLimit: 0, template: { metadata: { annotations }, spec } },
  };
}

function podHook(name: string, phase: string, script: Script): KubernetesObject {
  const { annotations, spec } = podTemplate(script);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations: { ...annotations, 'argocd.argoproj.io/hook': phase } },
    spec,
  };
}

describe.concurrent('a sync on any cluster', () => {
  test('runs its hooks before and after what it applies, and keeps their logs', async () => {
    const app = await application('passes');
    const bundle = [jobHook('migrate', 'PreSync', PASSES), configMap('settings'), podHook('smoke', 'PostSync', PASSES)];
    expect(await app.sync(bundle)).toMatchObject({ code: 0, stderr: '' });
    const first = await app.get('Job', 'migrate');
    expect(first?.['status']).toMatchObject({ succeeded: 1 });
    expect(stringAt(await app.get('ConfigMap', 'settings'), 'data', 'key')).toBe('value');
    expect(stringAt(await app.get('Pod', 'smoke'), 'status', 'phase')).toBe('Succeeded');
    expect(await world.cli(['logs', app.name, 'migrate'])).toMatchObject({ code: 0, stdout: 'migrated\n' });

    const again = await app.sync(bundle);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('1 unchanged')]);
    expect(uidOf((await app.get('Job', 'migrate'))!)).not.toBe(uidOf(first!));
  });

  test('tells why a hook failed, changes nothing behind it, and runs the alert', async () => {
    const app = await application('fails');
    const bundle = [jobHook('migrate', 'PreSync', FAILS), configMap('settings'), jobHook('alert', 'SyncFail', PASSES)];
    const { code, stdout } = await app.sync(bundle);
    expect(code).toBe(1);
    expect(stdout).toMatch(/exit code 3[^]*no such table/);
    expect(await app.get('ConfigMap', 'settings')).toBeUndefined();
    expect((await app.get('Job', 'alert'))?.['status']).toMatchObject({ succeeded: 1 });
  });

  test('is aborted in the middle of a hook, which goes', async () => {
    const app = await application('aborted');
    const sync = await app.start([jobHook('migrate', 'PreSync', HANGS), configMap('settings')]);
    await app.podRuns('migrate');
    expect(await world.cli(['abort', app.name])).toMatchObject({ code: 0 });
    expect(await sync.ended).toMatchObject({ code: 3 });
    await until('the hook is gone', async () => (await app.get('Job', 'migrate')) === undefined || undefined);
    expect(await app.get('ConfigMap', 'settings')).toBeUndefined();
  });
});

test('a sync on any cluster survives its worker, and the hook runs once', async () => {
  const app = await application('killed');
  const slow: Script = { command: 'sleep 4', pods: { 'succeed-after': '4s' } };
  const sync = await app.start([jobHook('migrate', 'PreSync', slow), configMap('settings')]);
  await app.podRuns('migrate');
  const before = await app.get('Job', 'migrate');
  await world.worker().end('SIGKILL');
  await world.startWorker();
  expect(await sync.ended).toMatchObject({ code: 0 });
  const after = await app.get('Job', 'migrate');
  expect(uidOf(after!)).toBe(uidOf(before!));
  expect(await app.list('Pod')).toHaveLength(1);
});
