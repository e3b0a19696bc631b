import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { runHook, startHook } from '../../activities/hooks/run-hook.ts';
import { settleHooks } from '../../activities/hooks/settle-hooks.ts';
import { stopHooks } from '../../activities/hooks/stop-hooks.ts';
import { claimRecord } from '../../activities/record/claim-record.ts';
import { openRecord } from '../../activities/record/record-store.ts';
import type { ApplicationSyncOptions } from '../../core/annotations/sync-options.ts';
import { isGated } from '../../core/hooks/gated-object.ts';
import { encodeBundle } from '../../core/manifests/bundle.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { refOf } from '../../core/objects.ts';
import type { DeletePolicy } from '../../core/phases.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import type { CompactHook } from '../../core/sync/compact-plan.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../core/sync/request.ts';
import type { StoredHook, StoredPlan } from '../../core/sync/stored-plan.ts';
import type {
  ClaimAnswer,
  HookAnswer,
  HookInput,
  SettleAnswer,
  StartAnswer,
  SyncScope,
} from '../../workflows/activities.ts';
import type { Interception } from '../fakes/interception.ts';
import { intercepted } from '../fakes/interception.ts';
import type { MemoryStore } from '../fakes/memory-store.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import type { ModelCluster } from '../fakes/model-cluster.ts';
import { modelCluster } from '../fakes/model-cluster.ts';
import type { TestRuntime } from './runtime.ts';
import { activityRuntime } from './runtime.ts';
import { createPathFinder } from '../../threads/jq/path-finder.ts';

/** The hook of a lab. */
export interface LabHook {
  readonly manifest?: KubernetesObject;
  readonly deletePolicies?: readonly DeletePolicy[];
  readonly deadlineMs?: number;
  readonly runsToCompletion?: boolean;
  readonly settlesAtOnce?: boolean;
}

/** Which attempt of which run acts, and what stands in its way. */
export interface Actor {
  readonly run?: string;
  readonly syncId?: string;
  readonly temporal?: string;
  readonly takeOver?: boolean;
  readonly syncOptions?: ApplicationSyncOptions;
  readonly stuckPodGraceMs?: number;
  readonly ask?: number;
  readonly runtime?: TestRuntime;
  readonly through?: Interception;
}

/** One hook of one application over a model of the cluster: the real activities, and what they left behind. */
export interface HookLab {
  readonly cluster: ModelCluster;
  readonly store: MemoryStore;
  readonly hook: CompactHook;
  /** Claims the record as the root and then as the phase of a run; later calls act under its epoch. */
  claim(actor?: Actor): Promise<ClaimAnswer>;
  /** Claims as a phase alone. */
  claimPhase(actor?: Actor): Promise<ClaimAnswer>;
  start(actor?: Actor): Promise<StartAnswer>;
  run(actor?: Actor): Promise<HookAnswer>;
  settle(actor?: Actor): Promise<SettleAnswer>;
  stop(actor?: Actor): Promise<SettleAnswer>;
  /** The scope an actor works under: the epoch of its run's last claim. */
  scope(actor?: Actor): SyncScope;
  dependencies(actor?: Actor): ActivityDependencies;
  runtime(actor?: Actor): TestRuntime;
  ledger(): Promise<readonly LedgerEntry[]>;
  /** UIDs that began to run under the hook's name. */
  releases(): readonly string[];
  gated(): readonly KubernetesObject[];
}

/** The Job of the examples. */
export function migration(spec: KubernetesObject = {}, metadata: KubernetesObject = {}): KubernetesObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'db-migrate', namespace: 'shop', ...metadata },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'migrate' }] } }, ...spec },
  };
}

/** A Secret whose value must not get into evidence. */
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'shop' },
  stringData: { password: 'hunter2-hunter2' },
};

