import { describeSkip } from '../../core/sync/skip.ts';
import type { StepState } from '../../core/sync/status.ts';
import type { ApprovalStatus } from '../../core/sync/approval.ts';
import { approvalNotes, approvalTime, approvalWords } from './approvals.ts';
import type { StepFact, WaveFact } from './facts.ts';
import { formatDuration, formatElapsed } from './times.ts';

/** One row of the tree, before it is laid out. */
export interface Row {
  readonly state: StepState;
  /** Empty where the row continues the wave above. */
  readonly phase: string;
  readonly wave: string;
  readonly title: string;
  readonly time: string;
  readonly detail: string;
  /** What keeps it waiting and what helps: stands under the row, as long as it is. */
  readonly notes: readonly string[];
  /** Log lines under the row, each cut to the width. */
  readonly log: readonly string[];
}

/** What the rows are made from beside the waves. */
export interface RowContext {
  /** Now, ms since 1970. */
  readonly now: number;
  /** The newest log lines of running hooks, by step ID. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  /** The application as commands name it, with the flags they need: `shop --cluster prod`. */
  readonly application: string;
}

/** The rows of one wave: one while it waits or is over, one for each open step while it runs, and for what a person has skipped of it. */
export function rowsOf(wave: WaveFact, context: RowContext): readonly Row[] {
  const label = { phase: wave.phase, wave: String(wave.wave) };
  const { approval } = wave;
  if (approval !== undefined && (wave.state === 'waiting' || isUnapproved(approval))) {
    return [gateRow(wave, approval, label, context)];
  }
  if (wave.state !== 'running' && wave.state !== 'failed' && !wave.steps.some(({ skipped }) => skipped !== undefined)) {
    return [
      { state: wave.state, ...label, title: waveTitle(wave.steps), time: took(wave), detail: '', notes: [], log: [] },
    ];
  }
  const done = wave.steps.filter((step) => step.state === 'succeeded');
  const open = wave.steps.filter((step) => step.state !== 'succeeded');
  const folded: readonly Row[] =
    done.length === 0
      ? []
      : [
          {
            state: 'succeeded',
            ...label,
            title: waveTitle(done),
            time: stepsTook(done),
            detail: '',
            notes: [],
            log: [],
          },
        ];
  const rows = [...folded, ...open.map((step) => stepRow(step, label, context))];
  return rows.map((row, at) => (at === 0 ? row : { ...row, phase: '', wave: '' }));
}

function isUnapproved({ state }: ApprovalStatus): boolean {
  return state === 'rejected' || state === 'expired';
}

/** A wave that waits for its approval, or did not get it. */
function gateRow(
  wave: WaveFact,
  approval: ApprovalStatus,
  label: { readonly phase: string; readonly wave: string },
  context: RowContext,
): Row {
  return {
    state: wave.state,
    ...label,
    title: waveTitle(wave.steps),
    time: approvalTime(approval, context.now),
    detail: approvalWords(approval),
    notes: wave.state === 'waiting' ? approvalNotes(approval, context.application) : [],
    log: [],
  };
}

function stepRow(step: StepFact, label: { readonly phase: string; readonly wave: string }, context: RowContext): Row {
  const running = step.state === 'running';
  const detail = running ? step.doing : endOf(step);
  return {
    state: step.state,
    ...label,
    title: step.title,
    time: stepTime(step, context.now),
    detail: detail ?? '',
    notes: running ? problemLines(step, context.now) : [],
    log: running ? logLines(step, context) : [],
  };
}

function endOf({ skipped, message }: StepFact): string | undefined {
  return skipped === undefined ? message : `skipped ${describeSkip(skipped)}`;
}

function logLines(step: StepFact, context: RowContext): readonly string[] {
  return step.hook === undefined ? [] : (context.logs.get(step.hook.id) ?? []);
}

/** What keeps a step waiting, and what helps. */
export function problemLines(step: StepFact, now: number): readonly string[] {
  const { problem } = step;
  if (problem === undefined) return [];
  const since = problem.since === undefined ? '' : ` for ${formatElapsed(now - problem.since)}`;
  const remedy = problem.remedy === undefined ? [] : [`→ ${problem.remedy}`];
  return [`${problem.reason}${since}: ${problem.message}`, ...remedy];
}

/** `1m51s of 30m` while a hook runs, `12s` once it is over, nothing before. */
export function stepTime(step: StepFact, now: number): string {
  if (step.startedAt === undefined || step.state === 'pending') return '';
  if (step.state !== 'running') return took(step);
  const limit = step.limitMs === undefined ? '' : ` of ${formatDuration(step.limitMs)}`;
  return `${formatElapsed(now - step.startedAt)}${limit}`;
}

function took(step: { readonly startedAt?: number; readonly finishedAt?: number }): string {
  if (step.startedAt === undefined || step.finishedAt === undefined) return '';
  return formatDuration(step.finishedAt - step.startedAt);
}

function stepsTook(steps: readonly StepFact[]): string {
  const starts = steps.flatMap((step) => step.startedAt ?? []);
  const ends = steps.flatMap((step) => step.finishedAt ?? []);
  return starts.length === 0 || ends.length === 0 ? '' : formatDuration(Math.max(...ends) - Math.min(...starts));
}

/** What a wave holds, in a few words: `3 objects, Job/smoke-test`, or counted when there are many hooks. */
export function waveTitle(steps: readonly StepFact[]): string {
  const resources = steps.filter((step) => step.kind === 'resources').map((step) => step.title);
  const hooks = steps.filter((step) => step.kind === 'hook').map((step) => step.title);
  return [...resources, ...(hooks.length > 3 ? [`${hooks.length} hooks`] : hooks)].join(', ');
}
