import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySegment } from '../../../activities/apply/apply-segment.ts';
import { objectAt, stringAt, valueAt } from '../../../core/json.ts';
import { fieldEntries } from '../../../core/managed-fields/entries.ts';
import { recordName } from '../../../core/markers.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { annotationsOf, labelsOf, uidOf } from '../../../core/objects.ts';
import type { ActivityLab, LabApplication } from '../../support/activity-lab.ts';
import { openActivityLab } from '../../support/activity-lab.ts';
import { intercepted } from '../../fakes/interception.ts';

const signal = new AbortController().signal;
let lab: ActivityLab;

beforeAll(async () => {
  lab = await openActivityLab();
});
afterAll(() => lab.close());

const configMap = (name: string, value = '1'): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name} }
data: { value: "${value}" }
---`;

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 0
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "web:2" }] }
---`;

const read = async (app: LabApplication, kind: string, name: string, apiVersion = 'v1'): Promise<KubernetesObject> =>
  (await lab.admin.get({ apiVersion, kind, namespace: app.namespace, name }, signal)) ?? {};

/** A ConfigMap as another tool made it. */
const made = (app: LabApplication, name: string, metadata: KubernetesObject = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: app.namespace, name, ...metadata },
  data: { value: '1', old: 'theirs' },
});

const managersOf = (live: KubernetesObject): readonly string[] =>
  fieldEntries(live).map(({ manager, operation }) => `${manager} ${operation}`);

const adopt = { options: { adopt: true } };

