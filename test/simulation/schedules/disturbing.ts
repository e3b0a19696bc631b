import type { Line } from '../../../core/queue/line.ts';
import { queueIdOf } from '../../../core/markers.ts';
import { abortSignal, joinSignal, lineQuery, withdrawSignal } from '../../../workflows/messages.ts';
import { APPLICATION } from '../names.ts';
import type { Process } from '../engine/scheduler.ts';
import { processOf } from '../engine/scheduler.ts';
import type { Attempt } from '../temporal/activities.ts';
import type { Run } from '../temporal/run.ts';
import type { TemporalServer } from '../temporal/server.ts';
import { decides } from './deciding.ts';
import type { Disturbance, SyncSpec } from './schedule.ts';
import type { Moment } from './moments.ts';
import type { World } from './world.ts';

/** Lets the disturbances and the requests of a schedule happen at their steps. */
export function disturb(world: World): void {
  const { schedule, scheduler } = world;
  let due = [...schedule.disturbances];
  let asked = [...schedule.syncs];
  const begins = (step: number): boolean => {
    const left = asked.filter((sync) => !(isDue(world, sync, step) && world.start(sync)));
    const begun = left.length < asked.length;
    asked = left;
    return begun;
  };
  /** Whether what comes in its turn has something before it that has not happened yet. */
  const waitsForItsTurn = (disturbance: Disturbance): boolean => {
    const before = schedule.disturbances[schedule.disturbances.indexOf(disturbance) - 1];
    return disturbance.inTurn === true && before !== undefined && due.includes(before);
  };
  /** From when on what has come to its step waits for its moment: how often that had happened by then. */
  const since = new Map<Disturbance, number>();
  const hasCome = (disturbance: Disturbance, step: number): boolean => {
    if (disturbance.step > step || waitsForItsTurn(disturbance)) return false;
    const { upon } = disturbance;
    if (upon === undefined) return true;
    const count = world.moments.count(upon);
    const before = since.get(disturbance);
    if (before === undefined) since.set(disturbance, count);
    return before !== undefined && count > before;
  };
  /** What finds nobody to hit waits, and lets others go before it. */
  const disturbs = (step: number): boolean => {
    const left = due.filter((disturbance) => !hasCome(disturbance, step) || !happens(world, disturbance));
    const happened = left.length < due.length;
    due = left;
    return happened;
  };
  scheduler.beforeStep = () => {
    const step = scheduler.steps();
    const begun = asked.length > 0 && begins(step);
    const isNear = due[0] !== undefined && due[0].step <= step;
    return (isNear && disturbs(step)) || begun;
  };
}

function isDue(world: World, { start, syncId }: SyncSpec, step: number): boolean {
  if (start.kind === 'step') return step >= start.step;
  if (start.kind === 'upon') return world.moments.count(start.moment) >= start.times;
  const { syncs } = world.schedule;
  const previous = syncs[syncs.findIndex((sync) => sync.syncId === syncId) - 1];
  const roots = previous === undefined ? [] : world.rootsOf(previous.syncId);
  return roots.length > 0 && roots.every(({ status }) => status !== 'open');
}

