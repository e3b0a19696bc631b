import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import type { IsRunning } from '../../../activities/record/forsaken-hook.ts';
import { sweepCluster } from '../../../activities/record/sweep.ts';
import { stringAt } from '../../../core/json.ts';
import { holderOf, queueIdOf, recordName, workflowIdOf } from '../../../core/markers.ts';
import type { SyncRequest } from '../../../core/sync/request.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { ApiError, ConnectionError } from '../../../kubernetes/errors.ts';
import { queueSyncs } from '../../../workflows/queue-syncs.ts';
import { runPhase } from '../../../workflows/run-phase.ts';
import { syncApplication } from '../../../workflows/sync-application.ts';
import type { ModelApiServer } from '../../fakes/api-server/model-api-server.ts';
import { modelApiServer } from '../../fakes/api-server/model-api-server.ts';
import type { Audit } from '../cluster/audit.ts';
import { auditOf } from '../cluster/audit.ts';
import { startControllers } from '../cluster/controllers.ts';
import { clusterPort } from '../cluster/port.ts';
import type { Fate } from '../engine/call.ts';
import { atOnce, callOf } from '../engine/call.ts';
import { randomOf } from '../engine/random.ts';
import type { Joining } from '../../../core/queue/line.ts';
import type { FinishInput } from '../../../workflows/activities.ts';
import { joinSignal } from '../../../workflows/messages.ts';
import type { Process, Scheduler } from '../engine/scheduler.ts';
import { currentProcess, processOf, schedulerOf } from '../engine/scheduler.ts';
import type { ActivityPool } from '../temporal/activities.ts';
import { activityPool } from '../temporal/activities.ts';
import type { Run } from '../temporal/run.ts';
import type { TemporalServer } from '../temporal/server.ts';
import { temporalServer } from '../temporal/server.ts';
import { performActivity } from './activities.ts';
import type { AwaitInput } from './lock.ts';
import { awaitEnd } from './lock.ts';
import { planAtOnce } from './planning.ts';
import { APPLICATION, NAMESPACE } from '../names.ts';
import { bundleOf, bundleStorePort, configMapRef, requestOf } from './application.ts';
import type { Moments } from './moments.ts';
import { momentsOf, requestNamed, stepsBetween } from './moments.ts';
import type { DisturbanceKind, Schedule, SyncSpec } from './schedule.ts';
import { createPathFinder } from '../../../threads/jq/path-finder.ts';

/** Everything a schedule takes place in. */
export interface World {
  readonly schedule: Schedule;
  readonly scheduler: Scheduler;
  readonly server: ModelApiServer;
  readonly audit: Audit;
  readonly pool: ActivityPool;
  readonly temporals: readonly [TemporalServer, TemporalServer];
  /** What becomes of the next request. */
  nextFate: DisturbanceKind | undefined;
  /** Requests that are refused for a while, by what they are, and until when. */
  readonly outages: { readonly what: string | undefined; readonly until: number }[];
  readonly moments: Moments;
  /** Those that have swept the cluster, or do so. */
  readonly sweepers: readonly Process[];
  /** Asks for a sync; false where one is under way that it does not wait for. */
  start(sync: SyncSpec): boolean;
  /** What puts a request into the line of the application. */
  joining(sync: SyncSpec): Joining;
  /** The syncs that were put into it. */
  readonly joined: ReadonlySet<string>;
  /** The syncs that somebody has asked to be taken out of it. */
  readonly withdrawn: Set<string>;
  /** Who decides next: each decision is another person's. */
  person(): string;
  /** The runs of a sync's root workflow, oldest first. */
  rootsOf(syncId: string): readonly Run[];
  /** Lets the worker of a Temporal sweep the cluster. */
  sweep(temporal: 0 | 1): void;
}

/** When every schedule begins. */
const START = Date.parse('2026-01-01T00:00:00Z');

