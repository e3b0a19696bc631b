import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySegment } from '../../../activities/apply/apply-segment.ts';
import { finishSync } from '../../../activities/finish/finish-sync.ts';
import { awaitHealthy } from '../../../activities/health/await-healthy.ts';
import { readInventory } from '../../../activities/inventory/inventory.ts';
import { openRecord } from '../../../activities/record/record-store.ts';
import { claimRecord } from '../../../activities/record/claim-record.ts';
import { stringAt } from '../../../core/json.ts';
import { annotationsOf, refOf, uidOf } from '../../../core/objects.ts';
import type { ActivityLab, LabApplication } from '../../support/activity-lab.ts';
import { openActivityLab } from '../../support/activity-lab.ts';
import { activityRuntime } from '../../support/runtime.ts';

const signal = new AbortController().signal;
let lab: ActivityLab;

beforeAll(async () => {
  lab = await openActivityLab();
});
afterAll(() => lab.close());

const configMap = (name: string, value = '1', more = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
${more}data:
  value: "${value}"
---`;

const wave = (number: number): string => `  annotations: { argocd.argoproj.io/sync-wave: "${number}" }\n`;

const deployment = (name: string, pod = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  progressDeadlineSeconds: 600
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} }${pod} }
    spec: { containers: [{ name: web, image: "web:1" }] }
---`;

/** The Deployment whose pods go to nodes with a label alone. */
const onNode = (yaml: string, label: string): string =>
  yaml.replace('spec: { containers', `spec: { nodeSelector: { ${label} }, containers`);

const read = (app: LabApplication, kind: string, name: string, apiVersion = 'v1') =>
  lab.admin.get({ apiVersion, kind, namespace: app.namespace, name }, signal);

describe('a sync of resources', () => {
  it('applies them with the marks of their application, and keeps their manifests as written', async () => {
    const app = await lab.application('marks');
    const { segments, finish } = await app.sync(configMap('web', 'x', '  labels: { tier: front }\n'));
    expect(segments).toEqual([{ kind: 'done', applied: 1, unchanged: 0, pruned: 0 }]);
    expect(finish).toEqual({ kind: 'done', repaired: 0, warnings: [] });
    const live = await read(app, 'ConfigMap', 'web');
    expect(live).toMatchObject({ data: { value: 'x' }, metadata: { labels: { tier: 'front' } } });
    expect(annotationsOf(live!)).toMatchObject({
      'syncline.dev/owner': 'marks/marks',
      'syncline.dev/digest': expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  });

  it('writes no resource when nothing has changed', async () => {
    const app = await lab.application('unchanged');
    const yaml = configMap('a') + configMap('b') + deployment('web');
    await app.sync(yaml);
    const mark = await lab.mark();
    const { plan, finish } = await app.sync(yaml);
    expect(plan).toMatchObject({ objects: 3, unchanged: 3 });
    expect(finish).toMatchObject({ kind: 'done', repaired: 0 });
    const ofResources = (await lab.writesSince(mark)).filter((write) => !write.includes('/syncline.'));
    expect(ofResources).toEqual([]);
  });

  it('repairs a field that was edited by hand', async () => {
    const app = await lab.application('edited');
    await app.sync(configMap('web', 'ours') + configMap('other'));
    const edited = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'edited', name: 'web' },
      data: { value: 'theirs' },
    };
    await lab.admin.apply(edited, { fieldManager: 'kubectl-edit', force: true }, signal);
    const { plan, segments } = await app.sync(configMap('web', 'ours') + configMap('other'));
    expect(plan.unchanged).toBe(1);
    expect(segments).toEqual([{ kind: 'done', applied: 1, unchanged: 1, pruned: 0 }]);
    expect(stringAt(await read(app, 'ConfigMap', 'web'), 'data', 'value')).toBe('ours');
  });

  it('takes a field over from a controller once it is told to', async () => {
    const app = await lab.application('controlled');
    await app.sync(configMap('web', 'ours'));
    const taken = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'controlled', name: 'web' },
      data: { value: 'theirs' },
    };
    await lab.admin.apply(taken, { fieldManager: 'some-controller', force: true }, signal);
    const { segments } = await app.sync(configMap('web', 'ours'), { options: { forceConflicts: true } });
    expect(segments).toEqual([{ kind: 'done', applied: 1, unchanged: 0, pruned: 0 }]);
    expect(stringAt(await read(app, 'ConfigMap', 'web'), 'data', 'value')).toBe('ours');
  });

  it('finds again what is outside namespaces, also where its manifest names one [argo 2.1.pairing] [argo 5.10]', async () => {
    const app = await lab.application('scopes');
    const role = (more = '') =>
      `\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: scopes${more} }\nrules: []\n---`;
    const placed = role(', namespace: scopes');
    await app.sync(role() + configMap('a'));
    const { segments } = await app.sync(placed + configMap('a'), { options: { prune: true } });
    expect(segments).toEqual([{ kind: 'done', applied: 1, unchanged: 1, pruned: 0 }]);
    const outOfSyncOnly = { options: { syncOptions: { ApplyOutOfSyncOnly: 'true' } } } as const;
    expect(await app.plan(placed + configMap('a'), outOfSyncOnly)).toMatchObject({ objects: 2, unchanged: 2 });
  });

  it('applies a definition and its objects in one wave [argo 2.4.CRD] [argo 5.4]', async () => {
    const app = await lab.application('crd-and-cr');
    const { segments, health } = await app.sync(`${widgetDefinition('size')}${widget('size')}`);
    expect(segments).toEqual([{ kind: 'done', applied: 2, unchanged: 0, pruned: 0 }]);
    expect(health).toEqual([{ kind: 'healthy' }]);
    expect(await read(app, 'Widget', 'w', 'lab.example.com/v1')).toMatchObject({ spec: { size: 3 } });
  });

  it('applies a new field of a definition and an object that uses it in one wave', async () => {
    const app = await lab.application('crd-new-field');
    await app.sync(widgetDefinition('size', 'fields.example.com'));
    const yaml = `${widgetDefinition('colour', 'fields.example.com')}${widget('colour', 'fields.example.com')}`;
    const { segments } = await app.sync(yaml);
    expect(segments).toEqual([{ kind: 'done', applied: 2, unchanged: 0, pruned: 0 }]);
  });

  it('applies a namespace and what goes into it in one wave', async () => {
    const app = await lab.application('namespaces');
    const inside = configMap('inside', '1', '  namespace: made-inside\n');
    const pod =
      '\napiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: made-inside }\nspec: { containers: [{ name: c, image: i }] }\n---';
    const namespace = '\napiVersion: v1\nkind: Namespace\nmetadata: { name: made-inside }\n---';
    const { segments } = await app.sync(inside + pod + namespace);
    expect(segments).toEqual([{ kind: 'done', applied: 3, unchanged: 0, pruned: 0 }]);
  });

  it('applies 500 ConfigMaps, and finds them unchanged by one list', async () => {
    const app = await lab.application('many');
    const yaml = Array.from({ length: 500 }, (_, index) => configMap(`map-${index}`)).join('');
    const { segments, runtime } = await app.sync(yaml, { options: { validate: false } });
    expect(segments).toEqual([{ kind: 'done', applied: 500, unchanged: 0, pruned: 0 }]);
    expect(runtime.heartbeats).toContainEqual({ kind: 'batch', done: 500, total: 500 });
    const plan = await app.plan(yaml);
    expect(plan).toMatchObject({ objects: 500, unchanged: 500 });
  });

  it('goes on to later kinds after one that failed, and tells all failures [argo 2.4.failed-kind] [argo 5.12]', async () => {
    const app = await lab.application('part-fails');
    const service = '\napiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { ports: [{ port: 99999 }] }\n---';
    const { segments } = await app.sync(configMap('a') + service + deployment('web'), { options: { validate: false } });
    expect(segments).toMatchObject([
      {
        kind: 'failed',
        failures: [{ type: 'InvalidManifest', object: 'Service part-fails/s', location: 'app.yaml:9' }],
      },
    ]);
    expect(await read(app, 'Deployment', 'web', 'apps/v1')).toBeDefined();
  });
});

