import type { SyncView } from '../client/following/view.ts';
import { isOver } from '../client/following/view.ts';
import type { HookEvidence } from '../core/evidence/evidence.ts';
import type { Failure } from '../core/failures.ts';
import type { Phase } from '../core/phases.ts';
import type { ApprovalStatus } from '../core/sync/approval.ts';
import type { SyncOutcome, WaveStatus } from '../core/sync/status.ts';
import type { CommandNames } from './next-commands.ts';
import { failedHooks, nextCommands } from './next-commands.ts';
import type { NextCommand } from './render/failure.ts';
import type { StepFact, WaveFact } from './render/facts.ts';
import { wavesOf } from './render/facts.ts';
import { queueWords } from './render/queue.ts';
import { rootWorkLine } from './render/root-work.ts';
import { waveTitle } from './render/rows.ts';

/** Why a sync stands where it stands: the one thing that blocks it, and what helps. Moments in ms since 1970, lengths in ms. */
export type Explanation =
  /** A step that has begun and has not ended. */
  | (BlockingStep & { readonly kind: 'step'; readonly commands: readonly NextCommand[] })
  /** Planning, finishing, or nobody who works: no step blocks. */
  | {
      readonly kind: 'outside';
      readonly since: number;
      readonly why: string;
      readonly commands: readonly NextCommand[];
    }
  /** It waits for its turn. */
  | {
      readonly kind: 'queued';
      readonly since: number;
      readonly why: string;
      readonly commands: readonly NextCommand[];
    }
  /** It has failed, and waits for somebody to decide. */
  | {
      readonly kind: 'hold';
      readonly since: number;
      readonly limitMs: number;
      readonly failures: readonly Failure[];
      readonly log?: readonly string[];
      readonly commands: readonly NextCommand[];
    }
  | {
      readonly kind: 'over';
      readonly outcome: SyncOutcome;
      /** Why it did not succeed; empty when it did. */
      readonly failures: readonly Failure[];
      /** The last lines of the hook that failed; absent where there are none. */
      readonly log?: readonly string[];
      /** Why nothing can be shown of it, where its log is gone. */
      readonly gone?: string;
      readonly commands: readonly NextCommand[];
    };

/** The step that the rest of a sync waits for. */
export interface BlockingStep {
  readonly phase: Phase;
  readonly wave: number;
  readonly title: string;
  readonly startedAt?: number;
  /** How long it may take; absent where the step's objects have limits of their own. */
  readonly limitMs?: number;
  /** What it does, or the problem that keeps it. */
  readonly why: string;
  /** Kubernetes' word for the problem, where there is one. */
  readonly reason?: string;
  /** Since when the problem stands. */
  readonly since?: number;
  /** What helps against the problem. */
  readonly remedy?: string;
  /** The newest event of its object or pod. */
  readonly lastEvent?: string;
  /** What runs beside it. */
  readonly beside: readonly string[];
  readonly behind: Behind;
}

/** How many lines of a log an explanation shows: the reason stands in the last of them. */
const LOG_LINES = 5;

/** The last lines of a failed hook's container: of one that failed before one that did not. */
export function lastWords({ containers }: HookEvidence): readonly string[] {
  const spoke = containers.filter(({ log }) => log.lines.length > 0);
  const failed = spoke.findLast(({ exitCode = 0 }) => exitCode !== 0);
  return (failed ?? spoke.at(-1))?.log.lines.slice(-LOG_LINES) ?? [];
}

/** What can't begin before: counts of resources, hooks and waves. */
export interface Behind {
  readonly objects: number;
  readonly hooks: number;
  readonly waves: number;
}

/** Explains where a sync stands. A pure function of what was seen of it; `now` is in ms since 1970. */
export function explain(view: SyncView, now: number, names: CommandNames): Explanation {
  const { status, result } = view;
  if (result !== undefined) {
    const commands = result.outcome === 'Succeeded' ? [] : nextCommands(view, names);
    return { kind: 'over', outcome: result.outcome, failures: result.failures, commands };
  }
  if (status.state === 'queued') {
    const { queued, syncId, startedAt } = status;
    const why = queueWords(view, now) ?? 'it waits for its turn';
    return {
      kind: 'queued',
      since: queued?.since ?? startedAt,
      why,
      commands: queueCommands(status.application, syncId, names),
    };
  }
  const { hold, failures } = status;
  if (hold !== undefined) {
    return { kind: 'hold', since: hold.since, limitMs: hold.deadlineMs, failures, commands: holdCommands(view, names) };
  }
  const gate = wavesOf(view).find(({ state }) => state === 'waiting');
  if (gate?.approval !== undefined) return gateOf(view, gate, gate.approval, names);
  const running = wavesOf(view).flatMap((wave) => wave.steps.filter((step) => step.state === 'running'));
  const [blocking, ...beside] = running.toSorted(byBlame);
  const commands = commandsFor(status.application, blocking, names);
  if (blocking === undefined) {
    const why = rootWorkLine(view, now) ?? (isOver(status) ? 'it is over' : 'it is between two steps');
    return { kind: 'outside', since: status.startedAt, why, commands: [...windowCommands(view, names), ...commands] };
  }
  return {
    kind: 'step',
    ...stepOf(blocking),
    beside: beside.map(({ title }) => title),
    behind: behindOf(view),
    commands,
  };
}

