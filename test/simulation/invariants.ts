import { stringAt } from '../../core/json.ts';
import { isGated } from '../../core/hooks/gated-object.ts';
import { describeRef, refOf } from '../../core/objects.ts';
import type { Verdict } from '../../core/record/record.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { SyncResult } from '../../core/sync/status.ts';
import type { Run as JobRun } from './cluster/audit.ts';
import { NAMESPACE } from './names.ts';
import type { DisturbanceKind, HookSpec, SyncSpec } from './schedules/schedule.ts';
import type { World } from './schedules/world.ts';
import type { Run } from './temporal/server.ts';

/** What must hold of every schedule; each answers what broke it. Judged by what the model saw, not by our records. */
export const INVARIANTS: Readonly<Record<string, (world: World) => readonly string[]>> = {
  'nothing unforeseen happens': ({ audit }) => audit.faults,
  'an attempt of a hook runs once': ranOnce,
  'what has succeeded does not run again in its sync': notAgain,
  'only a cancel that was asked for, or its deadline, stops a running hook': notStopped,
  'a verdict that is written stays': verdictsStay,
  'every sync ends': everySyncEnds,
  'a sync tells what its hooks did': toldTruly,
  'an undisturbed outcome': outcomes,
  'the newest sync has the last word': lastWord,
  'nothing is left over': nothingLeft,
  'no hook is lost': notLost,
};

/** Nobody deletes hooks here but Syncline, so that no sync has a reason to miss one. */
function notLost(world: World): readonly string[] {
  return world.temporals.flatMap(({ runs }) =>
    runs.flatMap((run) => {
      const lost = resultOf(run)?.failures.filter(({ type }) => type === 'HookLost') ?? [];
      return lost.map(({ message }) => `${run.runId} says: ${message}`);
    }),
  );
}

function ranOnce({ audit }: World): readonly string[] {
  return audit.runs.flatMap((run, index) => {
    const other = audit.runs.slice(0, index).find((earlier) => isSameAttempt(earlier, run));
    return other === undefined
      ? []
      : [`${run.name} ran twice in attempt ${run.attempt} of ${run.syncId}: ${other.uid}, ${run.uid}`];
  });
}

function isSameAttempt(a: JobRun, b: JobRun): boolean {
  return isSameSync(a, b) && a.name === b.name && a.attempt === b.attempt;
}

/** A sync that is reset to its beginning once another has followed it is a sync anew. */
function isSameSync(a: JobRun, b: JobRun): boolean {
  return a.syncId === b.syncId && a.turn === b.turn;
}

function notAgain({ audit }: World): readonly string[] {
  return audit.runs.flatMap((run) => {
    const done = audit.runs.find(
      (earlier) =>
        isSameSync(earlier, run) &&
        earlier.name === run.name &&
        earlier.outcome === 'succeeded' &&
        (earlier.endedAt ?? Infinity) < run.startedAt,
    );
    return done === undefined
      ? []
      : [`${run.name} ran again in ${run.syncId} (${run.uid}) after ${done.uid} had succeeded`];
  });
}

/** A deadline counts from the intent, and the release may follow late: not later than a worker that is late for its heartbeat. */
const MOST_LAG_MS = 25_000;

function notStopped(world: World): readonly string[] {
  return world.audit.stops.flatMap(({ run, at, by }) => {
    const hook = world.schedule.hooks.find(({ name }) => name === run.name);
    if (hook === undefined || at - run.startedAt >= hook.deadlineMs - MOST_LAG_MS || wasTold(world, run.syncId))
      return [];
    return [`${run.name} (${run.uid} of ${run.syncId}) was stopped by ${by} after ${String(at - run.startedAt)} ms`];
  });
}

/** Whether somebody asked a sync to stop: its root, or a phase of it. */
function wasTold({ temporals }: World, syncId: string): boolean {
  return temporals.some(({ runs }) => runs.some((run) => run.told && syncIdOf(run) === syncId));
}

function syncIdOf({ input }: Run): string {
  const { syncId, request } = input as Partial<SyncRequest> & { readonly request?: SyncRequest };
  return syncId ?? request?.syncId ?? '';
}

function verdictsStay(world: World): readonly string[] {
  const known = new Map<string, Verdict>();
  const broken: string[] = [];
  let epoch = 0;
  let sync = '';
  for (const record of world.audit.records) {
    if (record.epoch < epoch) broken.push(`the epoch fell from ${String(epoch)} to ${String(record.epoch)}`);
    epoch = record.epoch;
    if (record.syncId !== sync) known.clear();
    sync = record.syncId;
    const written = new Map<string, Verdict>(
      Object.entries(record.ledger).flatMap(([hook, entries]) =>
        entries.flatMap(({ attempt, verdict }) =>
          verdict === undefined ? [] : [[`${hook} #${String(attempt)}`, verdict] as const],
        ),
      ),
    );
    for (const [key, verdict] of known) {
      if (JSON.stringify(written.get(key)) !== JSON.stringify(verdict))
        broken.push(
          `the verdict of ${key} of ${sync} was ${verdict.outcome} and is ${written.get(key)?.outcome ?? 'gone'}`,
        );
    }
    for (const [key, verdict] of written) known.set(key, verdict);
  }
  return broken;
}

