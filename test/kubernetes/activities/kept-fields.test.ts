import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IgnoreRule } from '../../../core/ignored/rules.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { valueAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { uidOf } from '../../../core/objects.ts';
import type { ActivityLab, Ask, LabApplication } from '../../support/activity-lab.ts';
import { openActivityLab } from '../../support/activity-lab.ts';

const signal = new AbortController().signal;
let lab: ActivityLab;

beforeAll(async () => {
  lab = await openActivityLab();
});
afterAll(() => lab.close());

const deployment = (replicas: number, options = '', env = 'ours') => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: { argocd.argoproj.io/sync-options: "${options}" }
spec:
  replicas: ${String(replicas)}
  paused: true
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: log, image: "log:1" }
        - { name: web, image: "web:1", env: [{ name: A, value: "${env}" }, { name: TOKEN, value: "${env}" }] }
`;

const webhook = (failurePolicy = 'Ignore') => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: kept-fields }
webhooks:
  - name: kept.fields.example
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: ${failurePolicy}
    clientConfig: { url: "https://kept.fields.example", caBundle: Cg== }
    rules: [{ apiGroups: [example.org], apiVersions: [v1], operations: [CREATE], resources: [nothing] }]
`;

const onDeployments = (fields: Partial<IgnoreRule>): IgnoreRule => ({ group: 'apps', kind: 'Deployment', ...fields });
const REPLICAS = onDeployments({ jsonPointers: ['/spec/replicas'] });

function keeping(...ignoreDifferences: readonly IgnoreRule[]): Ask {
  return { options: { ignoreDifferences, syncOptions: { RespectIgnoreDifferences: 'true' } } };
}

const read = async (app: LabApplication): Promise<KubernetesObject> =>
  (await lab.admin.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: app.namespace, name: 'web' }, signal)) ??
  {};

/** Lets a manager change a field of the Deployment. */
async function change(app: LabApplication, fieldManager: string, changed: (spec: JsonObject) => JsonObject) {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: app.namespace, name: 'web' };
  await lab.edit(ref, fieldManager, (live) => ({ ...live, spec: changed(live['spec'] as JsonObject) }));
}

const scaled = (replicas: number) => (spec: JsonObject) => ({ ...spec, replicas });
const replicasOf = async (app: LabApplication): Promise<Json | undefined> =>
  valueAt(await read(app), 'spec', 'replicas');
const ofDeployment = (writes: readonly string[]) => writes.filter((write) => write.includes(' deployments/'));
const NO_WAIT = { wait: false };

async function sync(app: LabApplication, yaml: string, ask: Ask) {
  const { segments, finish } = await app.sync(yaml, { ...ask, options: { ...ask.options, ...NO_WAIT } });
  expect(segments.map(({ kind }) => kind)).toEqual(['done']);
  expect(finish).toMatchObject({ kind: 'done', repaired: 0, warnings: [] });
}