/** Does it, unless there is nobody to do it to. */
function happens(world: World, { kind, choice, during, until }: Disturbance): boolean {
  const { pool, scheduler } = world;
  const chosen = <T>(items: readonly T[]): T | undefined => items[choice % Math.max(1, items.length)];
  switch (kind) {
    case 'lose-request':
    case 'lose-answer':
    case 'refuse':
      if (world.nextFate !== undefined) return false;
      world.nextFate = kind;
      return true;
    case 'outage': {
      const lasts = OUTAGES[choice % 4] ?? 0;
      world.outages.push({ what: during, until: scheduler.now() + lasts });
      scheduler.tell?.(`      *** outage of ${during ?? 'all'} for ${String(lasts)} ms`);
      return true;
    }
    case 'hold-back': {
      const held = chosen(callersAt(world, during));
      if (held === undefined || until === undefined) return false;
      holdBack(world, held, until, choice >> 8);
      return true;
    }
    case 'sweep':
      world.sweep((choice % 2) as 0 | 1);
      return true;
    case 'give-up':
    case 'die':
    case 'shut-down':
    case 'mute':
    case 'stand-still':
      return hit(world, chosen(pool.alive().filter(({ process }) => isAt(process, during))), kind, choice >> 8);
    case 'abort':
    case 'cancel':
    case 'terminate':
    case 'reset': {
      const root = chosen(rootsIn(world, kind === 'reset'));
      if (root === undefined) return false;
      tell(serverOf(world, root), root, kind, choice >> 8);
      world.moments.happened(kind === 'reset' ? 'reset' : 'stop', undefined);
      scheduler.tell?.(`      *** ${kind} ${root.runId}`);
      return true;
    }
    case 'terminate-phase':
    case 'reset-phase': {
      const phase = chosen(openPhases(world));
      if (phase === undefined) return false;
      scheduler.tell?.(`      *** ${kind} ${phase.runId}`);
      const server = serverOf(world, phase);
      world.moments.happened(kind === 'reset-phase' ? 'reset' : 'stop', undefined);
      if (kind === 'terminate-phase') server.terminate(phase);
      else resetTo(server, phase, choice >> 8);
      return true;
    }
    case 'approve':
    case 'reject':
    case 'retry':
    case 'restart':
    case 'skip': {
      const root = chosen(rootsIn(world, false));
      return root !== undefined && decides(world, root, kind, choice >> 8);
    }
    case 'join-again':
    case 'withdraw': {
      const queue = world.temporals[0].openRun(queueIdOf('model', APPLICATION));
      // Whoever asks again for a sync that has left the line is told so.
      const sync = chosen(kind === 'withdraw' ? joinedIn(world) : joinedIn(world).filter(isWaitingIn(queue)));
      if (sync === undefined || queue === undefined) return false;
      scheduler.tell?.(`      *** ${kind} ${sync.syncId}`);
      if (kind === 'withdraw') world.withdrawn.add(sync.syncId);
      const message =
        kind === 'join-again'
          ? { name: joinSignal.name, argument: world.joining(sync) }
          : { name: withdrawSignal.name, argument: { syncId: sync.syncId, by: world.person() } };
      world.temporals[0].tell(queue, [{ kind: 'signal', ...message }]);
      return true;
    }
  }
}

function joinedIn({ schedule, joined }: World): readonly SyncSpec[] {
  return schedule.syncs.filter(({ syncId }) => joined.has(syncId));
}

function isWaitingIn(queue: Run | undefined): (sync: SyncSpec) => boolean {
  const line = queue?.handlers.get(lineQuery.name)?.handle(undefined) as Line | undefined;
  return ({ syncId }) => line?.waiting.some(({ request }) => request.syncId === syncId) === true;
}

function isAt({ asking, state }: Process, during: Disturbance['during']): boolean {
  return during === undefined || (asking === during && state === 'running');
}

/** How long requests are refused, ms. */
const OUTAGES = [2_000, 8_000, 15_000, 30_000] as const;

/** Processes that wait for the answer of a request, by their attempt, or without one. */
function callersAt(world: World, during: Disturbance['during']): readonly Caller[] {
  const attempts = world.pool.alive().map((attempt) => ({ process: attempt.process, attempt }));
  const sweepers = world.sweepers.map((process) => ({ process, attempt: undefined }));
  return [...attempts, ...sweepers].filter(({ process }) => process.asking !== undefined && isAt(process, during));
}

interface Caller {
  readonly process: Process;
  readonly attempt: Attempt | undefined;
}

/** The longest that a process stands still which waits for its moment, and how soon the server misses an attempt that does, ms. */
const LONGEST_PAUSE_MS = 600_000;
const MISSED_MS = 12_000;

