import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySegment } from '../../../activities/apply/apply-segment.ts';
import { finishSync } from '../../../activities/finish/finish-sync.ts';
import type { ApplicationSyncOptions } from '../../../core/annotations/sync-options.ts';
import { stringAt, valueAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { annotationsOf, labelsOf, uidOf } from '../../../core/objects.ts';
import { loadPlan } from '../../../activities/bundle-cache.ts';
import type { ActivityLab, Ask, LabApplication } from '../../support/activity-lab.ts';
import { openActivityLab } from '../../support/activity-lab.ts';
import { activityRuntime } from '../../support/runtime.ts';
import { intercepted } from '../../fakes/interception.ts';

const signal = new AbortController().signal;
let lab: ActivityLab;

beforeAll(async () => {
  lab = await openActivityLab();
});
afterAll(() => lab.close());

const configMap = (name: string, value = '1', options = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
${annotated(options)}data: { value: "${value}" }
---`;

const annotated = (options: string): string =>
  options === '' ? '' : `  annotations: { argocd.argoproj.io/sync-options: "${options}" }\n`;

const deployment = (name: string, app: string, options = '', container = 'name: web, image: "web:1"'): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
${annotated(options)}spec:
  replicas: 0
  selector: { matchLabels: { app: ${app} } }
  template:
    metadata: { labels: { app: ${app} } }
    spec: { containers: [{ ${container} }] }
---`;

const job = (name: string, options: string): string => `
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
${annotated(options)}spec:
  suspend: true
  template: { spec: { restartPolicy: Never, containers: [{ name: c, image: i }] } }
---`;

const read = async (app: LabApplication, kind: string, name: string, apiVersion = 'v1'): Promise<KubernetesObject> =>
  (await lab.admin.get({ apiVersion, kind, namespace: app.namespace, name }, signal)) ?? {};

const forApplication = (syncOptions: ApplicationSyncOptions): Ask => ({ options: { syncOptions } });

const ofResources = (writes: readonly string[]) => writes.filter((write) => !write.includes('/syncline.'));

describe('Replace=true', () => {
  it('creates, then puts in the place of what is there, and writes nothing once it stands [argo 3.Replace]', async () => {
    const app = await lab.application('replace');
    const yaml = (value: string) => configMap('web', value, 'Replace=true') + deployment('web', 'a', 'Replace=true');
    const mark = await lab.mark();
    await app.sync(yaml('1'));
    expect(ofResources(await lab.writesSince(mark))).toEqual(['create configmaps/web', 'create deployments/web']);
    const created = await read(app, 'ConfigMap', 'web');

    const again = await lab.mark();
    const { plan, finish } = await app.sync(yaml('1'));
    expect(plan).toMatchObject({ objects: 2, unchanged: 2 });
    expect(finish).toMatchObject({ kind: 'done', repaired: 0 });
    expect(ofResources(await lab.writesSince(again))).toEqual([]);

    const changed = await lab.mark();
    expect((await app.sync(yaml('2'))).finish).toEqual({ kind: 'done', repaired: 0, warnings: [] });
    expect(ofResources(await lab.writesSince(changed))).toEqual(['update configmaps/web']);
    const replaced = await read(app, 'ConfigMap', 'web');
    expect(stringAt(replaced, 'data', 'value')).toBe('2');
    expect(uidOf(replaced)).toBe(uidOf(created));
  });

  it('repairs what was edited, removed or added by hand [argo 3.Replace]', async () => {
    const app = await lab.application('replace-edited');
    const yaml = configMap('web', 'ours', 'Replace=true') + configMap('other', 'ours', 'Replace=true');
    await app.sync(yaml);
    const live = await read(app, 'ConfigMap', 'web');
    const { annotations } = live['metadata'] as KubernetesObject;
    const byHand = { data: { value: 'theirs' }, metadata: { ...(live['metadata'] as object), annotations } };
    await lab.admin.replace({ ...live, ...byHand }, { fieldManager: 'kubectl-edit' }, signal);
    const labelled = await read(app, 'ConfigMap', 'other');
    const labels = { metadata: { ...(labelled['metadata'] as object), labels: { hand: 'made' } } };
    await lab.admin.replace({ ...labelled, ...labels }, { fieldManager: 'kubectl-label' }, signal);
    expect((await app.sync(yaml)).plan.unchanged).toBe(0);
    expect(stringAt(await read(app, 'ConfigMap', 'web'), 'data', 'value')).toBe('ours');
    expect(labelsOf(await read(app, 'ConfigMap', 'other'))).toEqual({});
    expect((await app.plan(yaml)).unchanged).toBe(2);
  });

  it('removes what kubectl once set and the manifest lacks, and keeps what the server assigned [argo 3.Replace]', async () => {
    const app = await lab.application('replace-service');
    const service = (options: string, extra = '') =>
      `\napiVersion: v1\nkind: Service\nmetadata: { name: s${options === '' ? '' : `, annotations: { argocd.argoproj.io/sync-options: "${options}" }`} }\nspec: { ports: [{ port: 80 }]${extra} }\n---`;
    const object = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'replace-service', name: 's', labels: { old: 'label' } },
      spec: { ports: [{ port: 80 }], selector: { app: 'old' } },
    };
    const made = await lab.admin.create(object, { fieldManager: 'kubectl-create' }, signal);
    await app.sync(service('Replace=true'));
    const live = await read(app, 'Service', 's');
    expect(valueAt(live, 'spec', 'clusterIP')).toBe(valueAt(made, 'spec', 'clusterIP'));
    expect(valueAt(live, 'spec', 'selector')).toBeUndefined();
    expect(labelsOf(live)).toEqual({});
    expect((await app.plan(service('Replace=true'))).unchanged).toBe(1);
  });

  it('goes before server-side apply, also for a whole application and where only the live object says so [argo 3.Replace]', async () => {
    const app = await lab.application('replace-all');
    await app.sync(configMap('plain', '1'));
    const mark = await lab.mark();
    await app.sync(configMap('plain', '2'), forApplication({ Replace: 'true', ServerSideApply: 'true' }));
    expect(ofResources(await lab.writesSince(mark))).toEqual(['update configmaps/plain']);
    await app.sync(configMap('marked', '1', 'Replace=true'));
    const later = await lab.mark();
    await app.sync(configMap('marked', '2'));
    expect(ofResources(await lab.writesSince(later))).toEqual(['update configmaps/marked']);
  });

  it('looks again when the object changes between its look and its write [argo 3.Replace]', async () => {
    const app = await lab.application('replace-race');
    await app.sync(configMap('web', '1', 'Replace=true'));
    let raced = false;
    const before = async (call: string) => {
      if (call !== 'cluster.replace' || raced) return;
      raced = true;
      const live = await read(app, 'ConfigMap', 'web');
      await lab.admin.replace({ ...live, data: { value: 'meanwhile' } }, { fieldManager: 'some-tool' }, signal);
    };
    const { scope, runtime } = await app.begin(configMap('web', '2', 'Replace=true'));
    const cluster = intercepted(lab.cluster, 'cluster', { before });
    const answer = await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, {
      ...lab.deps,
      cluster: async () => cluster,
    });
    expect(answer).toMatchObject({ kind: 'done', applied: 1 });
    expect(raced).toBe(true);
    expect(stringAt(await read(app, 'ConfigMap', 'web'), 'data', 'value')).toBe('2');
  });

  it('never makes a Namespace or a definition anew, even with Force=true [argo 3.Replace]', async () => {
    const app = await lab.application('replace-holders');
    const yaml = (label: string) => `
apiVersion: v1
kind: Namespace
metadata: { name: replaced-home, labels: { l: "${label}" }, annotations: { argocd.argoproj.io/sync-options: "Replace=true,Force=true" } }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gears.replace.example.com, labels: { l: "${label}" }, annotations: { argocd.argoproj.io/sync-options: "Replace=true,Force=true" } }
spec:
  group: replace.example.com
  scope: Namespaced
  names: { kind: Gear, plural: gears, singular: gear, listKind: GearList }
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
---`;
    await app.sync(yaml('1'));
    const uids = async () => [
      uidOf((await lab.admin.get({ apiVersion: 'v1', kind: 'Namespace', name: 'replaced-home' }, signal)) ?? {}),
      uidOf(await read(app, 'CustomResourceDefinition', 'gears.replace.example.com', 'apiextensions.k8s.io/v1')),
    ];
    const before = await uids();
    const { finish } = await app.sync(yaml('2'));
    expect(finish).toEqual({ kind: 'done', repaired: 0, warnings: [] });
    expect(await uids()).toEqual(before);
    expect((await app.plan(yaml('2'))).unchanged).toBe(2);
  });
});

