import type { SyncView } from '../../client/following/view.ts';
import { isOver } from '../../client/following/view.ts';
import { describeSkip } from '../../core/sync/skip.ts';
import { approvalNotes, approvalTime, approvalWords } from './approvals.ts';
import { oneLine, padEnd, padStart } from './cells.ts';
import type { SpentFact, StepFact, WaveFact } from './facts.ts';
import { wavesOf } from './facts.ts';
import { destinationLine } from './destination.ts';
import { holdNotes, holdWords } from './hold.ts';
import { queueWords, waitingWords } from './queue.ts';
import { notableRootWork, rootWorkLine } from './root-work.ts';
import { problemLines, waveTitle } from './rows.ts';
import { clockTime, formatDuration, formatElapsed } from './times.ts';

/** While nothing changes, a line says so at most this often, in ms. */
const QUIET_MS = 60_000;

/** What was said already. */
export interface LineMemory {
  readonly steps: ReadonlyMap<string, StepFact>;
  /** States of gates, by gate. */
  readonly gates: ReadonlyMap<string, string>;
  /** Since when the hold stands that was told of last. */
  readonly hold?: number;
  /** What was told of the line: the place in it, and who waits behind. */
  readonly line?: string;
  readonly warnings: number;
  readonly root?: string;
  readonly destination?: string;
  readonly stale: boolean;
  /** When the last line was written, ms since 1970. */
  readonly lastLineAt: number;
}

/** The memory before the first line, at a moment in ms since 1970. */
export function emptyMemory(now: number): LineMemory {
  return { steps: new Map(), gates: new Map(), warnings: 0, stale: false, lastLineAt: now };
}

/**
 * The lines to append for a new view: one for each change since the memory, or one that says what is waited for when
 * nothing has changed for a minute. Answers them with the memory for the next call. `application` is as commands name it.
 */
export function renderLines(
  memory: LineMemory,
  view: SyncView,
  now: number,
  application: string = view.status.application,
): { readonly lines: readonly string[]; readonly memory: LineMemory } {
  const waves = wavesOf(view);
  const steps = waves.flatMap((wave) => wave.steps);
  const root = notableRootWork(view, now);
  const destination = destinationLine(view);
  const changes = [
    ...(destination === undefined || destination === memory.destination ? [] : [`${clockTime(now)} ${destination}`]),
    ...view.status.warnings.slice(memory.warnings).map((warning) => `${clockTime(now)} warning: ${oneLine(warning)}`),
    ...(root === undefined || root === memory.root ? [] : [`${clockTime(now)} ${root}`]),
    ...(view.stale && !memory.stale
      ? [`${clockTime(now)} no worker answers; what follows is what Temporal last knew`]
      : []),
    ...queueLines(memory, view, now),
    ...holdLines(memory, view, now, application),
    ...waves.flatMap((wave) => gateLines(memory, wave, now, application)),
    ...steps.flatMap((step) => stepLines(memory.steps.get(step.key), step, now)),
  ];
  const quiet = changes.length === 0 && now - memory.lastLineAt >= QUIET_MS && !isOver(view.status);
  const lines = quiet ? waitingLines(view, steps, now) : changes;
  const lastLineAt = lines.length === 0 ? memory.lastLineAt : now;
  return { lines, memory: { ...memoryOf(view, now), lastLineAt } };
}

function memoryOf(view: SyncView, now: number): Omit<LineMemory, 'lastLineAt'> {
  const waves = wavesOf(view);
  const root = notableRootWork(view, now);
  const destination = destinationLine(view);
  return {
    steps: new Map(waves.flatMap((wave) => wave.steps.map((step) => [step.key, step]))),
    gates: new Map(waves.flatMap(({ approval }) => (approval === undefined ? [] : [[approval.gate, approval.state]]))),
    ...(view.status.hold === undefined ? {} : { hold: view.status.hold.since }),
    ...queueMemory(view),
    warnings: view.status.warnings.length,
    ...(root === undefined ? {} : { root }),
    ...(destination === undefined ? {} : { destination }),
    stale: view.stale,
  };
}

/** A place in the line, or who waits behind, where that has changed. */
function queueLines(memory: LineMemory, view: SyncView, now: number): readonly string[] {
  const { line } = queueMemory(view);
  if (line === undefined || line === memory.line) return [];
  const own = queueWords(view, now);
  return [...(own === undefined ? [] : [own]), ...waitingWords(view, now)].map(
    (text) => `${clockTime(now)} ${oneLine(text)}`,
  );
}

/** What of the line, when it changes, is worth a line. */
function queueMemory({ status, waiting }: SyncView): { readonly line?: string } {
  const { queued, supersededBy } = status;
  const first = waiting[0]?.syncId;
  const line = [queued?.before, queued?.behind?.syncId, supersededBy?.syncId, first]
    .map((part) => part ?? '')
    .join(' ');
  return line.trim() === '' ? {} : { line };
}

