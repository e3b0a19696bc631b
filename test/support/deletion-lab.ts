import { applySegment } from '../../activities/apply/apply-segment.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { finishSync } from '../../activities/finish/finish-sync.ts';
import { awaitHealthy } from '../../activities/health/await-healthy.ts';
import { runHook } from '../../activities/hooks/run-hook.ts';
import { settleHooks } from '../../activities/hooks/settle-hooks.ts';
import { planSync } from '../../activities/plan/plan-sync.ts';
import { claimRecord } from '../../activities/record/claim-record.ts';
import { openRecord } from '../../activities/record/record-store.ts';
import type { Failure } from '../../core/failures.ts';
import type { SyncRecord } from '../../core/record/record.ts';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import type { DeletionOptions, SyncOptions } from '../../core/sync/request.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { ClaimAnswer, FinishAnswer, SyncScope } from '../../workflows/activities.ts';
import type { Interception } from '../fakes/interception.ts';
import { intercepted } from '../fakes/interception.ts';
import type { MemoryStore } from '../fakes/memory-store.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import type { ModelCluster } from '../fakes/model-cluster.ts';
import { modelCluster } from '../fakes/model-cluster.ts';
import type { LabApplication } from './activity-lab.ts';
import { labApplication } from './activity-lab.ts';
import { activityRuntime } from './runtime.ts';
import { createPathFinder } from '../../threads/jq/path-finder.ts';

/** How one deletion is asked for. */
export interface DeletionAsk extends Partial<DeletionOptions> {
  readonly syncId?: string;
  readonly options?: Partial<SyncOptions>;
  /** The manifests whose hooks run, where they are not those of the last sync. */
  readonly yaml?: string;
}

/** A planned and claimed deletion. */
export interface Begun {
  readonly plan: CompactPlan;
  readonly scope: SyncScope;
}

/** An application over a model of the cluster, to be deleted by the real activities. */
export interface DeletionLab {
  readonly cluster: ModelCluster;
  readonly store: MemoryStore;
  readonly app: LabApplication;
  /** The failures of planning, or the plan. */
  plan(ask?: DeletionAsk): Promise<CompactPlan | readonly Failure[]>;
  begin(ask?: DeletionAsk): Promise<Begun>;
  /** Claims for a deletion that was planned before, as a late attempt of its claim does. */
  claim(begun: Begun): Promise<ClaimAnswer>;
  /** Carries out the phases of a plan: hooks one by one, deletions, and the wait until they are gone. Answers what failed. */
  phases(begun: Begun, through?: Interception): Promise<readonly Failure[]>;
  finish(begun: Begun, outcome?: 'Succeeded' | 'Failed', through?: Interception): Promise<FinishAnswer>;
  /** Plans, claims, carries out and finishes. */
  delete(ask?: DeletionAsk): Promise<FinishAnswer>;
  record(): Promise<SyncRecord | undefined>;
  /** Lets the record name a bundle that the store does not have. */
  loseBundle(): Promise<void>;
}

const signal = new AbortController().signal;

/** Builds a lab whose application `shop` has synced these manifests. */
export async function deletionLab(yaml: string, change: Partial<Cluster> = {}): Promise<DeletionLab> {
  const cluster = modelCluster();
  const store = memoryStore();
  cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const reached: Cluster = { ...cluster, ...change };
  const deps = (through: Interception = {}): ActivityDependencies => ({
    cluster: () => Promise.resolve(intercepted(reached, 'cluster', through)),
    bundles: store,
    paths: createPathFinder(),
    temporal: { id: 't', name: 't' },
  });
  const app = labApplication(deps(), 'shop', 'shop');
  await app.sync(yaml, { options: { validate: false } });
  const runtimeOf = (scope: SyncScope) => activityRuntime({ run: scope.rootRun, now: () => cluster.now() });
  let asked = 0;

  const lab: DeletionLab = {
    cluster,
    store,
    app,
    async plan(ask = {}) {
      const answer = await planSync(await requestOf(ask), activityRuntime(), deps());
      return answer.kind === 'failed' ? answer.failures : answer.plan;
    },
    async begin(ask = {}) {
      const request = await requestOf(ask);
      const runtime = activityRuntime({ run: `run-${request.syncId}` });
      const planned = await planSync(request, runtime, deps());
      if (planned.kind === 'failed') throw new Error(JSON.stringify(planned.failures, null, 2));
      const input = { request, plan: planned.plan.digest, rootRun: runtime.run, claimant: 'root' } as const;
      const claimed = await claimRecord(input, runtime, deps());
      if (claimed.kind === 'failed') throw new Error(JSON.stringify(claimed.failures, null, 2));
      const scope = { request, plan: planned.plan.digest, epoch: claimed.epoch, rootRun: runtime.run };
      return { plan: planned.plan, scope };
    },
    claim({ scope: { request, plan, rootRun } }) {
      const input = { request, plan, rootRun, claimant: 'root' } as const;
      return claimRecord(input, activityRuntime({ run: rootRun }), deps());
    },
    async phases({ plan, scope }, through) {
      for (const { phase, waves } of plan.phases) {
        for (const { wave, segments, awaits, deadlineMs } of waves) {
          const runtime = runtimeOf(scope);
          for (const [segment, content] of segments.entries()) {
            if (content.kind !== 'hooks') {
              const answer = await applySegment({ scope, phase, wave, segment }, runtime, deps(through));
              if (answer.kind !== 'done') return answer.kind === 'failed' ? answer.failures : [FENCED];
              continue;
            }
            for (const hook of content.hooks) {
              const answer = await runHook({ scope, hook, phase, wave, ask: 1 }, runtime, deps(through));
              if (answer.kind === 'failed') return answer.failures;
              if (answer.kind === 'fenced') return [FENCED];
              await settleHooks({ scope, phase, hooks: [hook] }, runtime, deps(through));
              if (answer.verdict.failure !== undefined) return [answer.verdict.failure];
            }
          }
          if (!awaits) continue;
          const answer = await awaitHealthy({ scope, phase, wave, deadlineMs }, runtime, deps(through));
          if (answer.kind !== 'healthy') return answer.kind === 'failed' ? answer.failures : [FENCED];
        }
      }
      return [];
    },
    finish({ scope }, outcome = 'Succeeded', through) {
      const input = { scope, outcome, hooks: [], verify: false, changed: true };
      return finishSync(input, activityRuntime({ run: scope.rootRun }), deps(through));
    },
    async delete(ask) {
      const begun = await lab.begin(ask);
      const failures = await lab.phases(begun);
      return lab.finish(begun, failures.length === 0 ? 'Succeeded' : 'Failed');
    },
    record: () => openRecord(cluster, { application: 'shop', namespace: 'shop' }).read(signal),
    async loseBundle() {
      const record = openRecord(cluster, { application: 'shop', namespace: 'shop' });
      await record.update((known) => known && { ...known, bundle: `sha256:${'0'.repeat(64)}` }, signal);
    },
  };

  async function requestOf({ orphan = false, skipHooks = false, syncId, options = {}, yaml: given }: DeletionAsk) {
    asked += 1;
    const request = await app.request(given ?? yaml, { options: { validate: false, ...options } });
    return {
      ...request,
      syncId: syncId ?? `d${String(asked)}`,
      bundle: given === undefined ? '' : request.bundle,
      deletion: { orphan, skipHooks },
    };
  }
  return lab;
}

const FENCED: Failure = { type: 'Superseded', message: 'fenced' };
