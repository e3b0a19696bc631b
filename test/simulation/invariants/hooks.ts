import { wasStopped } from '../../../core/record/record.ts';
import type { Run as JobRun } from '../cluster/audit.ts';
import type { World } from '../schedules/world.ts';
import { limitOf } from './giving-way.ts';
import type { Heard } from '../temporal/run.ts';
import { syncIdOf } from '../temporal/run.ts';
import { resultOf, taken } from './known.ts';

/** Nobody deletes hooks here but Syncline, so that no sync has a reason to miss one. */
export function notLost(world: World): readonly string[] {
  return world.temporals.flatMap(({ runs }) =>
    runs.flatMap((run) => {
      const lost = resultOf(run)?.failures.filter(({ type }) => type === 'HookLost') ?? [];
      return lost.map(({ message }) => `${run.runId} says: ${message}`);
    }),
  );
}

/** A hook is released once its attempt is in the record, so that whoever comes next knows of it. */
export function knownBefore({ audit }: World): readonly string[] {
  return audit.runs
    .filter(({ intended }) => !intended)
    .map(({ name, uid, syncId }) => `${name} (${uid} of ${syncId}) began before the record knew of it`);
}

/** Whoever deletes what has begun, or is over, has written its verdict before: it would be lost. */
export function verdictFirst({ audit }: World): readonly string[] {
  return audit.early.map(({ name, uid, by }) => `${name} (${uid}) was deleted by ${by} before its verdict was written`);
}

export function ranOnce({ audit }: World): readonly string[] {
  return audit.runs.flatMap((run, index) => {
    const other = audit.runs.slice(0, index).find((earlier) => isSameAttempt(earlier, run));
    return other === undefined
      ? []
      : [`${run.name} ran twice in attempt ${run.attempt} of ${run.syncId}: ${other.uid}, ${run.uid}`];
  });
}

export function isSameAttempt(a: JobRun, b: JobRun): boolean {
  return isSameSync(a, b) && a.name === b.name && a.attempt === b.attempt;
}

/** A sync that is reset to its beginning once another has followed it is a sync anew. */
export function isSameSync(a: JobRun, b: JobRun): boolean {
  return a.syncId === b.syncId && a.turn === b.turn;
}

export function notAgain(world: World): readonly string[] {
  const { runs } = world.audit;
  return runs.flatMap((run) => {
    const done = runs.find(
      (earlier) =>
        isSameSync(earlier, run) &&
        earlier.name === run.name &&
        earlier.outcome === 'succeeded' &&
        (earlier.endedAt ?? Infinity) < run.startedAt &&
        !wasStopping(world, earlier),
    );
    return done === undefined || wasRestarted(world, done, run)
      ? []
      : [`${run.name} ran again in ${run.syncId} (${run.uid}) after ${done.uid} had succeeded`];
  });
}

/** Whether a hook was written down as stopped by who had last seen it at work: it ended between that look and its deletion. */
function wasStopping({ audit }: World, { uid, endedAt = 0 }: JobRun): boolean {
  const entries = audit.records.flatMap(({ ledger }) => Object.values(ledger).flat());
  return entries.some(
    ({ uid: of, verdict }) => of === uid && verdict !== undefined && wasStopped(verdict) && verdict.at <= endedAt,
  );
}

/** Whether somebody has said in between that what has succeeded is to run again, or has let a sync go on whose alerts had run. */
function wasRestarted(world: World, done: JobRun, run: JobRun): boolean {
  const isAlert = world.schedule.hooks.some(({ name, phase }) => name === run.name && phase === 'SyncFail');
  const isOrder = ({ message }: Heard): boolean => isAlert || 'restart' in (message.argument as object);
  return world
    .rootsOf(run.syncId)
    .some((root) =>
      [...taken(root, 'retry'), ...taken(root, 'skip')].some(
        (heard) => isOrder(heard) && heard.at > done.startedAt && heard.at < run.startedAt,
      ),
    );
}

/** A deadline counts from the intent, and the release may follow late: not later than a worker that is late for its heartbeat. */
const MOST_LAG_MS = 2_000;

export function notStopped(world: World): readonly string[] {
  return world.audit.stops.flatMap(({ run, at, by }) => {
    const hook = world.schedule.hooks.find(({ name }) => name === run.name);
    if (hook === undefined || at - run.startedAt >= hook.deadlineMs - MOST_LAG_MS || wasTold(world, run.syncId, at))
      return [];
    return [`${run.name} (${run.uid} of ${run.syncId}) was stopped by ${by} after ${String(at - run.startedAt)} ms`];
  });
}

/** Whether somebody had asked a sync to stop: its root, or a phase of it; or the time is over in which it was to give way. */
function wasTold({ temporals }: World, syncId: string, at: number): boolean {
  return temporals.some(({ runs }) =>
    runs.some(
      (run) =>
        syncIdOf(run) === syncId &&
        ((run.told && (limitOf(run.parent?.run) ?? 0) <= at) || (limitOf(run) ?? Infinity) <= at),
    ),
  );
}
