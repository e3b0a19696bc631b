import type { Behind, BlockingStep, Explanation } from '../explanation.ts';
import type { Failure } from '../../core/failures.ts';
import { formatFailure } from '../../core/failures.ts';
import type { SyncOutcome } from '../../core/sync/status.ts';
import { fit, harmless, oneLine, padEnd, wrap } from './cells.ts';
import type { NextCommand } from './failure.ts';
import type { Style } from './style.ts';
import { clockTime, formatDuration, formatElapsed } from './times.ts';

/** How an explanation is to be laid out. */
export interface ExplanationOptions {
  /** Now, ms since 1970. */
  readonly now: number;
  readonly width: number;
  readonly style: Style;
}

const LABEL = 9;

const ENDINGS: Readonly<Record<SyncOutcome, string>> = {
  Succeeded: 'succeeded',
  Failed: 'failed',
  Aborted: 'was aborted',
  Superseded: 'was superseded',
};

/** Renders why an application's sync stands where it stands. Ends without a line break. */
export function renderExplanation(application: string, explanation: Explanation, options: ExplanationOptions): string {
  const { bold } = options.style;
  const lines = [headline(bold(application), explanation, options), ...reasons(explanation, options)];
  return [...lines, ...commandLines(explanation.commands, options)].join('\n');
}

function headline(name: string, explanation: Explanation, { now }: ExplanationOptions): string {
  switch (explanation.kind) {
    case 'step': {
      const { phase, wave, title } = explanation;
      return `${name} waits in ${phase} wave ${wave} for ${title}${spent(explanation, now)}.`;
    }
    case 'hold': {
      const waited = `${formatElapsed(now - explanation.since)} of ${formatDuration(explanation.limitMs)}`;
      return `${name} holds after a failure, for a decision: ${waited}.`;
    }
    case 'outside':
      return `${name} runs for ${formatElapsed(now - explanation.since)}, and waits for no step.`;
    case 'queued':
      return `${name} waits for its turn for ${formatElapsed(now - explanation.since)}.`;
    case 'over':
      return `${name} waits for nothing: its last sync ${ENDINGS[explanation.outcome]}.`;
  }
}

function spent({ startedAt, limitMs }: BlockingStep, now: number): string {
  if (startedAt === undefined) return '';
  const limit = limitMs === undefined ? '' : ` of ${formatDuration(limitMs)}`;
  return `: ${formatElapsed(now - startedAt)}${limit}`;
}

function reasons(explanation: Explanation, options: ExplanationOptions): readonly string[] {
  switch (explanation.kind) {
    case 'step':
      return stepReasons(explanation, options);
    case 'outside':
    case 'queued':
      return labelled('why', explanation.why, options);
    case 'hold':
      return [...failureReasons(explanation.failures, options), ...logLines(explanation.log, options)];
    case 'over':
      return [
        ...failureReasons(explanation.failures, options),
        ...logLines(explanation.log, options),
        ...(explanation.gone === undefined ? [] : labelled('log', explanation.gone, options)),
      ];
  }
}

function failureReasons(failures: readonly Failure[], options: ExplanationOptions): readonly string[] {
  return failures.slice(0, 3).flatMap((failure) => labelled('why', formatFailure(failure), options));
}

/** Lines of a log as they were written, each on a line of its own. */
function logLines(lines: readonly string[] = [], { width, style }: ExplanationOptions): readonly string[] {
  return lines.map((line, at) => {
    const label = style.dim(padEnd(at === 0 ? 'log' : '', LABEL - 1));
    return `  ${label} ${fit(harmless(line), Math.max(30, width - LABEL - 2))}`;
  });
}

function stepReasons(step: BlockingStep, options: ExplanationOptions): readonly string[] {
  const { reason, why, since, remedy, lastEvent, beside } = step;
  const waiting = behindLine(step.behind);
  return [
    ...labelled('why', reason === undefined ? why : `${reason}: ${why}`, options),
    ...(since === undefined
      ? []
      : labelled('since', `${clockTime(since)}, for ${formatElapsed(options.now - since)}`, options)),
    ...(remedy === undefined ? [] : labelled('help', remedy, options)),
    ...(lastEvent === undefined ? [] : labelled('event', lastEvent, options)),
    ...(beside.length === 0 ? [] : labelled('beside', beside.join(', '), options)),
    ...(waiting === undefined ? [] : labelled('behind', waiting, options)),
  ];
}

function behindLine({ objects, hooks, waves }: Behind): string | undefined {
  const parts = [...counted(objects, 'object'), ...counted(hooks, 'hook')];
  if (parts.length === 0) return undefined;
  return `${parts.join(' and ')} in ${counted(waves, 'wave').join('')} wait for it`;
}

function counted(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
}

function labelled(label: string, text: string, { width, style }: ExplanationOptions): readonly string[] {
  const [first = '', ...rest] = wrap(oneLine(text), Math.max(30, width - LABEL - 2));
  return [`  ${style.dim(padEnd(label, LABEL - 1))} ${first}`, ...rest.map((line) => ' '.repeat(LABEL + 2) + line)];
}

function commandLines(commands: readonly NextCommand[], { style }: ExplanationOptions): readonly string[] {
  const width = Math.max(0, ...commands.map(({ purpose }) => purpose.length));
  return commands.map(({ purpose, command }, at) => {
    const label = padEnd(at === 0 ? 'you can' : '', LABEL - 1);
    return `  ${style.dim(label)} ${padEnd(purpose, width)}  ${command}`;
  });
}