describe('Force=true', () => {
  it('makes an object anew whose change is immutable, says so beforehand, and leaves it alone afterwards [argo 3.Force]', async () => {
    const app = await lab.application('force');
    await app.sync(deployment('web', 'old', 'Force=true'));
    const old = await read(app, 'Deployment', 'web', 'apps/v1');
    const { plan, finish } = await app.sync(deployment('web', 'new', 'Force=true'));
    expect(plan.warnings).toContain('Will be deleted and made anew, as Force=true asks for: Deployment force/web.');
    expect(finish).toEqual({ kind: 'done', repaired: 0, warnings: [] });
    const made = await read(app, 'Deployment', 'web', 'apps/v1');
    expect(uidOf(made)).not.toBe(uidOf(old));
    expect(valueAt(made, 'spec', 'selector', 'matchLabels', 'app')).toBe('new');
    expect((await app.plan(deployment('web', 'new', 'Force=true'))).unchanged).toBe(1);
  });

  it('deletes nothing that could not be made again [argo 3.Force]', async () => {
    const app = await lab.application('force-invalid');
    await app.sync(deployment('web', 'old'), forApplication({ Force: 'true' }));
    const old = await read(app, 'Deployment', 'web', 'apps/v1');
    const wrong = deployment('web', 'new', '', 'name: "Not A Name", image: i');
    const failures = await app.refused(wrong, forApplication({ Force: 'true' }));
    expect(failures).toMatchObject([{ type: 'InvalidManifest' }]);
    const { segments } = await app.sync(wrong, { options: { validate: false, syncOptions: { Force: 'true' } } });
    expect(segments).toMatchObject([{ kind: 'failed', failures: [{ type: 'InvalidManifest' }] }]);
    expect(uidOf(await read(app, 'Deployment', 'web', 'apps/v1'))).toBe(uidOf(old));
  });

  it('changes in place what can be changed [argo 3.Force]', async () => {
    const app = await lab.application('force-in-place');
    await app.sync(configMap('web', '1', 'Force=true'));
    const before = uidOf(await read(app, 'ConfigMap', 'web'));
    await app.sync(configMap('web', '2', 'Force=true'));
    expect(uidOf(await read(app, 'ConfigMap', 'web'))).toBe(before);
  });
});