describe('an object that nobody owns', () => {
  it('is taken over with a warning, and nothing of kubectl is left behind [argo 3.ClientSideApplyMigration]', async () => {
    const app = await lab.application('from-kubectl');
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'old' };
    const written = made(app, 'a', { annotations, labels: { tier: 'old' } });
    await lab.admin.create(written, { fieldManager: 'kubectl-client-side-apply' }, signal);
    const old = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: app.namespace, name: 'web', labels: { tier: 'old' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web:1', env: [{ name: 'OLD', value: '1' }] }] },
        },
      },
    };
    const before = await lab.admin.create(old, { fieldManager: 'kubectl-create' }, signal);
    const { 'ConfigMap/a': ofMap, 'Deployment/web': ofDeployment } = await app.changedFields(
      configMap('a') + deployment,
    );
    expect(ofMap?.toSorted()).toEqual(['data.old', 'metadata.annotations', 'metadata.labels']);
    // Of all that the API server has filled in, nothing is said to go.
    const container = 'spec.template.spec.containers[name=web]';
    const inSpec = ofDeployment?.filter((path) => path.startsWith('spec.'));
    expect(inSpec?.toSorted()).toEqual([`${container}.env`, `${container}.image`]);
    const { plan, finish } = await app.sync(configMap('a') + deployment);
    expect(plan.warnings).toEqual([
      'Exists already, owned by nobody, and is taken over: ConfigMap from-kubectl/a, Deployment from-kubectl/web.',
    ]);
    expect(finish).toEqual({ kind: 'done', repaired: 0, warnings: [] });

    const a = await read(app, 'ConfigMap', 'a');
    expect(objectAt(a, 'data')).toEqual({ value: '1' });
    expect(labelsOf(a)).toEqual({});
    expect(Object.keys(annotationsOf(a)).toSorted()).toEqual(['syncline.dev/digest', 'syncline.dev/owner']);
    expect(managersOf(a)).toEqual(['syncline:from-kubectl Apply']);
    const web = await read(app, 'Deployment', 'web', 'apps/v1');
    expect(uidOf(web)).toBe(uidOf(before));
    expect(labelsOf(web)).toEqual({});
    expect(valueAt(web, 'spec', 'template', 'spec', 'containers', 0, 'env')).toBeUndefined();
    expect(managersOf(web)).toContain('kube-controller-manager Update');
    expect(await app.plan(configMap('a') + deployment)).toMatchObject({ unchanged: 2, warnings: [] });
  });

  it('keeps what people and controllers changed afterwards [argo 3.ClientSideApplyMigration]', async () => {
    const app = await lab.application('edited-before');
    await lab.admin.create(made(app, 'a'), { fieldManager: 'kubectl-create' }, signal);
    const change = async (manager: string, data: KubernetesObject) => {
      const live = await read(app, 'ConfigMap', 'a');
      await lab.admin.replace(
        { ...live, data: { ...objectAt(live, 'data'), ...data } },
        { fieldManager: manager },
        signal,
      );
    };
    await change('kubectl-edit', { edited: 'by hand' });
    await change('some-controller', { controlled: 'yes' });
    await app.sync(configMap('a'));
    const live = await read(app, 'ConfigMap', 'a');
    expect(objectAt(live, 'data')).toEqual({ value: '1', edited: 'by hand', controlled: 'yes' });
    expect(managersOf(live).toSorted()).toEqual([
      'kubectl-edit Update',
      'some-controller Update',
      'syncline:edited-before Apply',
    ]);
  });

  it('keeps the fields of kubectl where migration is off [argo 3.ClientSideApplyMigration]', async () => {
    const app = await lab.application('unmigrated');
    await lab.admin.create(made(app, 'a'), { fieldManager: 'kubectl-create' }, signal);
    await app.sync(configMap('a', '2'), { options: { syncOptions: { ClientSideApplyMigration: 'false' } } });
    expect(objectAt(await read(app, 'ConfigMap', 'a'), 'data')).toEqual({ value: '2', old: 'theirs' });
  });

  it('costs one request more than any other that is changed, and none later', async () => {
    const app = await lab.application('adopting-many');
    const names = Array.from({ length: 10 }, (_, index) => `m${String(index)}`);
    await Promise.all(
      names.map((name) => lab.admin.create(made(app, name), { fieldManager: 'kubectl-create' }, signal)),
    );
    const yaml = names.map((name) => configMap(name)).join('');
    const { scope, runtime } = await app.begin(yaml);
    const calls: string[] = [];
    const counted = intercepted(lab.cluster, 'cluster', { before: (call) => void calls.push(call) });
    const deps = { ...lab.deps, cluster: async () => counted };
    await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, deps);
    const count = (name: string) => calls.filter((call) => call === `cluster.${name}`).length;
    expect({ patch: count('patch'), apply: count('apply'), list: count('list') }).toEqual({
      patch: 10,
      apply: 10,
      list: 1,
    });
    const mark = await lab.mark();
    await app.sync(names.map((name) => configMap(name, '2')).join(''));
    const writes = (await lab.writesSince(mark)).filter((write) => write.includes('configmaps/m'));
    expect(writes).toHaveLength(10);
  });
});