describe('RespectIgnoreDifferences=true', () => {
  it('leaves replicas to an autoscaler through two syncs, of which the second writes nothing [argo 3.RespectIgnoreDifferences]', async () => {
    const app = await lab.application('kept-replicas');
    await sync(app, deployment(1), keeping(REPLICAS));
    expect(await replicasOf(app)).toBe(1);
    await change(app, 'autoscaler', scaled(3));

    const changed = await lab.mark();
    await sync(app, deployment(2), keeping(REPLICAS));
    expect(await replicasOf(app)).toBe(3);
    expect(ofDeployment(await lab.writesSince(changed))).toEqual(['patch deployments/web']);

    const unchanged = await lab.mark();
    await sync(app, deployment(2), keeping(REPLICAS));
    expect(ofDeployment(await lab.writesSince(unchanged))).toEqual([]);
    expect(await replicasOf(app)).toBe(3);

    await change(app, 'autoscaler', scaled(4));
    await sync(app, deployment(2, 'Validate=false'), keeping(REPLICAS));
    expect(await replicasOf(app)).toBe(4);
  });

  it('is what keeps them: without it the same sync is a conflict, or takes them over by force', async () => {
    const app = await lab.application('kept-not');
    const ignoring = { ignoreDifferences: [REPLICAS], ...NO_WAIT };
    await app.sync(deployment(1), { options: ignoring });
    await change(app, 'autoscaler', scaled(3));
    expect(await app.refused(deployment(2), { options: ignoring })).toMatchObject([
      { type: 'FieldConflict', message: expect.stringContaining('autoscaler owns .spec.replicas') as string },
    ]);
    await app.sync(deployment(2), { options: { ...ignoring, forceConflicts: true } });
    expect(await replicasOf(app)).toBe(2);
  });

  it('keeps what only the application owns when its manifest changes, or has it no more', async () => {
    const app = await lab.application('kept-own');
    await sync(app, deployment(2), keeping(REPLICAS));
    await sync(app, deployment(7), keeping(REPLICAS));
    expect(await replicasOf(app)).toBe(2);
    await sync(app, deployment(7).replace('  replicas: 7\n', ''), keeping(REPLICAS));
    expect(await replicasOf(app)).toBe(2);
  });

  it('keeps an environment variable that a jq path finds, and applies what stands beside it [argo 3.RespectIgnoreDifferences]', async () => {
    const app = await lab.application('kept-env');
    const path =
      '.spec.template.spec.containers[] | select(.name == "web") | .env[] | select(.name == "TOKEN") | .value';
    const rule = onDeployments({ jqPathExpressions: [path] });
    await sync(app, deployment(0), keeping(rule));
    const live = await read(app);
    const container = ['spec', 'template', 'spec', 'containers', 1] as const;
    const at = '/spec/template/spec/containers/1/env/1/value';
    // A patch by hand, whose manager would give way to the manifest.
    await lab.admin.patch(
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace: app.namespace, name: 'web' },
      [
        { op: 'test', path: at, value: valueAt(live, ...container, 'env', 1, 'value') ?? null },
        { op: 'replace', path: at, value: 'injected' },
      ],
      signal,
    );
    await sync(app, deployment(0, '', 'newer'), keeping(rule));
    expect(valueAt(await read(app), ...container, 'env')).toEqual([
      { name: 'A', value: 'newer' },
      { name: 'TOKEN', value: 'injected' },
    ]);
    const mark = await lab.mark();
    await sync(app, deployment(0, '', 'newer'), keeping(rule));
    expect(ofDeployment(await lab.writesSince(mark))).toEqual([]);
  });

  it('keeps the caBundle that is injected into a webhook [argo 3.RespectIgnoreDifferences]', async () => {
    const app = await lab.application('kept-webhook');
    const kind = 'ValidatingWebhookConfiguration';
    const ref = { apiVersion: 'admissionregistration.k8s.io/v1', kind, name: 'kept-fields' };
    const rule = {
      group: 'admissionregistration.k8s.io',
      kind,
      jqPathExpressions: ['.webhooks[]?.clientConfig.caBundle'],
    };
    await sync(app, webhook(), keeping(rule));
    const live = (await lab.admin.get(ref, signal)) ?? {};
    const [first] = live['webhooks'] as readonly JsonObject[];
    const clientConfig = { ...(first?.['clientConfig'] as JsonObject), caBundle: 'CgoK' };
    await lab.admin.replace(
      { ...live, webhooks: [{ ...first, clientConfig }] },
      { fieldManager: 'cainjector' },
      signal,
    );
    await sync(app, webhook('Fail'), keeping(rule));
    const synced = (await lab.admin.get(ref, signal)) ?? {};
    expect(valueAt(synced, 'webhooks', 0, 'clientConfig', 'caBundle')).toBe('CgoK');
    expect(valueAt(synced, 'webhooks', 0, 'failurePolicy')).toBe('Fail');
  });

  it('keeps all that a manager owns [argo 3.RespectIgnoreDifferences]', async () => {
    const app = await lab.application('kept-managed');
    const rule = onDeployments({ managedFieldsManagers: ['operator'] });
    await sync(app, deployment(1), keeping(rule));
    await change(app, 'operator', (spec) => ({ ...spec, replicas: 3, minReadySeconds: 9 }));
    await sync(app, deployment(2), keeping(rule));
    expect((await read(app))['spec']).toMatchObject({ replicas: 3, minReadySeconds: 9 });
    expect((await app.plan(deployment(2), keeping(rule))).unchanged).toBe(1);
  });

  it.each(['Replace=true', 'Replace=true,Force=true'])('keeps live values with %s', async (options) => {
    const app = await lab.application(`kept-${options.toLowerCase().replaceAll(/[^a-z]/g, '')}`);
    await sync(app, deployment(1, options), keeping(REPLICAS));
    await change(app, 'autoscaler', scaled(3));
    const before = uidOf(await read(app));
    await sync(app, deployment(2, options), keeping(REPLICAS));
    expect(await replicasOf(app)).toBe(3);
    expect(uidOf(await read(app)) === before).toBe(options === 'Replace=true');
  });
});
