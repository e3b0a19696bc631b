import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPlan } from '../../../activities/bundle-cache.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { planSync } from '../../../activities/plan/plan-sync.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { applySteps, hookSteps } from '../../../core/sync/stored-plan.ts';
import type { ActivityLab, LabApplication } from '../../support/activity-lab.ts';
import { dependencies, openActivityLab } from '../../support/activity-lab.ts';
import { activityRuntime } from '../../support/runtime.ts';

const signal = new AbortController().signal;
let lab: ActivityLab;
let folder: string;

beforeAll(async () => {
  lab = await openActivityLab();
  folder = await mkdtemp(join(tmpdir(), 'syncline-plan-'));
});
afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

const configMap = (name: string, value = '1', more = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
${more}data:
  value: "${value}"
---`;

const job = (name: string, image = 'migrate:1'): string => `
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  annotations:
    argocd.argoproj.io/hook: PreSync
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: ${image}
---`;

const widgetDefinition = (group: string, field = 'size'): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.${group}
spec:
  group: ${group}
  scope: Namespaced
  names: { kind: Widget, plural: widgets, singular: widget, listKind: WidgetList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                ${field}: { type: integer }
---`;

const widget = (group: string, name: string, more = '', field = 'size'): string => `
apiVersion: ${group}/v1
kind: Widget
metadata:
  name: ${name}
${more}spec:
  ${field}: 3
---`;

describe('a plan', () => {
  it('is made without a write, stored under its digest and referred to together with its bundle', async () => {
    const app = await lab.application('reads-only');
    const mark = await lab.mark();
    const request = await app.request(`${configMap('web')}${job('migrate')}`);
    const answer = await planSync(request, activityRuntime(), lab.deps);
    if (answer.kind === 'failed') throw new Error(JSON.stringify(answer.failures));
    expect(await lab.writesSince(mark)).toEqual([]);
    expect(await lab.deps.bundles.references(`sync/sandbox/reads-only/${request.syncId}/`, signal)).toMatchObject([
      { digests: [request.bundle, answer.plan.digest] },
    ]);
    const stored = await loadPlan(lab.deps, answer.plan.digest, signal);
    expect(applySteps(stored)).toMatchObject([
      { kind: 'ConfigMap', namespace: 'reads-only', name: 'web', unchanged: false },
    ]);
    expect(hookSteps(stored)).toMatchObject([{ kind: 'Job', name: 'migrate', guarantee: 'exactly-once' }]);
  });

  it('tells the workflow segments, counts and what is to be awaited, and nothing that grows with resources', async () => {
    const app = await lab.application('compact');
    const maps = Array.from({ length: 9 }, (_, index) => configMap(`map-${index}`)).join('');
    const { phases, objects, unchanged } = await app.plan(`${maps}${job('migrate')}`);
    expect({ objects, unchanged }).toEqual({ objects: 10, unchanged: 0 });
    expect(phases).toMatchObject([
      {
        phase: 'PreSync',
        waves: [{ wave: 0, awaits: false, segments: [{ kind: 'hooks', hooks: [{ guarantee: 'exactly-once' }] }] }],
      },
      {
        phase: 'Sync',
        waves: [{ wave: 0, awaits: false, deadlineMs: 0, segments: [{ kind: 'apply', count: 9, changed: 9 }] }],
      },
    ]);
    expect(phases[1]?.waves[0]?.segments[0]).toHaveProperty('titles.length', 3);
  });

  it('gives a hook with generateName the name of its first attempt [argo 1.generateName]', async () => {
    const app = await lab.application('named');
    const plan = await app.plan(job('x').replace('name: x', 'generateName: migrate-'));
    const [segment] = plan.phases[0]?.waves[0]?.segments ?? [];
    expect(segment?.kind === 'hooks' && segment.hooks[0]?.ref.name).toMatch(/^migrate-abc1234-presync-s\d+-1$/);
  });

  it('calls a hook whose kind has no gate at-least-once and says so', async () => {
    const app = await lab.application('ungated');
    const plan = await app.plan(job('m').replace('spec:\n', 'spec:\n  managedBy: example.com/queue\n'));
    const [segment] = plan.phases[0]?.waves[0]?.segments ?? [];
    expect(segment?.kind === 'hooks' && segment.hooks[0]?.guarantee).toBe('at-least-once');
    expect(plan.warnings.join()).toContain('Job ungated/m');
  });
});

describe('planning refuses, before anything is changed,', () => {
  let app: LabApplication;
  beforeAll(async () => {
    app = await lab.application('refusals');
  });

  it('a kind that is not served, and says what helps [argo 2.1.unknown-kind] [argo 5.4]', async () => {
    const [failure] = await app.refused(`${configMap('a')}${widget('nowhere.example.com', 'w')}`);
    expect(failure).toMatchObject({ type: 'KindNotServed', object: 'Widget refusals/w', location: 'app.yaml:9' });
    expect(failure?.message).toContain('nowhere.example.com/v1');
    expect(failure?.remedy).toContain('CustomResourceDefinition');
  });

  it('a namespace that does not exist, once for all objects that go there', async () => {
    const more = '  namespace: lost\n';
    const failures = await app.refused(`${configMap('a', '1', more)}${configMap('b', '1', more)}`);
    expect(failures).toMatchObject([{ type: 'NamespaceNotFound', object: 'Namespace lost', location: 'app.yaml:2' }]);
    expect(failures[0]?.message).toContain('ConfigMap lost/a (and 1 more)');
  });

  it('an unknown field and a wrong value, all in one answer [argo 2.2.dry-run] [argo 5.12] [argo 5.18]', async () => {
    const misspelt = 'apiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { portz: [] }\n---\n';
    const wrong = 'apiVersion: v1\nkind: Service\nmetadata: { name: t }\nspec: { ports: [{ port: 99999 }] }\n---\n';
    const failures = await app.refused(misspelt + wrong);
    expect(failures.map(({ type, location }) => ({ type, location }))).toEqual([
      { type: 'InvalidManifest', location: 'app.yaml:1' },
      { type: 'InvalidManifest', location: 'app.yaml:6' },
    ]);
    expect(failures[0]?.message).toContain('portz');
    expect(failures[1]?.message).toContain('spec.ports[0].port');
  });

  it('a change of an immutable field, with the way out', async () => {
    const deployment = (label: string): string =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'fixed', namespace: 'refusals' },
        spec: {
          selector: { matchLabels: { app: label } },
          template: { metadata: { labels: { app: label } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      });
    await lab.admin.apply(
      JSON.parse(deployment('one')) as KubernetesObject,
      { fieldManager: 'syncline:refusals' },
      signal,
    );
    const [failure] = await app.refused(deployment('two'));
    expect(failure).toMatchObject({ type: 'InvalidManifest', object: 'Deployment refusals/fixed' });
    expect(failure?.message).toContain('spec.selector is immutable');
    expect(failure?.remedy).toContain('kubectl delete -n refusals deployment fixed');
  });

  it('fields that another manager owns, unless they are to be taken over [argo 3.ServerSideApply]', async () => {
    const owned = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'contested', namespace: 'refusals' },
      data: { value: 'theirs' },
    };
    await lab.admin.apply(owned, { fieldManager: 'their-tool' }, signal);
    const [failure] = await app.refused(configMap('contested', 'ours'));
    expect(failure).toMatchObject({ type: 'FieldConflict', object: 'ConfigMap refusals/contested' });
    expect(failure?.message).toContain('their-tool owns .data.value');
    expect(failure?.remedy).toContain('--force-conflicts');
    await expect(
      app.plan(configMap('contested', 'ours'), { options: { forceConflicts: true } }),
    ).resolves.toBeDefined();
  });

  it('what another application owns, and adopts what nobody owns', async () => {
    const metadata = { namespace: 'refusals', annotations: { 'syncline.dev/owner': 'refusals/other' } };
    await lab.admin.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'theirs' } },
      {},
      signal,
    );
    await lab.admin.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'refusals', name: 'free' } },
      {},
      signal,
    );
    const failures = await app.refused(`${configMap('theirs')}${configMap('free')}`);
    expect(failures).toMatchObject([{ type: 'OwnershipConflict', object: 'ConfigMap refusals/theirs' }]);
    expect(failures[0]?.message).toContain('refusals/other');
  });

  it('a hook that is invalid although a finished one of its name exists [argo 2.2.dry-run]', async () => {
    await lab.admin.create(finishedJob('again', 'refusals'), {}, signal);
    await expect(app.plan(job('again', 'migrate:2'))).resolves.toBeDefined();
    const [failure] = await app.refused(job('again').replace('Never', 'Always'));
    expect(failure).toMatchObject({ type: 'InvalidManifest', object: 'Job refusals/again' });
  });

  it('what the values of a Secret are told for, without telling them', async () => {
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { password: hunter2hunter2 }\n---\n' +
      'apiVersion: v1\nkind: Service\nmetadata: { name: t }\nspec: { type: hunter2hunter2, ports: [{ port: 80 }] }\n---\n';
    const [failure] = await app.refused(secret);
    expect(failure?.type).toBe('InvalidManifest');
    expect(failure?.message).toContain('[redacted]');
    expect(JSON.stringify(failure)).not.toContain('hunter2hunter2');
  });

  it('a manifest that Argo CD would drop in silence [argo 1.hook-unknown]', async () => {
    const [failure] = await app.refused(job('typo').replace('PreSync', 'PreSink'));
    expect(failure).toMatchObject({ type: 'InvalidManifest', location: 'app.yaml:2' });
  });
});