describe('waiting for health', () => {
  it('ends when the workloads of a wave are healthy, and says in heartbeats what it waits for', async () => {
    const app = await lab.application('health');
    // Its pod finds no node until one has the label.
    const { scope, runtime } = await app.begin(onNode(deployment('web'), 'health: here'));
    const input = { scope, phase: 'Sync', wave: 0 } as const;
    await applySegment({ ...input, segment: 0 }, runtime, lab.deps);
    const waiting = awaitHealthy({ ...input, deadlineMs: 300_000 }, runtime, lab.deps);
    const waits = () => runtime.heartbeats.filter((progress) => progress.kind === 'health');
    await expect.poll(waits).toContainEqual(
      expect.objectContaining({
        total: 1,
        healthy: 0,
        waiting: [
          expect.objectContaining({
            ref: expect.objectContaining({ kind: 'Deployment', name: 'web' }) as unknown,
            status: 'Progressing',
          }),
        ],
      }),
    );
    const [node] = await lab.admin.list({ apiVersion: 'v1', kind: 'Node' }, signal);
    await lab.admin.patch(refOf(node!), [{ op: 'add', path: '/metadata/labels/health', value: 'here' }], signal);
    expect(await waiting).toEqual({ kind: 'healthy' });
    expect(waits().at(-1)).toMatchObject({ total: 1, healthy: 1, waiting: [] });
  });

  it('does not take the old state of a changed workload for the new one [argo 2.3.wave-delay]', async () => {
    const app = await lab.application('rollout');
    await app.sync(deployment('web'));
    const { scope, runtime } = await app.begin(deployment('web').replace('web:1', 'web:2'));
    const input = { scope, phase: 'Sync', wave: 0 } as const;
    // A view that is open before the apply is as stale as a view can be.
    const view = await lab.cluster.view({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'rollout' }, signal);
    await applySegment({ ...input, segment: 0 }, runtime, lab.deps);
    const answer = await awaitHealthy({ ...input, deadlineMs: 60_000 }, runtime, lab.deps);
    view.close();
    expect(answer).toEqual({ kind: 'healthy' });
    const live = await read(app, 'Deployment', 'web', 'apps/v1');
    expect(live).toMatchObject({ status: { observedGeneration: 2, updatedReplicas: 1, availableReplicas: 1 } });
  });

  it('ends at the deadline with what is not healthy, why, and what keeps its pods [argo 2.3.resource-health] [argo 2.8.timeout]', async () => {
    const app = await lab.application('overdue');
    const { scope, runtime } = await app.begin(
      onNode(deployment('web'), 'no: such').replace(
        'name: web\n',
        'name: web\n  annotations: { syncline.dev/timeout: 1s }\n',
      ),
    );
    const input = { scope, phase: 'Sync', wave: 0 } as const;
    await applySegment({ ...input, segment: 0 }, runtime, lab.deps);
    await expect
      .poll(async () =>
        JSON.stringify(await lab.admin.list({ apiVersion: 'v1', kind: 'Pod', namespace: app.name }, signal)),
      )
      .toContain('"Unschedulable"');
    const answer = await awaitHealthy(
      { ...input, deadlineMs: 60_000 },
      activityRuntime({ run: runtime.run }),
      lab.deps,
    );
    expect(answer).toMatchObject({
      kind: 'failed',
      failures: [{ type: 'WaveTimedOut', object: 'Deployment overdue/web', location: 'app.yaml:2' }],
    });
    const [failure] = answer.kind === 'failed' ? answer.failures : [];
    expect(failure?.message).toContain('was not healthy after 1 s: Progressing');
    expect(failure?.message).toContain('no node can take the pod');
    expect(failure?.remedy).toContain('node selectors');
  });

  it('counts what became healthy in time although it is seen after the deadline', async () => {
    const app = await lab.application('seen-late');
    const yaml = deployment('web');
    await app.sync(yaml);
    const { scope, runtime } = await app.begin(yaml);
    const late = activityRuntime({ run: runtime.run, scheduledAt: Date.now() - 3_600_000 });
    const answer = await awaitHealthy({ scope, phase: 'Sync', wave: 0, deadlineMs: 1_000 }, late, lab.deps);
    expect(answer).toEqual({ kind: 'healthy' });
  });

  it('fails a wave whose resource has vanished after it was applied [argo 2.3.gone] [argo 5.7] [argo 6.vanished]', async () => {
    const app = await lab.application('vanished');
    const { scope, runtime } = await app.begin(deployment('web'));
    await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, lab.deps);
    await lab.admin.delete(
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'vanished', name: 'web' },
      { propagation: 'Background' },
      signal,
    );
    const answer = await awaitHealthy({ scope, phase: 'Sync', wave: 0, deadlineMs: 60_000 }, runtime, lab.deps);
    expect(answer).toMatchObject({
      kind: 'failed',
      failures: [{ type: 'ResourceMissing', object: 'Deployment vanished/web' }],
    });
  });

  it('fails a wave whose resource is Degraded [argo 2.3.last-wave] [argo 5.5] [argo 5.62]', async () => {
    const app = await lab.application('degraded');
    const claim =
      '\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: c, annotations: { pv.kubernetes.io/bind-completed: "yes" } }\nspec: { volumeName: gone, storageClassName: "", accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }\n---';
    const { scope, runtime } = await app.begin(claim);
    await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, lab.deps);
    const answer = await awaitHealthy({ scope, phase: 'Sync', wave: 0, deadlineMs: 60_000 }, runtime, lab.deps);
    expect(answer).toMatchObject({
      kind: 'failed',
      failures: [{ type: 'ResourceDegraded', object: 'PersistentVolumeClaim degraded/c' }],
    });
  });

  it('waits in the last wave for nothing that is suspended, but before it does [argo 2.3.last-wave] [argo 6.suspended]', async () => {
    const suspended = (more: string): string =>
      deployment('web')
        .replace('spec:\n  progress', 'spec:\n  paused: true\n  progress')
        .replace('name: web\n', `name: web\n${more}`);
    const last = await lab.application('paused-last');
    expect((await last.sync(suspended(''))).health).toEqual([{ kind: 'healthy' }]);
    const before = await lab.application('paused-first');
    const { scope, runtime } = await before.begin(
      suspended('  annotations: { syncline.dev/timeout: 1s }\n') + configMap('later', '1', wave(1)),
    );
    await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, lab.deps);
    const answer = await awaitHealthy(
      { scope, phase: 'Sync', wave: 0, deadlineMs: 60_000 },
      activityRuntime({ run: runtime.run }),
      lab.deps,
    );
    expect(answer).toMatchObject({ kind: 'failed', failures: [{ type: 'WaveTimedOut' }] });
  });

  it('stops when its attempt is stopped', async () => {
    const app = await lab.application('stopped');
    const { scope, runtime } = await app.begin(onNode(deployment('web'), 'no: such'));
    await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, lab.deps);
    const waiting = awaitHealthy({ scope, phase: 'Sync', wave: 0, deadlineMs: 60_000 }, runtime, lab.deps);
    runtime.stop('left');
    await expect(waiting).rejects.toThrow('stopped: left');
  });
});