describe('Replace=true with Force=true', () => {
  const options = 'Replace=true,Force=true';
  const segment = { phase: 'Sync', wave: 0, segment: 0 } as const;
  const liveJob = (app: LabApplication) => read(app, 'Job', 'migrate', 'batch/v1');

  it('makes a Job anew in every sync, once [argo 3.Force]', async () => {
    const app = await lab.application('anew');
    await app.sync(job('migrate', options));
    const first = uidOf(await liveJob(app));
    const { scope, runtime } = await app.begin(job('migrate', options));
    expect(await applySegment({ scope, ...segment }, runtime, lab.deps)).toMatchObject({ kind: 'done', applied: 1 });
    const second = uidOf(await liveJob(app));
    expect(second).not.toBe(first);
    // The activity is repeated after its answer was lost.
    expect(await applySegment({ scope, ...segment }, runtime, lab.deps)).toMatchObject({ kind: 'done', applied: 1 });
    expect(uidOf(await liveJob(app))).toBe(second);
    expect(await finishSync({ scope, outcome: 'Succeeded', hooks: [], verify: true }, runtime, lab.deps)).toEqual({
      kind: 'done',
      repaired: 0,
      warnings: [],
    });
    expect(uidOf(await liveJob(app))).toBe(second);
  });

  it('goes on where a worker died between deletion and creation [argo 3.Force]', async () => {
    const app = await lab.application('anew-crash');
    await app.sync(job('migrate', options));
    const { scope, runtime } = await app.begin(job('migrate', options));
    const dying = {
      ...lab.deps,
      cluster: async () =>
        intercepted(lab.cluster, 'cluster', {
          before: (call) => {
            if (call === 'cluster.create') throw new Error('killed');
          },
        }),
    };
    await expect(applySegment({ scope, ...segment }, runtime, dying)).rejects.toThrow('killed');
    expect(await liveJob(app)).toEqual({});
    const mark = await lab.mark();
    const retry = activityRuntime({ run: runtime.run });
    expect(await applySegment({ scope, ...segment }, retry, lab.deps)).toMatchObject({ kind: 'done', applied: 1 });
    expect(ofResources(await lab.writesSince(mark))).toEqual(['create jobs/migrate']);
    expect(annotationsOf(await liveJob(app))['syncline.dev/made-by']).toBe(scope.request.syncId);
  });

  it('does not make a Job a second time that is gone again by the end of the sync [argo 3.Force]', async () => {
    const app = await lab.application('anew-gone');
    const { scope, runtime } = await app.begin(job('migrate', options));
    await applySegment({ scope, ...segment }, runtime, lab.deps);
    const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: app.namespace, name: 'migrate' };
    await lab.admin.delete(ref, { propagation: 'Background' }, signal);
    await finishSync({ scope, outcome: 'Succeeded', hooks: [], verify: true }, runtime, lab.deps);
    expect(await liveJob(app)).toEqual({});
  });
});