describe('planning as a user with few permissions', () => {
  it('names verb, resource and user of everything that is forbidden [argo 2.1.permissions] [argo 5.2]', async () => {
    const app = await lab.application('limited');
    const cluster = await lab.restricted('limited', [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'patch', 'create'] },
      { apiGroups: [''], resources: ['namespaces', 'services'], verbs: ['get', 'list'] },
    ]);
    const service = '\napiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { ports: [{ port: 80 }] }\n---\n';
    const failures = await app.refused(`${configMap('fine')}${service}${job('m')}`, {
      deps: dependencies(cluster, folder),
    });
    expect(failures.map(({ type, object }) => `${type} ${object ?? ''}`)).toEqual([
      'Forbidden Job limited/m',
      'Forbidden Job limited/m',
      'Forbidden Service limited/s',
    ]);
    expect(failures[0]?.message).toContain('cannot get resource "jobs"');
    expect(failures[1]?.message).toContain('cannot create resource "jobs"');
    expect(failures[2]?.message).toContain(
      '"system:serviceaccount:limited:restricted" cannot patch resource "services"',
    );
    expect(failures[2]?.remedy).toBe(
      'give system:serviceaccount:limited:restricted the rule {apiGroups: [""], resources: ["services"], verbs: ["patch"]} in namespace limited, then sync again',
    );
  });

  it('says who lacks which right where the worker may not act as the account of a sync', async () => {
    const app = await lab.application('not-acting');
    const worker = await lab.restricted('not-acting', []);
    const deps: ActivityDependencies = {
      ...dependencies(lab.cluster, folder),
      cluster: async (_, sync) => (sync?.options.as === undefined ? lab.cluster : worker.as(sync.options.as)),
    };
    const options = { as: { user: 'system:serviceaccount:not-acting:deployer', groups: ['ops'] } };
    const planning = planSync(await app.request(configMap('m'), { deps, options }), activityRuntime(), deps);
    await expect(planning).rejects.toMatchObject({
      failures: [
        {
          type: 'Forbidden',
          message:
            'system:serviceaccount:not-acting:restricted may not act as system:serviceaccount:not-acting:deployer, group ops',
          remedy:
            'give system:serviceaccount:not-acting:restricted the rule {apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"]} in namespace not-acting, and give system:serviceaccount:not-acting:restricted the rule {apiGroups: [""], resources: ["groups"], verbs: ["impersonate"]} in a ClusterRole, then sync again',
        },
      ],
    });
  });

  it('reads objects one by one where it may not list them', async () => {
    const app = await lab.application('listless');
    const cluster = await lab.restricted('listless', [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'patch', 'create'] },
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
    ]);
    const yaml = Array.from({ length: 8 }, (_, index) => configMap(`map-${index}`)).join('');
    await app.sync(yaml);
    const plan = await app.plan(yaml, { deps: dependencies(cluster, folder) });
    expect(plan.unchanged).toBe(8);
  });
});