describe('pruning', () => {
  it('deletes what the bundle lacks, waits until it is gone, and forgets it [argo 2.3.pruned] [argo 5.39]', async () => {
    const app = await lab.application('prunes');
    await app.sync(configMap('stays') + deployment('goes'));
    const { segments, health } = await app.sync(configMap('stays'), { options: { prune: true } });
    expect(segments).toEqual([
      { kind: 'done', applied: 0, unchanged: 0, pruned: 1 },
      { kind: 'done', applied: 0, unchanged: 1, pruned: 0 },
    ]);
    expect(health).toEqual([{ kind: 'healthy' }]);
    expect(await read(app, 'Deployment', 'goes', 'apps/v1')).toBeUndefined();
    const names = (await readInventory(lab.cluster, ownerOfLab(app), signal)).map(({ name }) => name);
    expect(names).toEqual(['stays']);
  });

  it('leaves alone what was replaced or handed over after the plan was made', async () => {
    const app = await lab.application('prune-races');
    await app.sync(configMap('stays') + configMap('replaced') + configMap('given'));
    const { scope, runtime } = await app.begin(configMap('stays'), { options: { prune: true } });
    const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'prune-races', name });
    await lab.admin.delete(ref('replaced'), { propagation: 'Background' }, signal);
    await lab.admin.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'replaced', namespace: 'prune-races' } },
      {},
      signal,
    );
    await lab.admin.patch(
      ref('given'),
      [{ op: 'replace', path: '/metadata/annotations/syncline.dev~1owner', value: 'x/y' }],
      signal,
    );
    await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, lab.deps);
    expect(await read(app, 'ConfigMap', 'replaced')).toBeDefined();
    expect(await read(app, 'ConfigMap', 'given')).toBeDefined();
  });
});

