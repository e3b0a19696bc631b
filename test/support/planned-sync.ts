import { createHash } from 'node:crypto';
import { storedPlanOf } from '../../activities/plan/stored-plan.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import type { BundleStore } from '../../bundles/bundle-store.ts';
import { PLAIN_APPLY } from '../../core/apply/write-mode.ts';
import { hasHealthRule } from '../../core/health/rules.ts';
import { encodeBundle } from '../../core/manifests/bundle.ts';
import { parseManifests } from '../../core/manifests/parse.ts';
import { recordName } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { buildPlan } from '../../core/plan/build.ts';
import type { SyncRecord } from '../../core/record/record.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { SyncScope } from '../../workflows/activities.ts';
import { createPathFinder } from '../../threads/jq/path-finder.ts';

/** The run that holds the record of a planned sync. */
export const RUN = 'run-1';

/** A sync of application `shop` that is planned and claimed, on a cluster that answers as the test says. */
export interface PlannedSync {
  readonly scope: SyncScope;
  readonly deps: ActivityDependencies;
  /** Puts the record into other hands. */
  takeOver(): void;
}

/** A store in memory. Counts what is read. */
export function memoryStore(): BundleStore & { readonly reads: string[] } {
  const stored = new Map<string, Uint8Array>();
  const reads: string[] = [];
  const store: ReturnType<typeof memoryStore> = {
    reads,
    description: 'memory',
    async put(bytes) {
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      stored.set(digest, bytes);
      return digest;
    },
    async get(digest) {
      reads.push(digest);
      return stored.get(digest) ?? Promise.reject(new Error(`no ${digest}`));
    },
    has: async (digest) => stored.has(digest),
    refer: async () => undefined,
    reference: async () => undefined,
    references: async () => [],
    release: async () => undefined,
    releaseUnchanged: async () => false,
    collect: async () => 0,
    ownedBy: () => store,
  };
  return store;
}

/** A cluster whose every operation but the given ones fails the test. */
export function scriptedCluster(script: Partial<Cluster>): Cluster {
  const unscripted = (name: string) => () => Promise.reject(new Error(`${name} was not expected`));
  return {
    name: 'scripted',
    server: 'https://scripted',
    servedKind: unscripted('servedKind'),
    capabilities: unscripted('capabilities'),
    get: unscripted('get'),
    list: unscripted('list'),
    create: unscripted('create'),
    replace: unscripted('replace'),
    apply: unscripted('apply'),
    patch: unscripted('patch'),
    delete: unscripted('delete'),
    logs: unscripted('logs'),
    view: unscripted('view'),
    close: async () => undefined,
    ...script,
  };
}

/** Plans manifests without a cluster and lets run `RUN` hold the record; other reads and all writes are the script's. */
export async function plannedSync(yaml: string, script: Partial<Cluster>): Promise<PlannedSync> {
  const { manifests } = parseManifests([{ file: 'app.yaml', text: yaml }], { namespace: 'shop' });
  const bundles = memoryStore();
  const signal = new AbortController().signal;
  const digest = await bundles.put(new TextEncoder().encode(encodeBundle(manifests)), signal);
  const { plan } = buildPlan(manifests, { namespace: 'shop', lenient: false, hasVerdict: hasHealthRule });
  const bundle = { manifests, redact: (text: string) => text };
  const stored = storedPlanOf(plan, {
    bundle,
    digest,
    unchanged: new Set(),
    modes: { modeOf: () => PLAIN_APPLY },
    outOfSyncOnly: false,
    warnings: [],
    nameOf: (step) => step.name ?? 'x',
  });
  const planDigest = await bundles.put(new TextEncoder().encode(JSON.stringify(stored)), signal);
  let record = recordHeldBy(RUN);
  const cluster = scriptedCluster({
    ...script,
    get: async (ref, until) =>
      ref.kind === 'ConfigMap' && ref.name === recordName('shop')
        ? recordObject(record)
        : (script.get?.(ref, until) ?? Promise.reject(new Error(`get of ${ref.kind} ${ref.name} was not expected`))),
  });
  return {
    scope: {
      request: {
        version: 1,
        syncId: 's1',
        application: 'shop',
        cluster: 'scripted',
        namespace: 'shop',
        createNamespace: false,
        bundle: digest,
        revision: 'abc1234',
        requestedBy: 'test',
        requestedAt: 0,
        indexed: false,
        options: DEFAULT_SYNC_OPTIONS,
      },
      plan: planDigest,
      epoch: 1,
      rootRun: RUN,
    },
    deps: { cluster: async () => cluster, bundles, paths: createPathFinder(), temporal: { id: 't', name: 't' } },
    takeOver: () => (record = { ...recordHeldBy('run-2'), epoch: 2 }),
  };
}

function recordHeldBy(run: string): SyncRecord {
  const holder = { syncId: 's1', temporal: 't', temporalName: 't', rootRun: run, run };
  const lastClaim = { temporal: 't', at: 0 };
  return { version: 1, application: 'shop', epoch: 1, number: 1, holder, syncId: 's1', lastClaim, ledger: {} };
}

function recordObject(record: SyncRecord): KubernetesObject {
  const metadata = { name: recordName('shop'), namespace: 'shop', resourceVersion: '1', uid: 'r' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { record: JSON.stringify(record) } };
}
