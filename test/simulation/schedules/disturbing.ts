import type { Line } from '../../../core/queue/line.ts';
import { queueIdOf } from '../../../core/markers.ts';
import { abortSignal, joinSignal, lineQuery, withdrawSignal } from '../../../workflows/messages.ts';
import { APPLICATION } from '../names.ts';
import type { Process } from '../engine/scheduler.ts';
import type { Attempt } from '../temporal/activities.ts';
import type { Run } from '../temporal/run.ts';
import type { TemporalServer } from '../temporal/server.ts';
import { decides } from './deciding.ts';
import type { Disturbance, SyncSpec } from './schedule.ts';
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
  /** What finds nobody to hit waits, and lets others go before it. */
  const disturbs = (step: number): boolean => {
    const left = due.filter((disturbance) => disturbance.step > step || !happens(world, disturbance));
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
  const { syncs } = world.schedule;
  const previous = syncs[syncs.findIndex((sync) => sync.syncId === syncId) - 1];
  const roots = previous === undefined ? [] : world.rootsOf(previous.syncId);
  return roots.length > 0 && roots.every(({ status }) => status !== 'open');
}

/** Does it, unless there is nobody to do it to. */
function happens(world: World, { kind, choice, during }: Disturbance): boolean {
  const { pool, scheduler } = world;
  const chosen = <T>(items: readonly T[]): T | undefined => items[choice % Math.max(1, items.length)];
  switch (kind) {
    case 'lose-request':
    case 'lose-answer':
    case 'refuse':
      if (world.nextFate !== undefined) return false;
      world.nextFate = kind;
      return true;
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
      scheduler.tell?.(`      *** ${kind} ${root.runId}`);
      return true;
    }
    case 'terminate-phase':
    case 'reset-phase': {
      const phase = chosen(openPhases(world));
      if (phase === undefined) return false;
      scheduler.tell?.(`      *** ${kind} ${phase.runId}`);
      const server = serverOf(world, phase);
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

/** Open roots; for a reset also the last one that is closed, while none is open. */
function rootsIn({ temporals }: World, closedToo: boolean): readonly Run[] {
  return temporals.flatMap(({ runs }) => {
    const roots = runs.filter(({ type }) => type === 'syncApplication');
    const open = roots.filter(({ status }) => status === 'open');
    return open.length > 0 || !closedToo ? open : roots.slice(-1);
  });
}

function openPhases({ temporals }: World): readonly Run[] {
  return temporals.flatMap(({ runs }) => runs.filter(({ type, status }) => type === 'runPhase' && status === 'open'));
}

function serverOf({ temporals }: World, run: Run): TemporalServer {
  return temporals[0].runs.includes(run) ? temporals[0] : temporals[1];
}