describe('an object of Argo CD or Helm', () => {
  const foreign = (app: LabApplication) => [
    {
      ...made(app, 'argo', {
        annotations: { 'argocd.argoproj.io/tracking-id': `guestbook:/ConfigMap:${app.namespace}/argo` },
      }),
      manager: 'argocd-controller',
    },
    {
      ...made(app, 'helm', {
        annotations: { 'meta.helm.sh/release-name': 'rel', 'meta.helm.sh/release-namespace': 'prod' },
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      }),
      manager: 'helm',
    },
  ];

  it('is refused with its owner, all at once and before anything is changed, unless it is to be adopted', async () => {
    const app = await lab.application('claimed');
    for (const { manager, ...object } of foreign(app)) {
      await lab.admin.create(object, { fieldManager: manager }, signal);
    }
    const yaml = configMap('argo') + configMap('helm') + configMap('new');
    const mark = await lab.mark();
    const failures = await app.refused(yaml);
    expect(failures).toMatchObject([
      { type: 'OwnershipConflict', object: 'ConfigMap claimed/argo', location: 'app.yaml:2' },
      { type: 'OwnershipConflict', object: 'ConfigMap claimed/helm' },
    ]);
    expect(failures[0]?.message).toContain("belongs to Argo CD's application guestbook");
    expect(failures[1]?.message).toContain("belongs to Helm's release prod/rel");
    expect(failures[0]?.remedy).toContain('--adopt');
    expect(await lab.writesSince(mark)).toEqual([]);

    const { plan } = await app.sync(yaml, adopt);
    expect(plan.warnings).toEqual([
      "Taken over from others: ConfigMap claimed/argo (Argo CD's application guestbook), ConfigMap claimed/helm (Helm's release prod/rel).",
    ]);
    for (const name of ['argo', 'helm']) {
      const live = await read(app, 'ConfigMap', name);
      expect(Object.keys(annotationsOf(live)).toSorted()).toEqual(['syncline.dev/digest', 'syncline.dev/owner']);
      expect(labelsOf(live)).toEqual({});
      expect(objectAt(live, 'data')).toEqual({ value: '1' });
    }
    // Ours by now: no need to say it again.
    expect(await app.plan(yaml)).toMatchObject({ unchanged: 3, warnings: [] });
  });

  it('leaves no field behind either where it was applied server-side', async () => {
    const app = await lab.application('claimed-ssa');
    for (const { manager, ...object } of foreign(app)) {
      await lab.admin.apply(object, { fieldManager: manager }, signal);
    }
    await app.sync(configMap('argo', '2') + configMap('helm', '2'), adopt);
    for (const name of ['argo', 'helm']) {
      const live = await read(app, 'ConfigMap', name);
      expect(objectAt(live, 'data')).toEqual({ value: '2' });
      expect(managersOf(live)).toEqual(['syncline:claimed-ssa Apply']);
    }
  });
});

describe('an object of another application', () => {
  it('is handed over with --adopt: the other neither prunes it nor syncs it any more', async () => {
    const one = await lab.application('giver');
    const other = await lab.application('taker', 'giver-taker');
    const shared = `\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: shared, namespace: giver }\ndata: { value: "1" }\n---`;
    const old = shared.replace('data: { value: "1" }', 'data: { value: "1", old: "giver" }');
    await one.sync(old + configMap('own'));
    expect(await other.refused(shared)).toMatchObject([
      { type: 'OwnershipConflict', object: 'ConfigMap giver/shared' },
    ]);
    const { plan, finish } = await other.sync(shared, adopt);
    expect(plan.warnings).toEqual(['Taken over from others: ConfigMap giver/shared (application giver/giver).']);
    expect(finish).toEqual({ kind: 'done', repaired: 0, warnings: [] });
    const live = await read(one, 'ConfigMap', 'shared');
    expect(objectAt(live, 'data')).toEqual({ value: '1' });
    expect(managersOf(live)).toEqual(['syncline:taker Apply']);

    const [conflict] = await one.refused(old + configMap('own'));
    expect(conflict?.message).toContain('belongs to application giver-taker/taker');
    const { plan: pruning } = await one.sync(configMap('own'), { options: { prune: true } });
    expect(pruning.warnings).toEqual([]);
    expect(uidOf(await read(one, 'ConfigMap', 'shared'))).toBe(uidOf(live));
  });

  it('is not handed over under FailOnSharedResource=true while the other has its record [argo 3.FailOnSharedResource]', async () => {
    const one = await lab.application('holder');
    const other = await lab.application('sharer', 'holder-sharer');
    const shared = `\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: shared, namespace: holder }\ndata: { value: "1" }\n---`;
    await one.sync(shared);
    const strict = { options: { adopt: true, syncOptions: { FailOnSharedResource: 'true' } } } as const;
    const [failure] = await other.refused(shared, strict);
    expect(failure).toMatchObject({ type: 'OwnershipConflict', object: 'ConfigMap holder/shared' });
    expect(failure?.remedy).toContain('FailOnSharedResource=true');
    const record = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'holder', name: recordName('holder') };
    await lab.admin.delete(record, { propagation: 'Background' }, signal);
    await other.sync(shared, strict);
    expect(annotationsOf(await read(one, 'ConfigMap', 'shared'))['syncline.dev/owner']).toBe('holder-sharer/sharer');
    expect(stringAt(await read(one, 'ConfigMap', 'shared'), 'data', 'value')).toBe('1');
  });
});
