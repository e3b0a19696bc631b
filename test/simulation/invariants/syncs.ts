import { arrayAt, stringAt } from '../../../core/json.ts';
import { isGated } from '../../../core/hooks/gated-object.ts';
import { SYNC_LABEL } from '../../../core/markers.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { describeRef, labelsOf, refOf } from '../../../core/objects.ts';
import type { SyncResult } from '../../../core/sync/status.ts';
import { configMapRef } from '../schedules/application.ts';
import type { DisturbanceKind, SyncSpec } from '../schedules/schedule.ts';
import type { World } from '../schedules/world.ts';
import type { Run } from '../temporal/run.ts';
import { syncIdOf } from '../temporal/run.ts';
import { isApproved } from './gates.ts';
import { hooksOf, isOrphaned, isShared, resultOf, rootsOf, taken } from './known.ts';

export function everySyncEnds({ temporals }: World): readonly string[] {
  return temporals.flatMap(({ runs }) =>
    runs.flatMap(({ runId, status }) => (status === 'open' ? [`${runId} does not end`] : [])),
  );
}

export function toldTruly(world: World): readonly string[] {
  return world.schedule.syncs.flatMap(({ syncId }) =>
    world.rootsOf(syncId).flatMap((root) => {
      if (resultOf(root)?.outcome !== 'Succeeded') return [];
      const missing = hooksOf(world).filter(
        ({ name }) =>
          !isSkipped(root, name) &&
          !world.audit.runs.some((run) => run.name === name && run.syncId === syncId && run.outcome === 'succeeded'),
      );
      return missing.map(({ name }) => `${syncId} says it succeeded, but its hook ${name} did not`);
    }),
  );
}

/** Whether somebody has said that a hook is to be passed over. */
export function isSkipped({ events }: Run, hook: string): boolean {
  return events
    .flatMap(({ messages }) => messages)
    .some(({ name, argument }) => name === 'skip' && (argument as { readonly step: string }).step === hook);
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
  'outage',
  'hold-back',
  'sweep',
  'reset',
  'reset-phase',
  'join-again',
  'withdraw',
  'approve',
  'reject',
  'retry',
  'restart',
  'skip',
]);

export function outcomes(world: World): readonly string[] {
  const { schedule } = world;
  const isDisturbed = schedule.disturbances.some(({ kind }) => !HARMLESS.has(kind));
  const succeed = hooksOf(world).every(({ runs }) => runs.every(({ ends }) => ends === 'succeeded'));
  if (isDisturbed || isShared(world) || !succeed) return [];
  return schedule.syncs.flatMap(({ syncId, turn }) => {
    const roots = world.rootsOf(syncId);
    const result = resultOf(roots.at(-1));
    if (result?.outcome === 'Succeeded' || roots.some((root) => taken(root, 'supersede').length > 0)) return [];
    if (isRefusedAsOvertaken(world, syncId, result)) return [];
    // Who is withdrawn too late is aborted.
    if (world.withdrawn.has(syncId)) return [];
    // Whether one that waits in line is served is told by the line.
    if ((roots.length === 0 && turn.kind !== 'now') || !isApproved(world, roots.at(-1))) return [];
    return [
      `${syncId} should have succeeded, but ${result?.failures.map(({ message }) => message).join('; ') ?? 'has no result'}`,
    ];
  });
}

/** Whether a sync was reset once another one had begun, and refused: a run that was overtaken does not take the record back. */
function isRefusedAsOvertaken(world: World, syncId: string, result: SyncResult | undefined): boolean {
  const begun = rootsOf(world).map((root) => syncIdOf(root) === syncId);
  const isReset = begun.slice(begun.indexOf(true), begun.lastIndexOf(true)).includes(false);
  return isReset && result?.failures.some(({ type }) => type === 'Superseded') === true;
}

/** The sync that claimed last; what it said it had done is how things are. */
export function lastWord(world: World): readonly string[] {
  const last = world.audit.records.at(-1)?.syncId;
  const sync = world.schedule.syncs.find(({ syncId }) => syncId === last);
  if (sync === undefined || resultOf(world.rootsOf(sync.syncId).at(-1))?.outcome !== 'Succeeded') return [];
  const settings = valueIs(world, 'settings', sync, true);
  // What a sync that is overtaken applies after the newer one was planned is in the inventory, and pruned by the next sync.
  return !sync.wide && (isShared(world) || isOrphaned(world))
    ? settings
    : [...settings, ...valueIs(world, 'extra', sync, sync.wide)];
}

/** What a sync that succeeded had applied is live in the moment in which it releases the record. */
export function releasedAsApplied(world: World): readonly string[] {
  return world.schedule.syncs.flatMap(({ syncId, value, wide }) => {
    const root = world.rootsOf(syncId).find((run) => resultOf(run)?.outcome === 'Succeeded');
    const { values } = world.audit.releases.findLast(({ rootRun }) => rootRun === root?.runId) ?? {};
    if (values === undefined) return [];
    const wanted = wide ? { settings: value, extra: value } : { settings: value };
    return Object.entries(wanted).flatMap(([name, is]) =>
      values[name] === is
        ? []
        : [`${syncId} succeeded, but ${name} was ${String(values[name])} when it released the record`],
    );
  });
}

export function valueIs(
  { server }: World,
  name: string,
  { syncId, value }: SyncSpec,
  exists: boolean,
): readonly string[] {
  const live = server.get(configMapRef(name));
  const found = live === undefined ? undefined : stringAt(live, 'data', 'value');
  const wanted = exists ? value : undefined;
  return found === wanted ? [] : [`${syncId} succeeded with ${name} ${String(wanted)}, but it is ${String(found)}`];
}

export function nothingLeft(world: World): readonly string[] {
  const gated = world.server.objects().filter(isGated);
  const holder = world.audit.records.at(-1)?.holder ?? undefined;
  const root = holder === undefined ? undefined : world.rootsOf(holder.syncId).at(-1);
  // A slow first attempt of a claim that its successor was refused may find the record free later on.
  const refused = resultOf(root)?.failures.some(({ type }) => type === 'HeldElsewhere') === true;
  const held = holder !== undefined && root?.status !== 'terminated' && !(refused && isFirstClaim(world));
  const running = world.audit.runs.filter(({ outcome }) => outcome === undefined);
  const orphans = world.server.objects().filter(isNobodys);
  return [
    ...gated.map((object) => `${describeRef(refOf(object))} is still gated`),
    ...orphans.map((object) => `${describeRef(refOf(object))} has outlived its Job`),
    ...(held ? [`the record is still held by ${holder.run}`] : []),
    // A hook that runs is left alone by whoever ends or overtakes its sync, unless asked to stop it.
    ...(isOrphaned(world) || isShared(world) ? [] : running.map(({ name, uid }) => `${name} (${uid}) still runs`)),
  ];
}

/** Whether a Pod is neither a hook nor the pod of a Job that is there. */
function isNobodys(object: KubernetesObject): boolean {
  if (refOf(object).kind !== 'Pod' || labelsOf(object)[SYNC_LABEL] !== undefined) return false;
  return arrayAt(object, 'metadata', 'ownerReferences').length === 0;
}

/** Whether whoever holds the record last is a root that never held it before. */
export function isFirstClaim({ audit: { records } }: World): boolean {
  const last = records.at(-1);
  const root = last?.holder?.rootRun;
  // An earlier run of the workflow, from before a reset, is another root.
  const own = records.filter(({ holder }) => holder?.rootRun === root);
  return own.length === 1 && last?.holder?.run === root;
}
