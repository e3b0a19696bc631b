import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { applySegment } from '../../activities/apply/apply-segment.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { finishSync } from '../../activities/finish/finish-sync.ts';
import { awaitHealthy } from '../../activities/health/await-healthy.ts';
import { planSync } from '../../activities/plan/plan-sync.ts';
import { claimRecord } from '../../activities/record/claim-record.ts';
import { fileStore } from '../../bundles/file-store.ts';
import { pathText } from '../../core/diff/field-path.ts';
import type { SyncDiff } from '../../core/diff/sync-diff.ts';
import type { Failure } from '../../core/failures.ts';
import type { JsonObject } from '../../core/json.ts';
import { encodeBundle } from '../../core/manifests/bundle.ts';
import { parseManifests } from '../../core/manifests/parse.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { titleOf } from '../../core/objects.ts';
import type { CompactPlan, CompactWave } from '../../core/sync/compact-plan.ts';
import type { SyncOptions, SyncRequest } from '../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../core/sync/request.ts';
import type { ImpersonatingCluster } from '../../kubernetes/api-cluster.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { loadCluster } from '../../kubernetes/kubeconfig.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { FinishAnswer, HealthAnswer, SegmentAnswer, SyncScope } from '../../workflows/activities.ts';
import { until } from '../e2e/support/waiting.ts';
import { untilGranted } from './authorization.ts';
import type { TestRuntime } from './runtime.ts';
import { activityRuntime } from './runtime.ts';
import { createPathFinder } from '../../threads/jq/path-finder.ts';

/** A sandbox with a real API server, and the activities bound to it. */
export interface ActivityLab {
  readonly sandbox: Sandbox;
  /** The user `admin`, whom the audit log tells apart from Syncline. */
  readonly admin: Cluster;
  /** The user `syncline`. */
  readonly cluster: Cluster;
  readonly deps: ActivityDependencies;
  /** Makes a namespace and an application in it. */
  application(name: string, namespace?: string): Promise<LabApplication>;
  /** An application of a namespace that does not exist (yet). */
  at(name: string): LabApplication;
  /** The client of a new service account that is allowed only what the rules say. */
  restricted(namespace: string, rules: readonly JsonObject[]): Promise<ImpersonatingCluster>;
  /** Puts a changed object in the place of a live one as a field manager, again and again while controllers write to it. */
  edit(ref: ObjectRef, fieldManager: string, change: (live: KubernetesObject) => KubernetesObject): Promise<void>;
  /** Writes to objects that the user `syncline` made, as `verb resource/name`, since the mark. */
  writesSince(mark: number): Promise<readonly string[]>;
  /** All requests that the user `syncline` made since the mark. */
  requestsSince(mark: number): Promise<readonly LabRequest[]>;
  /** Where the audit log ends now. */
  mark(): Promise<number>;
  close(): Promise<void>;
}

/** A request as the audit log has it. */
export interface LabRequest {
  readonly verb: string;
  readonly uri: string;
  /** Of the object; empty for lists. */
  readonly name: string;
}

/** How one sync is asked for. */
export interface Ask {
  readonly options?: Partial<SyncOptions>;
  readonly createNamespace?: boolean;
  readonly deps?: ActivityDependencies;
}

/** What a whole sync came to. */
export interface LabSync {
  readonly plan: CompactPlan;
  readonly scope: SyncScope;
  readonly runtime: TestRuntime;
  readonly segments: readonly SegmentAnswer[];
  readonly health: readonly HealthAnswer[];
  readonly finish: FinishAnswer;
}

/** One application of a lab. */
export interface LabApplication {
  readonly name: string;
  readonly namespace: string;
  request(yaml: string, ask?: Ask): Promise<SyncRequest>;
  /** Plans a sync; throws where planning fails. */
  plan(yaml: string, ask?: Ask): Promise<CompactPlan>;
  /** The fields that a sync would change, by the object's kind and name; throws where planning fails. */
  changedFields(yaml: string, ask?: Ask): Promise<Readonly<Record<string, readonly string[]>>>;
  /** The failures of planning; throws where it succeeds. */
  refused(yaml: string, ask?: Ask): Promise<readonly Failure[]>;
  /** Plans and claims, so that segments can be applied one by one. */
  begin(yaml: string, ask?: Ask): Promise<{ plan: CompactPlan; scope: SyncScope; runtime: TestRuntime }>;
  /** Plans, claims, applies and awaits wave after wave (hooks are left out), and finishes. */
  sync(yaml: string, ask?: Ask): Promise<LabSync>;
}

