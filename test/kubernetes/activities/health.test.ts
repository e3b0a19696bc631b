import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCheckSource } from '../../../checks/check-source.ts';
import type { HealthChecks } from '../../../checks/health-checks.ts';
import { openHealthChecks } from '../../../checks/health-checks.ts';
import type { HealthAnswer } from '../../../workflows/activities.ts';
import type { ActivityLab } from '../../support/activity-lab.ts';
import { openActivityLab } from '../../support/activity-lab.ts';

const signal = new AbortController().signal;
let lab: ActivityLab;
let checks: HealthChecks;
const warnings: string[] = [];

const CHECKS = 'resource.customizations.health.';

beforeAll(async () => {
  lab = await openActivityLab();
  const sources = [parseCheckSource('configmap:default/argocd-cm')];
  checks = await openHealthChecks(sources, (warning) => warnings.push(warning), signal);
});
afterAll(async () => {
  await checks.close();
  await lab.close();
});

const workload = (kind: string, name: string, pods: string, spec = ''): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name} }
spec:
  ${spec}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} }, annotations: { ${pods} } }
    spec: { containers: [{ name: web, image: "web:1" }] }
---`;
const PENDING = (reason: string) => `sandbox.syncline.dev/pending: ${reason}`;

function failuresOf(health: readonly HealthAnswer[]) {
  const last = health.at(-1);
  return last?.kind === 'failed' ? last.failures : [];
}

describe.concurrent('a workload whose pods are stuck, where the sync has a grace period', () => {
  const options = { stuckPodGraceMs: 2_000 };
  it.each([
    ['Deployment', 'ImagePullBackOff'],
    ['StatefulSet', 'CreateContainerConfigError'],
    ['DaemonSet', 'InvalidImageName'],
    ['ReplicaSet', 'Unschedulable'],
  ])('of kind %s is Degraded, and says that it is %s', async (kind, reason) => {
    const app = await lab.application(`stuck-${kind.toLowerCase()}`);
    const { health } = await app.sync(workload(kind, 'web', PENDING(reason)), { options });
    expect(failuresOf(health)).toMatchObject([
      {
        type: 'ResourceDegraded',
        object: `${kind} ${app.namespace}/web`,
        message: expect.stringMatching(/its pod web-\S+ has been stuck for \d+ s; (container|no node)/) as string,
        remedy: expect.stringContaining('sync again') as string,
      },
    ]);
  });

  it('rolls out over the stuck pods of its last revision', async () => {
    const app = await lab.application('mended');
    const broken = await app.sync(workload('Deployment', 'web', PENDING('ImagePullBackOff')), { options });
    expect(failuresOf(broken.health)).toHaveLength(1);
    const slow = 'sandbox.syncline.dev/ready-after: 3s';
    const { health } = await app.sync(workload('Deployment', 'web', slow), { options });
    expect(health).toEqual([{ kind: 'healthy' }]);
  });
});

describe('a claim whose storage class waits for its first consumer [argo 4.PersistentVolumeClaim]', () => {
  it('holds up neither its own wave nor the one of the pod that uses it', async () => {
    const app = await lab.application('lazy-claim');
    const lazy = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'lazy' } };
    const rest = { provisioner: 'example.com/none', volumeBindingMode: 'WaitForFirstConsumer' };
    await lab.admin.create({ ...lazy, ...rest }, {}, signal);
    const { health } = await app.sync(`
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, annotations: { argocd.argoproj.io/sync-wave: "-1" } }
spec: { storageClassName: lazy, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
${workload('Deployment', 'web', '')}`);
    expect(health).toEqual([{ kind: 'healthy' }, { kind: 'healthy' }]);
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: app.namespace, name: 'data' };
    expect(await lab.admin.get(claim, signal)).toMatchObject({ status: { phase: 'Pending' } });
  });
});

describe('checks in a ConfigMap of the cluster [argo 4.Lua] [argo 4.order]', () => {
  const settings = (state: string, annotations = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-${state.toLowerCase()}
  annotations: { ${annotations} }
data: { state: ${state} }
---`;

  it('judge kinds that have no rule, and put off what fails until its deadline, with the place of the failure', async () => {
    const code = `
local hs = { status = obj.data.state, message = "state " .. obj.data.state }
if obj.data.state == "Broken" then return obj.status.phase end
return hs`;
    const metadata = { name: 'argocd-cm', namespace: 'default' };
    await lab.admin.create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [`${CHECKS}ConfigMap`]: code } },
      {},
      signal,
    );
    const app = await lab.application('checked');
    const deps = { ...lab.deps, checks };
    const fine = await app.sync(settings('Healthy'), { deps });
    expect(fine.health).toEqual([{ kind: 'healthy' }]);
    const degraded = await app.sync(settings('Degraded'), { deps });
    expect(failuresOf(degraded.health)).toMatchObject([
      { type: 'ResourceDegraded', message: expect.stringContaining('state Degraded') as string },
    ]);
    const broken = await app.sync(settings('Broken', 'syncline.dev/timeout: 3s'), { deps });
    const place = `ConfigMap default/argocd-cm, key ${CHECKS}ConfigMap, line 3`;
    expect(failuresOf(broken.health)).toMatchObject([
      { type: 'WaveTimedOut', message: expect.stringContaining(place) as string },
    ]);
    expect(JSON.stringify(broken.runtime.heartbeats)).toContain(place);
    expect(warnings).toEqual([]);
  });
});