describe('a partial sync', () => {
  const prune = { prune: true };
  const names = async (app: LabApplication) => (await lab.admin.list(configMapsOf(app), signal)).map(nameOf);
  const configMapsOf = ({ namespace }: LabApplication) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace });
  const nameOf = (object: Parameters<typeof uidOf>[0]) => stringAt(object, 'metadata', 'name') ?? '';

  it('touches only what is selected, and forgets nothing [argo 2.1.filter]', async () => {
    const app = await lab.application('partial');
    await app.sync(configMap('a') + configMap('b') + configMap('c') + configMap('old'));
    const before = await readInventory(lab.admin, ownerOfLab(app), signal);
    await lab.admin.delete({ ...configMapsOf(app), name: 'b' }, { propagation: 'Background' }, signal);
    const bundle = configMap('a', '2') + configMap('b', '2') + configMap('c', '2');
    const mark = await lab.mark();
    const part = await app.sync(bundle, { options: { ...prune, selection: { resources: [':ConfigMap:a'] } } });
    expect(part.segments).toEqual([{ kind: 'done', applied: 1, unchanged: 0, pruned: 0 }]);
    expect(part.plan).toMatchObject({ objects: 1, skipped: 2 });
    expect(part.plan.warnings.join()).toContain('left alone because it is not selected: ConfigMap partial/old');
    const touched = (await lab.writesSince(mark)).filter((write) => !write.includes('/syncline.'));
    expect(touched).toEqual(['patch configmaps/a']);
    expect(await readInventory(lab.admin, ownerOfLab(app), signal)).toEqual(before);
    const whole = await app.sync(bundle, { options: prune });
    expect(whole.segments).toEqual([
      { kind: 'done', applied: 0, unchanged: 0, pruned: 1 },
      { kind: 'done', applied: 2, unchanged: 1, pruned: 0 },
    ]);
  });

  it('prunes what is selected of what the bundle lacks, though nothing of the bundle is', async () => {
    const app = await lab.application('partial-prune');
    await app.sync(configMap('kept') + configMap('old') + configMap('older'));
    const ask = { options: { ...prune, selection: { resources: [':ConfigMap:old'] } } };
    const { segments } = await app.sync(configMap('kept'), ask);
    expect(segments).toEqual([{ kind: 'done', applied: 0, unchanged: 0, pruned: 1 }]);
    expect(await names(app)).toEqual(expect.arrayContaining(['kept', 'older']));
    expect(await names(app)).not.toContain('old');
    const [none] = await app.refused(configMap('kept'), ask);
    expect(none).toMatchObject({
      type: 'InvalidRequest',
      remedy: expect.stringContaining(':ConfigMap:older') as string,
    });
    const emptied = { options: { ...prune, selection: { resources: [':ConfigMap:older'] } } };
    expect(await app.refused('', emptied)).toMatchObject([{ type: 'PruneRefused' }]);
  });

  it('says what to select too where that is only in the manifests', async () => {
    const app = await lab.application('partial-needs');
    const inside = configMap('inside', '1', '  namespace: partial-inside\n');
    const namespace = '\napiVersion: v1\nkind: Namespace\nmetadata: { name: partial-inside }\n---';
    const definition = widgetDefinition('size', 'partial.example.com') + widget('size', 'partial.example.com');
    const selection = { resources: ['!*:Namespace:*', '!*:CustomResourceDefinition:*'] };
    expect(await app.refused(inside + namespace + definition, { options: { selection } })).toMatchObject([
      { type: 'KindNotServed', remedy: expect.stringContaining('select it too') as string },
      { type: 'NamespaceNotFound', remedy: expect.stringContaining('select it too') as string },
    ]);
  });
});