function everySyncEnds({ temporals }: World): readonly string[] {
  return temporals.flatMap(({ runs }) =>
    runs.flatMap(({ runId, status }) => (status === 'open' ? [`${runId} does not end`] : [])),
  );
}

/** The result that a root closed with, whatever it was. */
function resultOf(root: Run | undefined): SyncResult | undefined {
  if (root?.status === 'completed') return root.result as SyncResult;
  if (root?.status !== 'failed') return undefined;
  return (root.result as { readonly details?: readonly SyncResult[] }).details?.[0];
}

function toldTruly(world: World): readonly string[] {
  return world.schedule.syncs.flatMap(({ syncId }) =>
    world.rootsOf(syncId).flatMap((root) => {
      if (resultOf(root)?.outcome !== 'Succeeded') return [];
      const missing = hooksOf(world).filter(
        ({ name }) =>
          !world.audit.runs.some((run) => run.name === name && run.syncId === syncId && run.outcome === 'succeeded'),
      );
      return missing.map(({ name }) => `${syncId} says it succeeded, but its hook ${name} did not`);
    }),
  );
}

function hooksOf({ schedule }: World): readonly HookSpec[] {
  return schedule.hooks.filter(({ phase }) => phase !== 'SyncFail');
}

/** What people may do without changing how a sync ends. */
const HARMLESS: ReadonlySet<DisturbanceKind> = new Set<DisturbanceKind>([
  'lose-request',
  'lose-answer',
  'refuse',
  'give-up',
  'die',
  'shut-down',
  'mute',
  'stand-still',
  'sweep',
  'reset',
  'reset-phase',
]);

function outcomes(world: World): readonly string[] {
  const { schedule } = world;
  const isDisturbed = schedule.disturbances.some(({ kind }) => !HARMLESS.has(kind));
  const succeed = hooksOf(world).every(({ runs }) => runs.every(({ ends }) => ends === 'succeeded'));
  if (isDisturbed || isShared(world) || !succeed) return [];
  return schedule.syncs.flatMap(({ syncId }) => {
    const result = resultOf(world.rootsOf(syncId).at(-1));
    if (result?.outcome === 'Succeeded') return [];
    return [
      `${syncId} should have succeeded, but ${result?.failures.map(({ message }) => message).join('; ') ?? 'has no result'}`,
    ];
  });
}

/** The sync that claimed last; what it said it had done is how things are. */
function lastWord(world: World): readonly string[] {
  const last = world.audit.records.at(-1)?.syncId;
  const sync = world.schedule.syncs.find(({ syncId }) => syncId === last);
  if (sync === undefined || resultOf(world.rootsOf(sync.syncId).at(-1))?.outcome !== 'Succeeded') return [];
  const settings = valueIs(world, 'settings', sync, true);
  // What a sync that is overtaken applies after the newer one was planned is in the inventory, and pruned by the next sync.
  return !sync.wide && (isShared(world) || isOrphaned(world))
    ? settings
    : [...settings, ...valueIs(world, 'extra', sync, sync.wide)];
}

function valueIs({ server }: World, name: string, { syncId, value }: SyncSpec, exists: boolean): readonly string[] {
  const live = server.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name });
  const found = live === undefined ? undefined : stringAt(live, 'data', 'value');
  const wanted = exists ? value : undefined;
  return found === wanted ? [] : [`${syncId} succeeded with ${name} ${String(wanted)}, but it is ${String(found)}`];
}

function nothingLeft(world: World): readonly string[] {
  const gated = world.server.objects().filter(isGated);
  const holder = world.audit.records.at(-1)?.holder ?? undefined;
  const root = holder === undefined ? undefined : world.rootsOf(holder.syncId).at(-1);
  // A slow first attempt of a claim that its successor was refused may find the record free later on.
  const refused = resultOf(root)?.failures.some(({ type }) => type === 'HeldElsewhere') === true;
  const held = holder !== undefined && root?.status !== 'terminated' && !(refused && isFirstClaim(world));
  const running = world.audit.runs.filter(({ outcome }) => outcome === undefined);
  return [
    ...gated.map((object) => `${describeRef(refOf(object))} is still gated`),
    ...(held ? [`the record is still held by ${holder.run}`] : []),
    // A hook that runs is left alone by whoever ends or overtakes its sync, unless asked to stop it.
    ...(isOrphaned(world) || isShared(world) ? [] : running.map(({ name, uid }) => `${name} (${uid}) still runs`)),
  ];
}

/** Whether whoever holds the record last is a root that never held it before. */
function isFirstClaim({ audit: { records } }: World): boolean {
  const last = records.at(-1);
  const root = last?.holder?.rootRun;
  // An earlier run of the workflow, from before a reset, is another root.
  const own = records.filter(({ holder }) => holder?.rootRun === root);
  return own.length === 1 && last?.holder?.run === root;
}

/** Whether a second Temporal syncs the application too. */
function isShared({ schedule }: World): boolean {
  return schedule.syncs.some(({ server }) => server === 1);
}

/** Whether a workflow is ended without being asked. */
function isOrphaned({ schedule }: World): boolean {
  return schedule.disturbances.some(({ kind }) => kind === 'terminate' || kind === 'terminate-phase');
}
