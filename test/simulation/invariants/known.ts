import type { SyncResult } from '../../../core/sync/status.ts';
import type { HookSpec } from '../schedules/schedule.ts';
import type { World } from '../schedules/world.ts';
import type { Heard, Run } from '../temporal/run.ts';
import { syncIdOf } from '../temporal/run.ts';

/** The result that a root closed with, whatever it was. */
export function resultOf(root: Run | undefined): SyncResult | undefined {
  if (root?.status === 'completed') return root.result as SyncResult;
  if (root?.status !== 'failed') return undefined;
  return (root.result as { readonly details?: readonly SyncResult[] }).details?.[0];
}

/** The hooks of a sync that succeeds. */
export function hooksOf({ schedule }: World): readonly HookSpec[] {
  return schedule.hooks.filter(({ phase }) => phase !== 'SyncFail');
}

/** The roots of all syncs. */
export function rootsOf({ temporals }: World): readonly Run[] {
  return temporals.flatMap(({ runs }) => runs.filter(({ type }) => type === 'syncApplication'));
}

/** The phases of one sync, or of one run of its root. */
export function phasesOf(
  { temporals }: World,
  of: { readonly syncId: string } | { readonly root: Run },
): readonly Run[] {
  const isMeant = (run: Run): boolean => ('root' in of ? run.parent?.run === of.root : syncIdOf(run) === of.syncId);
  return temporals.flatMap(({ runs }) => runs.filter((run) => run.type === 'runPhase' && isMeant(run)));
}

/** The latest run of a sync's root; undefined where it never began. */
export function latestRoot(world: World, syncId: string): Run | undefined {
  return world.rootsOf(syncId).at(-1);
}

/** What a run has heard under a name, and not refused. */
export function taken({ heard }: Run, name: string): readonly Heard[] {
  return heard.filter(({ message, answer }) => message.name === name && answer === 'taken');
}

/** Whether a second Temporal syncs the application too. */
export function isShared({ schedule }: World): boolean {
  return schedule.syncs.some(({ server }) => server === 1);
}

/** Whether a workflow is ended without being asked. */
export function isOrphaned({ schedule }: World): boolean {
  return schedule.disturbances.some(({ kind }) => kind === 'terminate' || kind === 'terminate-phase');
}