/** Lets a process stand still at a request until something else has happened; the server may take it for dead at once, or in time. */
function holdBack(
  { pool, scheduler, moments }: World,
  { process, attempt }: Caller,
  until: Moment,
  choice: number,
): void {
  const holdsRequests = choice % 2 === 0;
  const times = 1 + ([0, 0, 0, 1, 1, 2][(choice >> 1) % 6] ?? 0);
  const hurry = [0, 6, 12, 30][(choice >> 4) % 4] ?? 0;
  const isGivenUp = (choice >> 6) % 2 === 0;
  scheduler.tell?.(
    `      *** hold back ${process.name} at ${process.asking ?? 'nothing'} until ${until} (${holdsRequests ? 'requests held' : 'requests sent'})`,
  );
  scheduler.halt(process, LONGEST_PAUSE_MS, holdsRequests);
  moments.happened('hold back', process);
  moments.await(until, times, process, () => scheduler.goOn(process, hurry));
  if (attempt === undefined) return;
  attempt.cutOff = (choice >> 7) % 2 === 0;
  if (isGivenUp) pool.giveUp(attempt);
  else
    scheduler.later(
      MISSED_MS,
      SERVER,
      'misses heartbeats of',
      process.name,
      () => process.state === 'still' && pool.giveUp(attempt),
    );
}

const SERVER = processOf('heartbeats');

/** Standing still: not at all, for less than a heartbeat timeout, for longer, or for very long, ms. */
const PAUSES = [0, 5_000, 30_000, 600_000] as const;

function hit(
  { pool, scheduler }: World,
  attempt: Attempt | undefined,
  kind: 'give-up' | 'die' | 'shut-down' | 'mute' | 'stand-still',
  choice: number,
): boolean {
  if (attempt === undefined) return false;
  const holdsRequests = choice % 2 === 0;
  const pause = PAUSES[(choice >> 1) % 4] ?? 0;
  scheduler.tell?.(
    `      *** ${kind} ${attempt.process.name} (${String(pause)} ms, ${holdsRequests ? 'requests held' : 'requests sent'})`,
  );
  switch (kind) {
    case 'give-up':
      attempt.cutOff = (choice >> 3) % 3 === 0;
      if (pause > 0) scheduler.halt(attempt.process, pause, holdsRequests);
      pool.giveUp(attempt);
      return true;
    case 'die':
      pool.die(attempt, holdsRequests);
      return true;
    case 'shut-down':
      attempt.stop('left');
      return true;
    case 'mute':
      attempt.mute = true;
      return true;
    case 'stand-still':
      scheduler.halt(attempt.process, 5_000, holdsRequests);
      return true;
  }
}

function tell(
  server: TemporalServer,
  root: Run,
  kind: 'abort' | 'cancel' | 'terminate' | 'reset',
  choice: number,
): void {
  switch (kind) {
    case 'abort':
      server.tell(root, [{ kind: 'signal', name: abortSignal.name, argument: { by: 'somebody' } }]);
      return;
    case 'cancel': {
      server.cancel(root);
      return;
    }
    case 'terminate': {
      server.terminate(root);
      return;
    }
    case 'reset': {
      resetTo(server, root, choice);
      return;
    }
  }
}

function resetTo(server: TemporalServer, run: Run, choice: number): void {
  const points = server.resetPoints(run);
  server.reset(run, points[choice % points.length] ?? 0);
}

/** Open roots; for a reset also those that are closed, while none is open. */
function rootsIn({ temporals }: World, closedToo: boolean): readonly Run[] {
  return temporals.flatMap(({ runs }) => {
    const roots = runs.filter(({ type }) => type === 'syncApplication');
    const open = roots.filter(({ status }) => status === 'open');
    return open.length > 0 || !closedToo ? open : roots.slice(-2).reverse();
  });
}

function openPhases({ temporals }: World): readonly Run[] {
  return temporals.flatMap(({ runs }) => runs.filter(({ type, status }) => type === 'runPhase' && status === 'open'));
}

function serverOf({ temporals }: World, run: Run): TemporalServer {
  return temporals[0].runs.includes(run) ? temporals[0] : temporals[1];
}