/** Builds a lab whose hook is not yet run and whose record is not yet claimed. */
export async function hookLab(options: LabHook = {}): Promise<HookLab> {
  const cluster = modelCluster();
  const store = memoryStore();
  cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const manifest = options.manifest ?? migration();
  const step = stepOf(manifest, options);
  const location = { file: 'hook.yaml', line: 1 };
  const bytes = (text: string) => new TextEncoder().encode(text);
  const signal = new AbortController().signal;
  const objects = [manifest, SECRET].map((object) => ({ object, location }));
  const bundle = await store.put(bytes(encodeBundle(objects)), signal);
  const plan: StoredPlan = {
    version: 1,
    bundle,
    phases: [{ phase: 'PreSync', waves: [{ wave: 0, segments: [{ kind: 'hooks', steps: [step] }] }] }],
    skipped: [],
    warnings: [],
  };
  const planDigest = await store.put(bytes(JSON.stringify(plan)), signal);
  const epochs = new Map<string, number>();

  const request = ({ syncId = 's1', takeOver = false, syncOptions = {}, stuckPodGraceMs }: Actor): SyncRequest => ({
    version: 1,
    syncId,
    application: 'shop',
    cluster: 'model',
    namespace: 'shop',
    createNamespace: false,
    bundle,
    revision: 'abc1234',
    requestedBy: 'test',
    requestedAt: cluster.now(),
    indexed: false,
    options: {
      ...DEFAULT_SYNC_OPTIONS,
      takeOver,
      syncOptions,
      ...(stuckPodGraceMs === undefined ? {} : { stuckPodGraceMs }),
    },
  });
  const hookInput = (actor: Actor): HookInput => ({
    scope: lab.scope(actor),
    hook: lab.hook,
    phase: 'PreSync',
    wave: 0,
    ask: actor.ask ?? 1,
  });
  const lab: HookLab = {
    cluster,
    store,
    hook: compactOf(step),
    async claim(actor = {}) {
      const root = `root-${runOf(actor)}`;
      const input = { request: request(actor), plan: planDigest, rootRun: root } as const;
      const runtime = lab.runtime({ ...actor, run: root });
      const claimed = await claimRecord({ ...input, claimant: 'root' }, runtime, lab.dependencies(actor));
      return claimed.kind === 'failed' ? claimed : lab.claimPhase(actor);
    },
    async claimPhase(actor = {}) {
      const input = { request: request(actor), plan: planDigest, rootRun: `root-${runOf(actor)}` } as const;
      const deps = lab.dependencies(actor);
      const answer = await claimRecord({ ...input, claimant: 'phase' }, lab.runtime(actor), deps);
      if (answer.kind === 'claimed') epochs.set(runOf(actor), answer.epoch);
      return answer;
    },
    scope: (actor = {}) => ({
      request: request(actor),
      plan: planDigest,
      epoch: epochs.get(runOf(actor)) ?? 0,
      rootRun: `root-${runOf(actor)}`,
    }),
    dependencies: (actor = {}) => dependenciesOf(cluster, store, actor),
    runtime: (actor = {}) => actor.runtime ?? activityRuntime({ run: runOf(actor), now: () => cluster.now() }),
    start: (actor = {}) => startHook(hookInput(actor), lab.runtime(actor), lab.dependencies(actor)),
    run: (actor = {}) => runHook(hookInput(actor), lab.runtime(actor), lab.dependencies(actor)),
    settle: (actor = {}) =>
      settleHooks(
        { scope: lab.scope(actor), phase: 'PreSync', hooks: [lab.hook] },
        lab.runtime(actor),
        lab.dependencies(actor),
      ),
    stop: (actor = {}) =>
      stopHooks(
        { scope: lab.scope(actor), phase: 'PreSync', hooks: [lab.hook] },
        lab.runtime(actor),
        lab.dependencies(actor),
      ),
    async ledger() {
      const record = await openRecord(cluster, { application: 'shop', namespace: 'shop' }).read(signal);
      return record?.ledger[step.id] ?? [];
    },
    releases: () => cluster.starts.filter(({ name }) => name.startsWith(step.name)).map(({ uid }) => uid),
    gated: () => cluster.objects().filter(isGated),
  };
  return lab;
}

function runOf({ run = 'run-1' }: Actor): string {
  return run;
}

function dependenciesOf(cluster: ModelCluster, store: MemoryStore, actor: Actor): ActivityDependencies {
  const by = actor.through ?? {};
  const id = actor.temporal ?? 'temporal-1';
  return {
    cluster: () => Promise.resolve(intercepted(cluster, 'cluster', by)),
    bundles: intercepted(store, 'store', by),
    paths: createPathFinder(),
    temporal: { id, name: `default at ${id}` },
  };
}

function stepOf(manifest: KubernetesObject, options: LabHook): StoredHook {
  const ref = refOf(manifest);
  const settlesAtOnce = options.settlesAtOnce ?? false;
  return {
    ...ref,
    name: ref.name === '' ? 'db-migrate-abc1234-presync-s1-1' : ref.name,
    id: `PreSync/${ref.kind}/shop/${ref.name}`,
    action: 'hook',
    phase: 'PreSync',
    wave: 0,
    manifest: 0,
    deadlineMs: options.deadlineMs ?? 60_000,
    deletePolicies: options.deletePolicies ?? ['BeforeHookCreation'],
    runsToCompletion: options.runsToCompletion ?? true,
    settlesAtOnce,
    guarantee: ref.kind === 'Job' || ref.kind === 'Pod' ? 'exactly-once' : 'at-least-once',
  };
}

function compactOf(step: StoredHook): CompactHook {
  const { id, deadlineMs, deletePolicies, runsToCompletion, settlesAtOnce, guarantee, apiVersion, kind, name } = step;
  const ref = { apiVersion, kind, namespace: 'shop', name };
  return { id, ref, deadlineMs, deletePolicies, runsToCompletion, settlesAtOnce, guarantee };
}