describe('planning what depends on what the sync itself makes', () => {
  it('leaves the objects of a new definition untried and says so [argo 2.2.dry-run] [argo 5.4]', async () => {
    const app = await lab.application('crd-new');
    const plan = await app.plan(`${widgetDefinition('crd-new.example.com')}${widget('crd-new.example.com', 'w')}`);
    expect(plan.objects).toBe(2);
    expect(plan.warnings.join()).toContain('Widget crd-new/w');
  });

  it('leaves the objects of a definition that gets a new field untried', async () => {
    const app = await lab.application('crd-field');
    const group = 'crd-field.example.com';
    await app.sync(`${widgetDefinition(group)}${widget(group, 'w')}`);
    await expect(app.refused(widget(group, 'w', '', 'colour'))).resolves.toMatchObject([{ type: 'InvalidManifest' }]);
    await expect(
      app.plan(`${widgetDefinition(group, 'colour')}${widget(group, 'w', '', 'colour')}`),
    ).resolves.toBeDefined();
  });

  it('lets an unknown kind pass that is said to come from elsewhere [argo 2.1.unknown-kind] [argo 3.SkipDryRunOnMissingResource] [argo 5.4]', async () => {
    const app = await lab.application('crd-later');
    const skip = '  annotations: { argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true }\n';
    const plan = await app.plan(widget('later.example.com', 'w', skip));
    expect(plan.warnings.join()).toContain('Widget crd-later/w');
  });

  it('leaves objects of a namespace in the bundle untried', async () => {
    const app = await lab.application('ns-bundle');
    const inside = configMap('inside', '1', '  namespace: made-by-bundle\n');
    const plan = await app.plan(`apiVersion: v1\nkind: Namespace\nmetadata: { name: made-by-bundle }\n---${inside}`);
    expect(plan.warnings.join()).toContain('ConfigMap made-by-bundle/inside');
  });

  it('makes the destination only where it was asked to', async () => {
    await lab.application('ns-asked');
    const elsewhere = { ...(await lab.application('ns-asked-too')) };
    const request = { ...(await elsewhere.request(configMap('a'))), namespace: 'not-yet' };
    const refused = await planSync(request, activityRuntime(), lab.deps);
    const granted = await planSync({ ...request, createNamespace: true }, activityRuntime(), lab.deps);
    expect(refused).toMatchObject({ kind: 'failed', failures: [{ type: 'NamespaceNotFound' }] });
    expect(granted.kind).toBe('planned');
  });
});