/** A wave that waits for an approval: nothing of it has begun. */
function gateOf(view: SyncView, wave: WaveFact, approval: ApprovalStatus, names: CommandNames): Explanation {
  const application = view.status.application + names.flags;
  return {
    kind: 'step',
    ...{ phase: wave.phase, wave: wave.wave, title: `an approval of ${waveTitle(wave.steps)}` },
    ...{ startedAt: approval.since, limitMs: approval.deadlineMs, why: approval.reasons.join('; ') },
    beside: [],
    behind: behindOf(view),
    commands: [
      { purpose: 'let it go on', command: `syncline approve ${application}` },
      { purpose: 'end it', command: `syncline reject ${application} --reason …` },
    ],
  };
}

/** A step with a problem before one without, and the older before the younger: that one will end first, or never. */
function byBlame(one: StepFact, other: StepFact): number {
  const problems = Number(other.problem !== undefined) - Number(one.problem !== undefined);
  return problems || (one.startedAt ?? 0) - (other.startedAt ?? 0);
}

function stepOf(step: StepFact): Omit<BlockingStep, 'beside' | 'behind'> {
  const { phase, wave, title, startedAt, limitMs, problem, doing, hook } = step;
  const lastEvent = hook?.progress?.lastEvent;
  return {
    ...{ phase, wave, title },
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(limitMs === undefined ? {} : { limitMs }),
    why: problem?.message ?? doing ?? 'it runs',
    ...(problem === undefined ? {} : { reason: problem.reason }),
    ...(problem?.since === undefined ? {} : { since: problem.since }),
    ...(problem?.remedy === undefined ? {} : { remedy: problem.remedy }),
    ...(lastEvent === undefined ? {} : { lastEvent }),
  };
}

/** What of the plan has not begun. SyncFail waits for a failure, not for this step. */
function behindOf({ status }: SyncView): Behind {
  const waves = status.phases.filter(({ phase }) => phase !== 'SyncFail').flatMap((phase) => phase.waves);
  const pending = waves.flatMap(pendingSteps);
  return {
    objects: pending.reduce((sum, step) => sum + (step.kind === 'hook' ? 0 : step.count), 0),
    hooks: pending.filter((step) => step.kind === 'hook').length,
    waves: waves.filter((wave) => pendingSteps(wave).length > 0).length,
  };
}

function pendingSteps({ steps }: WaveStatus): WaveStatus['steps'] {
  return steps.filter((step) => step.state === 'pending');
}

function commandsFor(application: string, step: StepFact | undefined, { flags }: CommandNames): readonly NextCommand[] {
  const name = step?.hook?.ref.name;
  const looks =
    name === undefined
      ? []
      : [
          { purpose: 'follow its log', command: `syncline logs ${application} ${name} -f${flags}` },
          { purpose: 'see its events', command: `syncline events ${application} ${name}${flags}` },
        ];
  return [...looks, { purpose: 'stop the sync', command: `syncline abort ${application}${flags}` }];
}

function windowCommands({ status }: SyncView, { flags }: CommandNames): readonly NextCommand[] {
  const again = `syncline sync … --if-running supersede --override-window REASON${flags}`;
  return status.window === undefined ? [] : [{ purpose: 'begin at once', command: again }];
}

function queueCommands(application: string, syncId: string, { flags }: CommandNames): readonly NextCommand[] {
  return [
    { purpose: 'see what runs', command: `syncline explain ${application}${flags}` },
    { purpose: 'take it out of the line', command: `syncline abort ${application} --sync ${syncId}${flags}` },
  ];
}

function holdCommands(view: SyncView, { flags }: CommandNames): readonly NextCommand[] {
  const { application } = view.status;
  const skips = failedHooks(view).map(({ ref }) => ({
    purpose: 'go on without it',
    command: `syncline skip ${application} ${ref.name} --reason …${flags}`,
  }));
  return [
    { purpose: 'try it again', command: `syncline retry ${application}${flags}` },
    ...skips,
    { purpose: 'end the sync', command: `syncline abort ${application}${flags}` },
  ];
}
