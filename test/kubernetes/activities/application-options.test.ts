import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySegment } from '../../../activities/apply/apply-segment.ts';
import { claimRecord } from '../../../activities/record/claim-record.ts';
import { planSync } from '../../../activities/plan/plan-sync.ts';
import { readInventory } from '../../../activities/inventory/inventory.ts';
import type { Failure } from '../../../core/failures.ts';
import { stringAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { annotationsOf, labelsOf } from '../../../core/objects.ts';
import type { SyncRequest } from '../../../core/sync/request.ts';
import type { ActivityLab, Ask, LabApplication } from '../../support/activity-lab.ts';
import { openActivityLab } from '../../support/activity-lab.ts';
import { activityRuntime } from '../../support/runtime.ts';

const signal = new AbortController().signal;
let lab: ActivityLab;

beforeAll(async () => {
  lab = await openActivityLab();
});
afterAll(() => lab.close());

const configMap = (name: string, value = '1', metadata = ''): string =>
  `\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}${metadata} }\ndata: { value: "${value}" }\n---`;

const deployment = (name: string, pod = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} }${pod} }
    spec: { containers: [{ name: web, image: "web:1" }] }
---`;

const namespaceNamed = async (name: string): Promise<KubernetesObject> =>
  (await lab.admin.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal)) ?? {};

const ofResources = (writes: readonly string[]) => writes.filter((write) => !write.includes('/syncline.'));

describe('ApplyOutOfSyncOnly=true', () => {
  it('waits for nothing that is unchanged, and as ever for the rest [argo 3.ApplyOutOfSyncOnly] [argo 5.9]', async () => {
    const app = await lab.application('out-of-sync');
    const ask: Ask = { options: { syncOptions: { ApplyOutOfSyncOnly: 'true' } } };
    const broken = deployment('broken', ', annotations: { sandbox.syncline.dev/ready-after: 1h }');
    const first = await app.begin(broken + configMap('a'));
    const segment = { phase: 'Sync', wave: 0, segment: 0 } as const;
    await applySegment({ scope: first.scope, ...segment }, first.runtime, lab.deps);
    expect((await app.plan(broken + configMap('a'))).phases[0]?.waves[0]?.awaits).toBe(true);
    expect((await app.plan(broken + configMap('a'), ask)).phases[0]?.waves[0]?.awaits).toBe(false);
    const { plan, segments, health } = await app.sync(broken + configMap('a', '2') + deployment('web'), ask);
    expect(plan).toMatchObject({ objects: 3, unchanged: 1 });
    expect(segments).toMatchObject([{ kind: 'done', applied: 2, unchanged: 1 }]);
    expect(health).toEqual([{ kind: 'healthy' }]);
  });

  it('leaves no hook out where nothing else is to do [argo 3.ApplyOutOfSyncOnly] [argo 5.9]', async () => {
    const app = await lab.application('out-of-sync-hooks');
    const ask: Ask = { options: { syncOptions: { ApplyOutOfSyncOnly: 'true' } } };
    const hook = `