describe('the end of a sync', () => {
  it('knows every object with its UID and lets go of the record', async () => {
    const app = await lab.application('ends');
    await app.sync(configMap('a'));
    const [entry] = await readInventory(lab.cluster, ownerOfLab(app), signal);
    expect(entry).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'ends',
      name: 'a',
      uid: uidOf((await read(app, 'ConfigMap', 'a'))!),
    });
    expect(await openRecord(lab.cluster, ownerOfLab(app)).read(signal)).toMatchObject({ holder: null });
  });

  it('repairs what somebody wrote during the sync, and says so', async () => {
    const app = await lab.application('late-write');
    const { scope, runtime } = await app.begin(configMap('a') + configMap('b'));
    await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, lab.deps);
    // A late write of a predecessor goes by the same field manager.
    const stale = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'late-write',
        annotations: { 'syncline.dev/owner': 'late-write/late-write', 'syncline.dev/digest': 'old' },
      },
      data: { value: 'old' },
    };
    await lab.admin.apply(stale, { fieldManager: 'syncline:late-write' }, signal);
    await lab.admin.delete(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'late-write', name: 'b' },
      { propagation: 'Background' },
      signal,
    );
    const answer = await finishSync({ scope, outcome: 'Succeeded', hooks: [], verify: true }, runtime, lab.deps);
    expect(answer).toMatchObject({ kind: 'done', repaired: 2 });
    expect(answer.kind === 'done' && answer.warnings.join()).toContain(
      'ConfigMap late-write/a, ConfigMap late-write/b',
    );
    expect(stringAt(await read(app, 'ConfigMap', 'a'), 'data', 'value')).toBe('1');
    expect(await read(app, 'ConfigMap', 'b')).toBeDefined();
  });

  it('leaves a field that another manager took over during the sync, and warns', async () => {
    const app = await lab.application('taken');
    const { scope, runtime } = await app.begin(configMap('a'));
    await applySegment({ scope, phase: 'Sync', wave: 0, segment: 0 }, runtime, lab.deps);
    const theirs = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'taken', name: 'a' },
      data: { value: '5' },
    };
    await lab.admin.apply(theirs, { fieldManager: 'some-controller', force: true }, signal);
    const answer = await finishSync({ scope, outcome: 'Succeeded', hooks: [], verify: true }, runtime, lab.deps);
    expect(answer).toMatchObject({ kind: 'done', repaired: 0, warnings: [expect.stringContaining('.data.value')] });
  });

  it('keeps in the inventory what a failed sync was about to apply', async () => {
    const app = await lab.application('fails');
    await app.sync(configMap('old'));
    const { scope, runtime } = await app.begin(configMap('new'));
    await finishSync({ scope, outcome: 'Failed', hooks: [], verify: false }, runtime, lab.deps);
    const entries = await readInventory(lab.cluster, ownerOfLab(app), signal);
    expect(entries.map(({ name, uid }) => `${name} ${uid === undefined ? 'announced' : 'live'}`)).toEqual([
      'new announced',
      'old live',
    ]);
  });
});