describe('planning with a destination that is to be made', () => {
  it('does not make it yet, where Argo CD makes it for its dry run: where that fails none is left [argo 2.2.missing-namespace] [argo 5.3]', async () => {
    const app = await lab.application('ns-never');
    const made = { apiVersion: 'v1', kind: 'Namespace', name: 'never-made' };
    const wrong =
      '\napiVersion: v1\nkind: Service\nmetadata: { name: t, namespace: ns-never }\nspec: { ports: [{ port: 99999 }] }\n---';
    const asked = { namespace: made.name, createNamespace: true };
    const good = { ...(await app.request(configMap('a'))), ...asked };
    const bad = { ...(await app.request(configMap('a') + wrong)), ...asked };
    expect(await planSync(good, activityRuntime(), lab.deps)).toMatchObject({ kind: 'planned' });
    expect(await planSync(bad, activityRuntime(), lab.deps)).toMatchObject({ kind: 'failed' });
    expect(await lab.admin.get(made, signal)).toBeUndefined();
  });
});

describe('planning prunes', () => {
  const three = configMap('one') + configMap('two') + configMap('three');

  it('only warns where it was not asked to', async () => {
    const app = await lab.application('prune-warns');
    await app.sync(three);
    const plan = await app.plan(configMap('one'));
    expect(plan.warnings.join()).toMatch(/2 objects .* --prune.*ConfigMap prune-warns\/three/);
    expect(JSON.stringify(plan.phases)).not.toContain('"prune"');
  });

  it('what the inventory names and the bundle lacks, and leaves alone what is protected, replaced or not ours [argo 2.1.prune-task] [argo 3.Prune=false]', async () => {
    const app = await lab.application('prune-picks');
    const protectedBy = (annotation: string): string => `  annotations: { ${annotation} }\n`;
    const keeps =
      configMap('argo', '1', protectedBy('argocd.argoproj.io/sync-options: Prune=false')) +
      configMap('ours', '1', protectedBy('syncline.dev/keep: "true"'));
    await app.sync(three + keeps + configMap('replaced') + configMap('given-away'));
    const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'prune-picks', name });
    await lab.admin.delete(ref('replaced'), { propagation: 'Background' }, signal);
    await lab.admin.create(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'replaced',
          namespace: 'prune-picks',
          annotations: { 'syncline.dev/owner': 'prune-picks/prune-picks' },
        },
      },
      {},
      signal,
    );
    const owner = '/metadata/annotations/syncline.dev~1owner';
    await lab.admin.patch(ref('given-away'), [{ op: 'replace', path: owner, value: 'prune-picks/other' }], signal);
    const plan = await app.plan(configMap('one'), { options: { prune: true } });
    const [segment] = plan.phases[0]?.waves[0]?.segments ?? [];
    expect(segment).toEqual({ kind: 'prune', count: 2, changed: 2, titles: ['ConfigMap/three', 'ConfigMap/two'] });
    expect(plan.warnings.join()).toContain('ConfigMap prune-picks/argo (sync option Prune=false)');
    expect(plan.warnings.join()).toContain('ConfigMap prune-picks/ours (syncline.dev/keep)');
  });

  it('refuses to empty an application, unless that is allowed', async () => {
    const app = await lab.application('prune-empty');
    await app.sync(three);
    const [failure] = await app.refused('', { options: { prune: true } });
    expect(failure).toMatchObject({ type: 'PruneRefused' });
    expect(failure?.remedy).toContain('--allow-empty');
    await expect(app.plan('', { options: { prune: true, allowEmpty: true } })).resolves.toBeDefined();
  });

  it('refuses to prune more than the cap', async () => {
    const app = await lab.application('prune-cap');
    await app.sync(three);
    const [failure] = await app.refused(configMap('one'), { options: { prune: true, maxPrune: 1 } });
    expect(failure?.message).toContain('2 objects would be pruned, more than the 1');
  });
});

function finishedJob(name: string, namespace: string): KubernetesObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: {
      suspend: true,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'old', image: 'old' }] } },
    },
  };
}
