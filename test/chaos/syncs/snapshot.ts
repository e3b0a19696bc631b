import type { JsonObject } from '../../../core/json.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../../../core/json.ts';
import { hookVerdict } from '../../../core/health/hook-verdict.ts';
import { isGated } from '../../../core/hooks/gated-object.ts';
import { SYNC_LABEL } from '../../../core/markers.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { until } from '../../e2e/support/waiting.ts';
import type { LeftObject } from '../invariants.ts';
import { differences } from '../invariants.ts';
import type { Snapshot } from '../trace/sync-trace.ts';

const KINDS = [
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'v1', kind: 'Pod' },
] as const;

/** How long a state may take to settle once a sync has ended (TTLs, garbage collection), ms. */
const SETTLE_MS = 30_000;

/** What is in a namespace, without what Kubernetes and Syncline keep there for themselves. */
async function objectsIn(cluster: Cluster, namespace: string): Promise<readonly KubernetesObject[]> {
  const lists = await until(
    `objects of ${namespace}`,
    () =>
      Promise.all(KINDS.map((kind) => cluster.list({ ...kind, namespace }, AbortSignal.timeout(10_000)))).catch(
        () => undefined,
      ),
    120_000,
  );
  return lists.flat().filter((object) => {
    const name = nameOf(object);
    const isOwned = object['kind'] === 'Pod' && arrayAt(object, 'metadata', 'ownerReferences').length > 0;
    return !isOwned && name !== 'kube-root-ca.crt';
  });
}

function nameOf(object: KubernetesObject): string {
  return stringAt(object, 'metadata', 'name') ?? '';
}

const isRecord = (object: KubernetesObject): boolean => nameOf(object).startsWith('syncline.');

/** Waits until nothing in a namespace is about to go away, and answers what is there, in a form that two runs have in common. */
export async function settledState(cluster: Cluster, namespace: string): Promise<Snapshot> {
  let last: Snapshot = {};
  await until(
    `a settled state of ${namespace}`,
    async () => {
      const objects = (await objectsIn(cluster, namespace)).filter((object) => !isRecord(object));
      const before = last;
      last = snapshotOf(objects);
      return (!objects.some(isLeaving) && differences(before, last).length === 0) || undefined;
    },
    SETTLE_MS,
  ).catch(() => undefined);
  return last;
}

/** Waits until a namespace looks as it should, for as long as that may take; answers how it looks in the end. */
export async function stateLike(cluster: Cluster, namespace: string, wanted: Snapshot): Promise<Snapshot> {
  let last: Snapshot = {};
  await until(
    `${namespace} looks as undisturbed`,
    async () => {
      last = snapshotOf((await objectsIn(cluster, namespace)).filter((object) => !isRecord(object)));
      return differences(wanted, last).length === 0 || undefined;
    },
    SETTLE_MS,
  ).catch(() => undefined);
  return last;
}

function isLeaving(object: KubernetesObject): boolean {
  const isTimed = objectAt(object, 'spec')?.['ttlSecondsAfterFinished'] !== undefined;
  return stringAt(object, 'metadata', 'deletionTimestamp') !== undefined || isTimed;
}

function snapshotOf(objects: readonly KubernetesObject[]): Snapshot {
  return Object.fromEntries(
    objects.map((object) => [`${stringAt(object, 'kind') ?? ''}/${nameOf(object)}`, JSON.stringify(essence(object))]),
  );
}

/** What the manifest says and what became of it. */
function essence(object: KubernetesObject): JsonObject {
  const spec = objectAt(object, 'spec') ?? {};
  switch (object['kind']) {
    case 'Deployment':
      return { replicas: spec['replicas'], available: numberAt(object, 'status', 'availableReplicas') };
    case 'Service':
      return { selector: spec['selector'], ports: arrayAt(spec, 'ports').map((port) => numberAt(port, 'port') ?? 0) };
    case 'Job':
      return { ended: hookVerdict(object).kind, gated: isGated(object), ttl: spec['ttlSecondsAfterFinished'] };
    case 'Pod':
      return { ended: hookVerdict(object).kind, gated: isGated(object) };
    default:
      return { data: object['data'] };
  }
}

/** What of an application is there that may be left over. */
export async function leftObjects(cluster: Cluster, namespace: string): Promise<readonly LeftObject[]> {
  return (await objectsIn(cluster, namespace)).map((object) => {
    const isHook = stringAt(object, 'metadata', 'labels', SYNC_LABEL) !== undefined;
    const runs = (object['kind'] === 'Job' || object['kind'] === 'Pod') && hookVerdict(object).kind === 'running';
    const holder = isRecord(object) ? holderIn(object) : undefined;
    return {
      title: `${stringAt(object, 'kind') ?? ''} ${namespace}/${nameOf(object)}`,
      gated: isGated(object),
      unfinished: isHook && runs,
      ...(holder === undefined ? {} : { holder }),
    };
  });
}

function holderIn(object: KubernetesObject): string | undefined {
  const text = stringAt(object, 'data', 'record');
  if (text === undefined) return undefined;
  const { holder } = JSON.parse(text) as { readonly holder: { readonly run: string } | null };
  return holder?.run;
}