describe('an activity whose record is in other hands', () => {
  it('writes nothing and says so', async () => {
    const app = await lab.application('fenced');
    const { plan, scope, runtime } = await app.begin(configMap('a') + deployment('web'));
    const successor = activityRuntime({ run: 'successor', scheduledAt: runtime.scheduledAt + 1 });
    await claimRecord(
      { request: scope.request, plan: plan.digest, rootRun: 'successor', claimant: 'root' },
      successor,
      lab.deps,
    );
    const mark = await lab.mark();
    const input = { scope, phase: 'Sync', wave: 0 } as const;
    expect(await applySegment({ ...input, segment: 0 }, runtime, lab.deps)).toEqual({ kind: 'fenced' });
    expect(await awaitHealthy({ ...input, deadlineMs: 1_000 }, runtime, lab.deps)).toEqual({ kind: 'fenced' });
    expect(await finishSync({ scope, outcome: 'Succeeded', hooks: [], verify: true }, runtime, lab.deps)).toMatchObject(
      { kind: 'failed', failures: [{ type: 'Superseded' }] },
    );
    expect(await lab.writesSince(mark)).toEqual([]);
  });
});

function ownerOfLab(app: LabApplication) {
  return { application: app.name, namespace: app.namespace };
}

function widgetDefinition(field: string, group = 'lab.example.com'): string {
  return `
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
            spec: { type: object, properties: { ${field}: { type: integer } } }
---`;
}

function widget(field: string, group = 'lab.example.com'): string {
  return `\napiVersion: ${group}/v1\nkind: Widget\nmetadata: { name: w }\nspec: { ${field}: 3 }\n---`;
}