/** Starts a lab; `close` it when the tests are over. */
export async function openActivityLab(): Promise<ActivityLab> {
  const sandbox = await startSandbox({ temporal: false });
  const folder = await mkdtemp(join(tmpdir(), 'syncline-activities-'));
  const admin = await loadCluster({ name: 'sandbox', kubeconfigPath: sandbox.kubeconfigs.admin });
  const cluster = await loadCluster({ name: 'sandbox', kubeconfigPath: sandbox.kubeconfigs.syncline });
  const clusters = [admin, cluster];
  const deps = dependencies(cluster, folder);
  const signal = new AbortController().signal;
  return {
    sandbox,
    admin,
    cluster,
    deps,
    async application(name, namespace = name) {
      await admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
      return labApplication(deps, name, namespace);
    },
    at: (name) => labApplication(deps, name, name),
    async restricted(namespace, rules) {
      const kubeconfig = await restrictedKubeconfig(sandbox, admin, namespace, rules);
      const path = join(folder, `restricted-${clusters.length}.kubeconfig`);
      await writeFile(path, kubeconfig);
      const client = await loadCluster({ name: 'sandbox', kubeconfigPath: path });
      clusters.push(client);
      return client;
    },
    edit: async (ref, fieldManager, change) => {
      await until(`${titleOf(ref)} is edited by ${fieldManager}`, async () => {
        const live = (await admin.get(ref, signal)) ?? {};
        return admin.replace(change(live), { fieldManager }, signal);
      });
    },
    writesSince: async (mark) => writesIn((await auditLog(sandbox)).slice(mark)),
    requestsSince: async (mark) => requestsIn((await auditLog(sandbox)).slice(mark)),
    mark: async () => (await auditLog(sandbox)).length,
    async close() {
      await Promise.all(clusters.map((client) => client.close()));
      await sandbox.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** What activities stand on, with this cluster and a store in a folder of its own. */
export function dependencies(cluster: Cluster, folder: string): ActivityDependencies {
  return {
    cluster: async () => cluster,
    bundles: fileStore(join(folder, 'bundles')),
    paths: createPathFinder(),
    temporal: { id: 'lab', name: 'lab' },
  };
}

let syncs = 0;

/** An application over a cluster, with all activities but those of hooks. */
export function labApplication(labDeps: ActivityDependencies, name: string, namespace: string): LabApplication {
  const signal = new AbortController().signal;
  const app: LabApplication = {
    name,
    namespace,
    async request(yaml, ask = {}) {
      const { manifests, failures } = parseManifests([{ file: 'app.yaml', text: yaml }], { namespace });
      if (yaml !== '' && failures.length > 0) throw new Error(JSON.stringify(failures));
      const text = encodeBundle(manifests);
      const bundle = await (ask.deps ?? labDeps).bundles.put(new TextEncoder().encode(text), signal);
      syncs += 1;
      return {
        version: 1,
        syncId: `s${String(syncs)}`,
        application: name,
        cluster: 'sandbox',
        namespace,
        createNamespace: ask.createNamespace ?? false,
        bundle,
        revision: 'abc1234',
        requestedBy: 'test',
        requestedAt: Date.now(),
        indexed: false,
        options: { ...DEFAULT_SYNC_OPTIONS, ...ask.options },
      };
    },
    async plan(yaml, ask = {}) {
      const answer = await planSync(await app.request(yaml, ask), activityRuntime(), ask.deps ?? labDeps);
      if (answer.kind === 'failed') throw new Error(JSON.stringify(answer.failures, null, 2));
      return answer.plan;
    },
    async changedFields(yaml, ask = {}) {
      const { diff } = await app.plan(yaml, { ...ask, options: { ...ask.options, dryRun: true } });
      const stored = await (ask.deps ?? labDeps).bundles.get(diff?.digest ?? '', signal);
      const { objects } = JSON.parse(new TextDecoder().decode(stored)) as SyncDiff;
      const changed = objects.flatMap((object) => (object.kind === 'changed' ? [object] : []));
      return Object.fromEntries(
        changed.map(({ ref, changes }) => [titleOf(ref), changes.map(({ path }) => pathText(path))]),
      );
    },
    async refused(yaml, ask = {}) {
      const answer = await planSync(await app.request(yaml, ask), activityRuntime(), ask.deps ?? labDeps);
      if (answer.kind === 'planned') throw new Error('the plan was expected to fail');
      return answer.failures;
    },
    async begin(yaml, ask = {}) {
      const deps = ask.deps ?? labDeps;
      const request = await app.request(yaml, ask);
      const runtime = activityRuntime({ run: `run-${request.syncId}` });
      const planned = await planSync(request, runtime, deps);
      if (planned.kind === 'failed') throw new Error(JSON.stringify(planned.failures, null, 2));
      const { plan } = planned;
      const input = { request, plan: plan.digest, rootRun: runtime.run, claimant: 'root' } as const;
      const claimed = await claimRecord(input, runtime, deps);
      if (claimed.kind === 'failed') throw new Error(JSON.stringify(claimed.failures, null, 2));
      return { plan, runtime, scope: { request, plan: plan.digest, epoch: claimed.epoch, rootRun: runtime.run } };
    },
    async sync(yaml, ask = {}) {
      const deps = ask.deps ?? labDeps;
      const { plan, scope, runtime } = await app.begin(yaml, ask);
      const segments: SegmentAnswer[] = [];
      const health: HealthAnswer[] = [];
      for (const { phase, waves } of plan.phases) {
        if (phase === 'SyncFail') continue;
        for (const wave of waves) {
          for (const segment of batchesOf(wave)) {
            segments.push(await applySegment({ scope, phase, wave: wave.wave, segment }, runtime, deps));
          }
          if (!wave.awaits || segments.at(-1)?.kind !== 'done') continue;
          const { deadlineMs } = wave;
          health.push(await awaitHealthy({ scope, phase, wave: wave.wave, deadlineMs }, runtime, deps));
        }
      }
      const failed = [...segments, ...health].some(({ kind }) => kind !== 'done' && kind !== 'healthy');
      const outcome = failed ? 'Failed' : 'Succeeded';
      const finish = await finishSync({ scope, outcome, hooks: [], verify: !failed }, runtime, deps);
      return { plan, scope, runtime, segments, health, finish };
    },
  };
  return app;
}

function batchesOf(wave: CompactWave): readonly number[] {
  return wave.segments.flatMap(({ kind }, index) => (kind === 'prune' || kind === 'apply' ? [index] : []));
}

/** What the audit log has so far, whole lines: others may be writing one. An answer comes after its request's line. */
async function auditLog({ auditLogPath }: Sandbox): Promise<string> {
  const log = await readFile(auditLogPath, 'utf8');
  return log.slice(0, log.lastIndexOf('\n') + 1);
}

function eventsIn(log: string): readonly AuditEvent[] {
  const lines = log.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as AuditEvent).filter(({ user }) => user.username === 'syncline');
}

function requestsIn(log: string): readonly LabRequest[] {
  return eventsIn(log).map(({ verb, requestURI, objectRef }) => ({
    verb,
    uri: requestURI,
    name: objectRef?.name ?? '',
  }));
}

function writesIn(log: string): readonly string[] {
  return eventsIn(log)
    .filter(({ verb }) => WRITES.has(verb))
    .filter(({ requestURI }) => !requestURI.includes('dryRun=All'))
    .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource ?? ''}/${objectRef?.name ?? ''}`);
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete']);

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly name?: string };
}

async function restrictedKubeconfig(
  sandbox: Sandbox,
  admin: Cluster,
  namespace: string,
  rules: readonly JsonObject[],
): Promise<string> {
  const signal = new AbortController().signal;
  const metadata = { name: 'restricted', namespace };
  const rbac = 'rbac.authorization.k8s.io';
  await admin.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, {}, signal);
  const role = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: `restricted-${namespace}` }, rules };
  await admin.create(role, {}, signal);
  const binding = {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: `restricted-${namespace}` },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: `restricted-${namespace}` },
    subjects: [{ kind: 'ServiceAccount', name: 'restricted', namespace }],
  };
  await admin.create(binding, {}, signal);
  await untilGranted(admin, { user: `system:serviceaccount:${namespace}:restricted` }, namespace, rules);
  const config = parse(await readFile(sandbox.kubeconfigs.admin, 'utf8')) as Kubeconfig;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/restricted/token`;
  const token = await requestToken(config, path);
  const [user] = config.users;
  return stringify({ ...config, users: [{ ...user, user: { token } }] });
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

async function requestToken(config: Kubeconfig, path: string): Promise<string> {
  const cluster = config.clusters[0]!.cluster;
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
  const answer = await new Promise<string>((resolve, reject) => {
    const options = {
      method: 'POST',
      ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
      headers: { authorization: `Bearer ${config.users[0]!.user.token}`, 'content-type': 'application/json' },
    };
    const request = httpsRequest(new URL(path, cluster.server), options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.end(body);
  });
  return (JSON.parse(answer) as { status: { token: string } }).status.token;
}