function stepLines(before: StepFact | undefined, step: StepFact, now: number): readonly string[] {
  const changed = step.state !== (before?.state ?? 'pending');
  const state = changed ? stateLine(step, now) : undefined;
  const isSpent = step.spent !== undefined && step.spent.title !== before?.spent?.title;
  const spent = isSpent ? [spentLine(step, step.spent)] : [];
  const problem = step.problem !== undefined && sortOf(step.problem) !== sortOf(before?.problem);
  const problems = problem ? problemLines(step, now).map((text) => lineOf(step, now, 'waiting', text)) : [];
  const isOver = step.state !== 'running';
  const states = state === undefined ? [] : [state];
  return [...(isOver ? [...spent, ...states] : [...states, ...spent]), ...problems];
}

/** An attempt that has failed, and when it is tried again. */
function spentLine(step: StepFact, { title, message, finishedAt, nextAt }: SpentFact): string {
  const next = nextAt === undefined ? '' : `, next attempt in ${formatDuration(nextAt - finishedAt)}`;
  return lineOf(step, finishedAt, 'failed', `${title}: ${message}${next}`);
}

/** Kubernetes changes between these two at every try to pull. */
function sortOf(problem: StepFact['problem']): string | undefined {
  return problem?.reason === 'ErrImagePull' ? 'ImagePullBackOff' : problem?.reason;
}

function stateLine(step: StepFact, now: number): string | undefined {
  const took =
    step.startedAt === undefined || step.finishedAt === undefined
      ? ''
      : formatDuration(step.finishedAt - step.startedAt);
  switch (step.state) {
    case 'pending':
    case 'waiting':
      return undefined;
    case 'skipped':
      return step.skipped === undefined ? undefined : lineOf(step, now, 'skipped', describeSkip(step.skipped));
    case 'running':
      return lineOf(step, step.startedAt ?? now, 'started', startedText(step));
    case 'succeeded':
      return lineOf(step, step.finishedAt ?? now, 'succeeded', `${took}${changedText(step)}`);
    case 'failed':
    case 'aborted':
      return lineOf(step, step.finishedAt ?? now, step.state, [took, step.message ?? ''].filter(Boolean).join('  '));
  }
}

function startedText(step: StepFact): string {
  return step.limitMs === undefined ? '' : `limit ${formatDuration(step.limitMs)}`;
}

function changedText(step: StepFact): string {
  return step.changed === undefined ? '' : `  ${step.changed} changed`;
}

/** A hold that has begun, with why and what helps. */
function holdLines(memory: LineMemory, view: SyncView, now: number, application: string): readonly string[] {
  const words = holdWords(view, now);
  if (words === undefined || view.status.hold?.since === memory.hold) return [];
  return [words, ...holdNotes(view, application)].map((text) => `${clockTime(now)} ${oneLine(text)}`);
}

/** A gate that waits now, with why and what helps, or that was decided since. */
function gateLines(memory: LineMemory, wave: WaveFact, now: number, application: string): readonly string[] {
  const { approval } = wave;
  if (approval === undefined || approval.state === memory.gates.get(approval.gate)) return [];
  const place = { ...wave, title: waveTitle(wave.steps) };
  if (approval.state !== 'waiting') return [lineOf(place, now, approval.state, approvalWords(approval))];
  return [approvalWords(approval), ...approvalNotes(approval, application)].map((text) =>
    lineOf(place, now, 'waiting', text),
  );
}

function waitingLines(view: SyncView, steps: readonly StepFact[], now: number): readonly string[] {
  const hold = holdWords(view, now);
  if (hold !== undefined) return [`${clockTime(now)} ${hold}`];
  const [first, ...others] = steps.filter((step) => step.state === 'running');
  const gate = wavesOf(view).find((wave) => wave.state === 'waiting');
  if (gate?.approval !== undefined) {
    const text = `${approvalTime(gate.approval, now)} ${approvalWords(gate.approval)}`;
    return [lineOf({ ...gate, title: waveTitle(gate.steps) }, now, 'waiting', text)];
  }
  if (first === undefined) return [`${clockTime(now)} ${rootWorkLine(view, now) ?? 'waiting'}`];
  const elapsed = first.startedAt === undefined ? '' : formatElapsed(now - first.startedAt);
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return [lineOf(first, now, 'waiting', `${elapsed} ${first.doing ?? ''}`.trim() + more)];
}

function lineOf(step: Pick<StepFact, 'phase' | 'wave' | 'title'>, at: number, what: string, text: string): string {
  const place = `${padEnd(step.phase, 8)} ${padStart(String(step.wave), 3)}`;
  return `${clockTime(at)} ${place}  ${padEnd(step.title, 24)}  ${padEnd(what, 9)}  ${oneLine(text)}`.trimEnd();
}
