import type { Supersession } from '../../../core/sync/status.ts';
import type { HookInput, SegmentInput } from '../../../workflows/activities.ts';
import type { World } from '../schedules/world.ts';
import type { Run } from '../temporal/run.ts';
import type { Command } from '../temporal/workflow-api.ts';
import { phasesOf, rootsOf, taken } from './known.ts';

/** What a phase may still do once it is to end: see to what it has begun. */
const ENDING: ReadonlySet<string> = new Set(['claimRecord', 'settleHooks', 'stopHooks']);

/** How long it takes until a phase is told, where no time passes while there is something to do, ms. */
const TELLING_MS = 1_000;

/** A sync that is asked to give way begins nothing more, nor does a phase of it once it is told. */
export function beginsNothingMore(world: World): readonly string[] {
  return rootsOf(world).flatMap((root) => {
    const [asked] = supersessionsOf(root);
    if (asked === undefined) return [];
    const children = newCommands(root, asked.at).filter(({ kind }) => kind === 'child');
    const phases = phasesOf(world, { root });
    return [
      ...children.map((command) => `${root.runId} gave way, and began ${keyOf(command)}`),
      ...phases.flatMap((phase) => newInPhase(phase).map((what) => `${phase.runId} was to end, and began ${what}`)),
      ...(world.schedule.temper.haste > 0 ? [] : phases.flatMap((phase) => untold(phase, asked.at))),
    ];
  });
}

/** From when on a sync that gives way may stop what it runs, ms since 1970; undefined where that is not why it would. */
export function limitOf(root: Run | undefined): number | undefined {
  if (root === undefined || root.told || root.status === 'terminated') return undefined;
  const limits = supersessionsOf(root).map(({ at, withinMs }) => at + withinMs);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** When a root was asked to give way, and how long that may take. */
function supersessionsOf(root: Run): readonly { readonly at: number; readonly withinMs: number }[] {
  return taken(root, 'supersede').map(({ at, message }) => ({
    at,
    withinMs: Math.max(0, (message.argument as Supersession).withinMs),
  }));
}

function newInPhase(phase: Run): readonly string[] {
  const [told] = taken(phase, 'endSoon');
  if (told === undefined) return [];
  return newCommands(phase, told.at).filter(isBeginning).map(keyOf);
}

/** What a phase began long after its root was asked, without having heard of it. */
function untold(phase: Run, at: number): readonly string[] {
  if (phase.told || taken(phase, 'endSoon').length > 0) return [];
  return newCommands(phase, at + TELLING_MS)
    .filter(isBeginning)
    .map((command) => `${phase.runId} was never told that its sync gives way, and began ${keyOf(command)}`);
}

/** Whether a command may begin something: not one that ends what was begun, nor the wait for what an earlier run has begun. */
function isBeginning(command: Command): boolean {
  if (command.kind !== 'activity' || ENDING.has(command.type)) return false;
  return (command.input as Partial<HookInput>).begunOnly !== true;
}

/** What a run has asked for from a moment on, and not before: what is fenced is asked for again. */
function newCommands({ issued }: Run, from: number): readonly Command[] {
  const before = new Set(issued.flatMap(({ at, command }) => (at < from ? [keyOf(command)] : [])));
  return issued.flatMap(({ at, command }) => (at < from || before.has(keyOf(command)) ? [] : [command]));
}

function keyOf(command: Command): string {
  if (command.kind !== 'activity') return 'workflowId' in command ? command.workflowId : command.kind;
  const { hook, ask, wave, segment } = command.input as Partial<HookInput & SegmentInput>;
  return [command.type, hook?.id, ask, wave, segment].filter((part) => part !== undefined).join(' ');
}