/** The worker of each Temporal has its own connection to the cluster and its own watches. */
export function worldOf(schedule: Schedule): World {
  const random = randomOf(schedule.seed ^ 0x5bd1e995);
  const scheduler = schedulerOf(random, schedule.temper, START);
  const server = modelApiServer(() => scheduler.now());
  const moments = momentsOf();
  const audit = auditOf({
    now: () => scheduler.now(),
    tell: (moment) => moments.happened(moment, undefined),
    valueOf: (name) => stringAt(server.get(configMapRef(name)), 'data', 'value'),
  });
  server.onChange = ({ object }) => {
    if (stringAt(object, 'metadata', 'name') === recordName(APPLICATION)) audit.recorded(object);
  };
  startControllers(server, scheduler, audit, behavioursOf(schedule));
  let told = 0;
  const call = callOf(scheduler, {
    fateOf: (_, what) => takeFate(what),
    nameOf: requestNamed,
    happened(name, by) {
      moments.happened(name, by);
      const after = audit.records.at(-1);
      if (after === undefined || audit.records.length === told) return;
      told = audit.records.length;
      for (const step of stepsBetween(audit.records.at(-2), after)) moments.happened(step, by);
    },
  });
  const stored = new Map<string, Uint8Array>();
  const bundles = bundleStorePort('workers', call, stored);
  const port = (): Cluster => clusterPort({ server, scheduler, random, call, audit, isTooLate });
  /**
   * What is assumed of a write of a resource: whoever has looked at the fence before it sends it before a newer sync has come
   * from its claim to its last comparison. (Nothing of the kind is assumed of hooks.)
   */
  const isTooLate = (by: Process | undefined): boolean => {
    const looked = by === undefined ? undefined : audit.lastSeenBy(by);
    const now = audit.records.at(-1)?.syncId;
    return looked !== undefined && looked !== now && finishing.has(now ?? '');
  };
  const finishing = new Set<string>();
  const workers = [port(), port()] as const;
  const paths = createPathFinder();
  const dependencies = ([0, 1] as const).map((index): ActivityDependencies => {
    const id = `t${String(index)}`;
    // An attempt may be halted alone, so each has a connection of its own to write its record through.
    return {
      cluster: () => Promise.resolve({ ...workers[index] }),
      bundles,
      paths,
      temporal: { id, name: id },
    };
  });
  const planning: ActivityDependencies = {
    cluster: () =>
      Promise.resolve(clusterPort({ server, scheduler, random, call: atOnce, audit, isTooLate: () => false })),
    bundles: bundleStorePort('planning', atOnce, stored),
    paths,
    temporal: { id: 'planning', name: 'planning' },
  };
  const pool = activityPool(scheduler, (id, type, input, runtime) => {
    if (type === 'planSync' && schedule.plansAtOnce)
      return planAtOnce(input as SyncRequest, runtime, planning, stored, server);
    if (type === 'awaitEnd') return awaitEnd(temporals[id === 't0' ? 0 : 1], input as AwaitInput, runtime, scheduler);
    if (type === 'finishSync') finishing.add((input as FinishInput).scope.request.syncId);
    return performActivity(type, input, runtime, dependencies[id === 't0' ? 0 : 1] as ActivityDependencies);
  });
  const temporal = (id: string): TemporalServer =>
    temporalServer(id, {
      scheduler,
      pool,
      // Nobody is there to be told.
      workflows: { syncApplication, runPhase, queueSyncs, deliverNotification: () => Promise.resolve() },
      taskFailed: (run, error) =>
        audit.faults.push(
          `${run.runId} can't go on: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        ),
    });
  const temporals = [temporal('t0'), temporal('t1')] as const;
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  for (const { digest, bytes } of schedule.syncs.map((sync) => bundleOf(schedule, sync))) stored.set(digest, bytes);

  function takeFate(what: string): Fate {
    if (world.outages.some((outage) => outage.until > scheduler.now() && (outage.what ?? what) === what))
      return { kind: 'refused', error: unavailable };
    const kind = world.nextFate;
    world.nextFate = undefined;
    const connection = (): Error => new ConnectionError('the connection was cut');
    if (kind === 'lose-request') return { kind: 'request-lost', error: connection };
    if (kind === 'lose-answer') return { kind: 'answer-lost', error: connection };
    if (kind === 'refuse') return { kind: 'refused', error: unavailable };
    return FINE;
  }

  const workflowId = workflowIdOf('model', APPLICATION);
  let people = 0;
  const joined = new Set<string>();
  const sweepers: Process[] = [];
  const askedBy = (sync: SyncSpec): SyncRequest => requestOf(sync, bundleOf(schedule, sync).digest, scheduler.now());
  const world: World = {
    schedule,
    scheduler,
    server,
    audit,
    pool,
    temporals,
    nextFate: undefined,
    outages: [],
    moments,
    sweepers,
    start(sync) {
      if (sync.turn.kind === 'now')
        return temporals[sync.server].start('syncApplication', workflowId, askedBy(sync)) !== undefined;
      joined.add(sync.syncId);
      const queue = { version: 1, cluster: 'model', application: APPLICATION };
      const message = { kind: 'signal', name: joinSignal.name, argument: world.joining(sync) } as const;
      temporals[sync.server].signalWithStart('queueSyncs', queueIdOf('model', APPLICATION), queue, message);
      return true;
    },
    joining(sync) {
      const { turn } = sync;
      const within = turn.kind === 'supersede' ? { withinMs: turn.withinMs } : {};
      return { request: askedBy(sync), ifRunning: turn.kind === 'supersede' ? 'supersede' : 'queue', ...within };
    },
    joined,
    withdrawn: new Set(),
    person: () => `p${String((people += 1))}`,
    rootsOf: (syncId) =>
      temporals
        .flatMap(({ runs }) => runs)
        .filter((run) => run.type === 'syncApplication' && (run.input as SyncRequest).syncId === syncId),
    sweep(index) {
      const own = holderOf(`t${String(index)}`, 'model', APPLICATION);
      const isRunning: IsRunning = ({ temporal: of }) =>
        Promise.resolve(of !== own || temporals[index].openRun(workflowId) !== undefined);
      const { signal } = new AbortController();
      const sweeper = processOf(`sweep of t${String(index)}`);
      sweepers.push(sweeper);
      currentProcess.run(sweeper, () => sweepCluster(workers[index], isRunning, signal)).catch(() => undefined);
    },
  };
  return world;
}

const FINE: Fate = { kind: 'fine' };

function unavailable(): Error {
  return new ApiError('the server is overloaded', {
    code: 503,
    reason: 'ServiceUnavailable',
    causes: [],
    retryAfterSeconds: undefined,
  });
}

function behavioursOf({ hooks }: Schedule): (name: string) => Schedule['hooks'][number]['runs'][0] {
  const counts = new Map<string, number>();
  return (name) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    const runs = hooks.find((hook) => hook.name === name)?.runs ?? [{ ends: 'succeeded', afterMs: 0 }];
    return runs[Math.min(count, runs.length - 1)] ?? runs[0];
  };
}