apiVersion: batch/v1
kind: Job
metadata: { name: migrate, annotations: { argocd.argoproj.io/hook: PreSync } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: i }] } } }
---`;
    await app.sync(configMap('a'));
    const { phases, unchanged } = await app.plan(hook + configMap('a'), ask);
    expect(unchanged).toBe(1);
    expect(phases).toMatchObject([
      { phase: 'PreSync', waves: [{ segments: [{ kind: 'hooks', hooks: [{ ref: { name: 'migrate' } }] }] }] },
      { phase: 'Sync' },
    ]);
  });
});

describe('ServerSideApply=false', () => {
  it('has no effect, and the plan says so of the application and of each object [argo 3.ServerSideApply]', async () => {
    const app = await lab.application('client-side');
    const annotation = ', annotations: { argocd.argoproj.io/sync-options: "ServerSideApply=false" }';
    const yaml = configMap('a', '1', annotation);
    const mark = await lab.mark();
    const { plan } = await app.sync(yaml, { options: { syncOptions: { ServerSideApply: 'false' } } });
    expect(plan.warnings).toEqual([
      'ConfigMap a (app.yaml:2): argocd.argoproj.io/sync-options has ServerSideApply=false, which has no effect: every object is applied server-side.',
      'ServerSideApply=false has no effect: every object is applied server-side.',
    ]);
    expect(ofResources(await lab.writesSince(mark))).toEqual(['patch configmaps/a']);
  });
});

describe('CreateNamespace=true', () => {
  const at = (name: string): LabApplication => ({ ...lab.at(name) });
  const asking = (labels: Record<string, string>, annotations: Record<string, string> = {}): Ask => ({
    options: { syncOptions: { CreateNamespace: 'true' }, namespaceMetadata: { labels, annotations } },
  });

  it('makes the namespace, keeps its labels and annotations, and never owns it [argo 3.CreateNamespace] [argo 3.managedNamespaceMetadata]', async () => {
    const app = at('managed-home');
    await app.sync(configMap('a'), asking({ team: 'a', tier: 'x' }, { note: 'one' }));
    const made = await namespaceNamed('managed-home');
    expect(labelsOf(made)).toEqual({ team: 'a', tier: 'x', 'kubernetes.io/metadata.name': 'managed-home' });
    expect(annotationsOf(made)).toEqual({ note: 'one' });

    const mark = await lab.mark();
    await app.sync(configMap('a'), asking({ team: 'a', tier: 'x' }, { note: 'one' }));
    expect(ofResources(await lab.writesSince(mark))).toEqual([]);

    await lab.admin.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'managed-home', labels: { theirs: 'kept' } } },
      { fieldManager: 'somebody' },
      signal,
    );
    await app.sync(configMap('a'), asking({ team: 'b' }));
    const changed = await namespaceNamed('managed-home');
    expect(labelsOf(changed)).toEqual({ team: 'b', theirs: 'kept', 'kubernetes.io/metadata.name': 'managed-home' });
    expect(annotationsOf(changed)).toEqual({});
    const owned = await readInventory(lab.cluster, { application: app.name, namespace: app.namespace }, signal);
    expect(owned.map(({ kind }) => kind)).toEqual(['ConfigMap']);
  });

  it('repairs a label that was edited by hand, and reports one that another manager owns beforehand', async () => {
    const app = at('edited-home');
    await app.sync(configMap('a'), asking({ team: 'a' }));
    const label = (team: string, fieldManager: string) =>
      lab.admin.apply(
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edited-home', labels: { team } } },
        { fieldManager, force: true },
        signal,
      );
    await label('hand', 'kubectl-edit');
    await app.sync(configMap('a'), asking({ team: 'a' }));
    expect(labelsOf(await namespaceNamed('edited-home'))['team']).toBe('a');
    await label('other', 'some-controller');
    expect(await app.refused(configMap('a'), asking({ team: 'a' }))).toMatchObject([
      { type: 'FieldConflict', object: 'Namespace edited-home' },
    ]);
  });

  it('refuses a label Kubernetes does not take before anything is made', async () => {
    const failures = await at('never-made').refused(configMap('a'), asking({ 'not a key': 'x' }));
    expect(failures).toMatchObject([{ type: 'InvalidManifest', object: 'Namespace never-made' }]);
    expect(await namespaceNamed('never-made')).toEqual({});
  });

  it('leaves a namespace to the manifests that define it [argo 5.24]', async () => {
    const app = at('written-home');
    const written =
      '\napiVersion: v1\nkind: Namespace\nmetadata: { name: written-home, labels: { by: manifest } }\n---';
    const { plan, finish } = await app.sync(written + configMap('a'), asking({ team: 'a' }));
    expect(plan.warnings).toContain(
      'The labels and annotations for the namespace have no effect because the manifests define namespace written-home themselves.',
    );
    expect(finish).toEqual({ kind: 'done', repaired: 0, warnings: [] });
    expect(labelsOf(await namespaceNamed('written-home'))).toMatchObject({ by: 'manifest' });
    expect(labelsOf(await namespaceNamed('written-home'))).not.toHaveProperty('team');
    expect((await app.plan(written + configMap('a'), asking({}))).unchanged).toBe(2);
  });
});

describe('the cost of a sync', () => {
  it('is one dry run and one apply for each of 500 resources, and no write where nothing changed', async () => {
    const app = await lab.application('five-hundred');
    const yaml = Array.from({ length: 500 }, (_, index) => configMap(`m${String(index)}`)).join('');
    const mark = await lab.mark();
    await app.sync(yaml);
    const first = await lab.requestsSince(mark);
    const about = (requests: typeof first, kind: (uri: string) => boolean) => {
      const ours = requests.filter(({ name, uri }) => /^m\d+$/.test(name) && kind(uri));
      return { all: ours.length, objects: new Set(ours.map(({ name }) => name)).size };
    };
    expect(about(first, (uri) => uri.includes('dryRun=All'))).toEqual({ all: 500, objects: 500 });
    expect(about(first, (uri) => !uri.includes('dryRun=All'))).toEqual({ all: 500, objects: 500 });
    const again = await lab.mark();
    await app.sync(yaml);
    expect(about(await lab.requestsSince(again), () => true)).toEqual({ all: 0, objects: 0 });
  });
});

describe('conflicts', () => {
  it('are all reported before anything is changed, each manager with the fields it owns', async () => {
    const app = await lab.application('all-conflicts');
    for (const name of ['a', 'b']) {
      const metadata = { namespace: app.namespace, name, labels: { l: 'theirs' } };
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value: `theirs-${name}` } };
      await lab.admin.apply(object, { fieldManager: `tool-${name}` }, signal);
    }
    const mark = await lab.mark();
    const labelled = (name: string) => configMap(name, 'ours', ', labels: { l: ours }');
    const failures: readonly Failure[] = await app.refused(configMap('new') + labelled('a') + labelled('b'));
    expect(failures.map(({ type, object }) => [type, object])).toEqual([
      ['FieldConflict', 'ConfigMap all-conflicts/a'],
      ['FieldConflict', 'ConfigMap all-conflicts/b'],
    ]);
    expect(failures[0]?.message).toContain('tool-a owns .data.value, .metadata.labels.l');
    expect(failures[1]?.message).toContain('tool-b owns');
    expect(await lab.writesSince(mark)).toEqual([]);
  });
});

describe('a kind and its definition', () => {
  const definition = (group: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: cogs.${group} }
spec:
  group: ${group}
  scope: Namespaced
  names: { kind: Cog, plural: cogs, singular: cog, listKind: CogList }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
---`;
  const cog = (group: string, options = '') =>
    `\napiVersion: ${group}/v1\nkind: Cog\nmetadata: { name: c${options === '' ? '' : `, annotations: { argocd.argoproj.io/sync-options: "${options}" }`} }\n---`;
  const SKIP = 'SkipDryRunOnMissingResource=true';

  it.each([
    ['unknown', 'one', '', 'refused'],
    ['unknown, with the option on the object', 'two', SKIP, 'untried'],
    ['in the same sync', 'three', '', 'untried'],
    ['in the same sync, with the option', 'four', SKIP, 'untried'],
    ['there already', 'five', '', 'tried'],
    ['there already, with the option', 'six', SKIP, 'tried'],
  ] as const)('that is %s [argo 5.4]', async (state, word, options, expected) => {
    const group = `${word}.cogs.example.com`;
    const app = await lab.application(`cogs-${word}`);
    const isInSync = state.startsWith('in the same');
    if (state.startsWith('there')) await app.sync(definition(group));
    const yaml = (state.startsWith('unknown') ? '' : definition(group)) + cog(group, options);
    if (expected === 'refused') {
      expect(await app.refused(yaml)).toMatchObject([{ type: 'KindNotServed' }]);
      return;
    }
    const mark = await lab.mark();
    const plan = await app.plan(yaml);
    const tried = (await lab.requestsSince(mark)).some(({ uri }) => uri.includes('/cogs/c?') && uri.includes('dryRun'));
    expect(tried).toBe(expected === 'tried');
    const untried = plan.warnings.filter((warning) => warning.includes('Not validated beforehand'));
    const why = isInSync ? 'the sync itself makes what they depend on' : 'their kind is not served yet';
    expect(untried).toEqual(expected === 'untried' ? [expect.stringContaining(why)] : []);
    if (isInSync) expect((await app.sync(yaml)).finish).toMatchObject({ kind: 'done', repaired: 0 });
  });

  it('that is unknown passes with the option for the whole application, and is applied once it is there [argo 3.SkipDryRunOnMissingResource]', async () => {
    const group = 'late.cogs.example.com';
    const app = await lab.application('cogs-late');
    const ask: Ask = { options: { syncOptions: { SkipDryRunOnMissingResource: 'true' } } };
    const { scope, runtime } = await app.begin(cog(group), ask);
    const input = { scope, phase: 'Sync', wave: 0, segment: 0 } as const;
    await expect(applySegment(input, runtime, lab.deps)).rejects.toMatchObject({ reason: 'KindNotServed' });
    const late = { ...runtime, attemptScheduledAt: runtime.scheduledAt + 300_000 };
    expect(await applySegment(input, late, lab.deps)).toMatchObject({
      kind: 'failed',
      failures: [
        { type: 'KindNotServed', message: expect.stringContaining('was not served within 5 minutes') as string },
      ],
    });
    const other = await lab.application('cogs-definer');
    await other.sync(definition(group));
    expect(await applySegment(input, runtime, lab.deps)).toMatchObject({ kind: 'done', applied: 1 });
  });

  it('of a PreSync hook go before it, together with its namespace [argo 5.44] [argo 5.45]', async () => {
    const group = 'hook.cogs.example.com';
    const app = await lab.application('cogs-hook');
    const hook = `\napiVersion: ${group}/v1\nkind: Cog\nmetadata: { name: h, namespace: cogs-hook-made, annotations: { argocd.argoproj.io/hook: PreSync } }\n---`;
    const namespace = '\napiVersion: v1\nkind: Namespace\nmetadata: { name: cogs-hook-made }\n---';
    const plan = await app.plan(hook + namespace + definition(group));
    expect(plan.phases.map(({ phase, waves }) => [phase, waves[0]?.segments.map(({ kind }) => kind)])).toEqual([
      ['PreSync', ['apply', 'hooks']],
    ]);
  });
});

describe('a request without --create-namespace', () => {
  it('says that labels for the namespace have no effect', async () => {
    const app = await lab.application('not-managed');
    const request: SyncRequest = await app.request(configMap('a'), {
      options: { namespaceMetadata: { labels: { team: 'a' }, annotations: {} } },
    });
    const runtime = activityRuntime({ run: 'r' });
    const planned = await planSync(request, runtime, lab.deps);
    expect(planned.kind === 'planned' && planned.plan.warnings).toEqual([
      'The labels and annotations for the namespace have no effect without --create-namespace.',
    ]);
    const digest = planned.kind === 'planned' ? planned.plan.digest : '';
    await claimRecord({ request, plan: digest, rootRun: 'r', claimant: 'root' }, runtime, lab.deps);
    expect(stringAt(await namespaceNamed('not-managed'), 'metadata', 'labels', 'team')).toBeUndefined();
  });
});