describe('Validate=false', () => {
  const unknown = `name: web, image: "web:1", colour: red, env: [{ name: A, value: "1", valu: "2" }]`;

  it('lets fields fall that a kind does not know, and writes nothing once the rest stands [argo 3.Validate] [argo 5.1]', async () => {
    const app = await lab.application('unvalidated');
    expect(await app.refused(deployment('web', 'a', '', unknown))).toMatchObject([{ type: 'InvalidManifest' }]);
    const yaml = deployment('web', 'a', 'Validate=false', unknown);
    const { segments, finish } = await app.sync(yaml);
    expect(segments).toMatchObject([{ kind: 'done', applied: 1 }]);
    expect(finish).toEqual({ kind: 'done', repaired: 0, warnings: [] });
    const live = await read(app, 'Deployment', 'web', 'apps/v1');
    expect(stringAt(live, 'spec', 'template', 'spec', 'containers', 0, 'env', 0, 'value')).toBe('1');
    expect(JSON.parse(annotationsOf(live)['syncline.dev/undeclared-fields'] ?? '')).toEqual([
      '.spec.template.spec.containers[name="web"].colour',
      '.spec.template.spec.containers[name="web"].env[name="A"].valu',
    ]);
    const mark = await lab.mark();
    expect((await app.sync(yaml)).plan.unchanged).toBe(1);
    expect(ofResources(await lab.writesSince(mark))).toEqual([]);
    await app.sync(deployment('web', 'a', 'Validate=false'));
    expect(annotationsOf(await read(app, 'Deployment', 'web', 'apps/v1'))).not.toHaveProperty([
      'syncline.dev/undeclared-fields',
    ]);
  });

  it('counts for custom resources, Secrets and replaced objects, and for a whole application [argo 3.Validate]', async () => {
    const app = await lab.application('unvalidated-all');
    const secret = '\napiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { a: b }\ncolour: red\n---';
    const replaced = deployment('web', 'a', 'Replace=true', unknown);
    await app.sync(crd('wheels', 'Wheel'));
    const wheel =
      '\napiVersion: modes.example.com/v1\nkind: Wheel\nmetadata: { name: w }\nspec: { size: 1, colour: red }\n---';
    const yaml = crd('wheels', 'Wheel') + secret + replaced + wheel;
    const ask = forApplication({ Validate: 'false' });
    const { segments } = await app.sync(yaml, ask);
    expect(segments).toMatchObject([{ kind: 'done', applied: 3 }]);
    expect(await read(app, 'Wheel', 'w', 'modes.example.com/v1')).toMatchObject({ spec: { size: 1 } });
    expect(stringAt(await read(app, 'Secret', 's'), 'data', 'a')).toBe('Yg==');
    expect(await read(app, 'Deployment', 'web', 'apps/v1')).toMatchObject({ spec: { replicas: 0 } });
  });

  it('still refuses values that the kind does not take [argo 3.Validate]', async () => {
    const app = await lab.application('unvalidated-wrong');
    const wrong = deployment('web', 'a', 'Validate=false', 'name: web, image: i, command: [{ x: 1 }]');
    expect(await app.refused(wrong)).toMatchObject([{ type: 'InvalidManifest' }]);
  });
});

describe('a plan', () => {
  it('says how each object is written, where that is not plain', async () => {
    const app = await lab.application('stored-modes');
    const { scope } = await app.begin(configMap('a') + configMap('b', '1', 'Replace=true'));
    const stored = await loadPlan(lab.deps, scope.plan, signal);
    const [segment] = stored.phases[0]?.waves[0]?.segments ?? [];
    expect(segment?.kind === 'apply' && segment.groups.flat().map(({ write }) => write)).toEqual([
      undefined,
      { kind: 'replace', validation: 'Strict' },
    ]);
  });
});

function crd(plural: string, kind: string): string {
  return `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.modes.example.com }
spec:
  group: modes.example.com
  scope: Namespaced
  names: { kind: ${kind}, plural: ${plural}, singular: ${kind.toLowerCase()}, listKind: ${kind}List }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } } }
---`;
}
