import type { SyncView } from '../../client/following/view.ts';
import type { HookEvidence } from '../../core/evidence/evidence.ts';
import type { Failure } from '../../core/failures.ts';
import { oneLine, padEnd, wrap } from './cells.ts';
import type { StepFact, WaveFact } from './facts.ts';
import { wavesOf } from './facts.ts';
import { waveTitle } from './rows.ts';
import type { Style } from './style.ts';
import { clockTime, formatDuration } from './times.ts';

/** What the report of a failed or aborted sync is made from. */
export interface FailureOptions {
  /** What was kept of hooks, by step ID. */
  readonly evidence: ReadonlyMap<string, HookEvidence>;
  /** Commands that may be typed next, with what they do. Only commands that exist. */
  readonly next: readonly NextCommand[];
  readonly width: number;
  readonly style: Style;
}

/** A command to type, and what for. */
export interface NextCommand {
  readonly purpose: string;
  readonly command: string;
}

const LOG_LINES = 20;
const EVENTS = 5;
const MOST_FAILURES = 20;
const INDENT = '    ';

/** Renders one block for all that failed: what, where, when, why, what was said last, what was not run, what to type next. Ends without a line break. */
export function renderFailure(view: SyncView, options: FailureOptions): string {
  const waves = wavesOf(view);
  const failed = waves.flatMap((wave) =>
    wave.steps.filter((step) => step.state === 'failed' || step.state === 'aborted'),
  );
  const unclaimed = view.status.failures.filter((each) => !failed.some((step) => concerns(each, step)));
  return [
    ...failed.flatMap((step) => stepBlock(view, step, options)),
    ...(failed.length === 0 ? [headline(view, options.style)] : []),
    ...failureLines(unclaimed, options),
    ...notRun(waves, options),
    ...syncFail(waves, options),
    '',
    closing(view, options.style),
    ...nextLines(options.next),
  ].join('\n');
}

function concerns(failure: Failure, step: StepFact): boolean {
  if (step.hook === undefined || failure.object === undefined) return false;
  const { kind, name, namespace } = step.hook.ref;
  return failure.object === `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function headline(view: SyncView, { red }: Style): string {
  const planning = view.status.phases.length === 0;
  return `${red('✗')} ${view.status.application} ${planning ? 'could not be planned; nothing was changed' : verb(view)}`;
}

function verb(view: SyncView): string {
  return view.status.state === 'aborted' ? 'was aborted' : 'failed';
}

function stepBlock(view: SyncView, step: StepFact, options: FailureOptions): readonly string[] {
  const { style } = options;
  const evidence = step.hook === undefined ? undefined : options.evidence.get(step.hook.id);
  const own = view.status.failures.filter((each) => concerns(each, step));
  const reasons = own.length === 0 ? messageLines(step, options) : failureLines(own, options);
  const mark = step.state === 'failed' ? style.red('✗') : style.yellow('⊘');
  const what = step.state === 'failed' ? 'failed' : 'was stopped';
  const attempt = evidence === undefined ? [] : [`attempt ${evidence.attempt}`];
  const head = [`${style.bold(step.title)} ${what} in ${step.phase} wave ${step.wave}`, ...attempt, ...after(step)];
  return [
    `${mark} ${head.join(' · ')}`,
    ...reasons,
    ...(evidence === undefined ? [] : [...containerLines(evidence, options), ...eventLines(evidence, options)]),
  ];
}

function after(step: StepFact): readonly string[] {
  if (step.startedAt === undefined || step.finishedAt === undefined) return [];
  const limit = step.limitMs === undefined ? '' : ` of ${formatDuration(step.limitMs)}`;
  return [`after ${formatDuration(step.finishedAt - step.startedAt)}${limit}`];
}

function messageLines(step: StepFact, options: FailureOptions): readonly string[] {
  return step.message === undefined ? [] : wrapped(step.message, options);
}

/** Failures one after the other; a remedy that several share stands once, after the last of them. */
function failureLines(failures: readonly Failure[], options: FailureOptions): readonly string[] {
  const more = failures.length - MOST_FAILURES;
  const shown = failures.slice(0, MOST_FAILURES).flatMap((each, at, all) => {
    const place = each.location === undefined ? '' : `${each.location}: `;
    const shared = all[at + 1]?.remedy === each.remedy;
    const remedy = each.remedy === undefined || shared ? [] : wrapped(`→ ${each.remedy}`, options);
    return [...wrapped(`${place}${each.type}: ${each.message}`, options), ...remedy];
  });
  return more <= 0 ? shown : [...shown, `${INDENT}and ${more} more (-o json has them all)`];
}

function wrapped(text: string, { width }: FailureOptions): readonly string[] {
  return wrap(oneLine(text), Math.max(30, width - INDENT.length)).map((line) => INDENT + line);
}

function containerLines(evidence: HookEvidence, { style }: FailureOptions): readonly string[] {
  return evidence.containers
    .filter(({ log, exitCode }) => log.lines.length > 0 || (exitCode ?? 0) !== 0)
    .slice(-2)
    .flatMap(({ pod, container, state, log }) => {
      const shown = log.lines.slice(-LOG_LINES);
      const total = log.total ?? log.lines.length;
      const counted = total > shown.length ? `log, last ${shown.length} of ${total} lines` : 'log';
      return [
        `${INDENT}pod ${pod}, container ${container}: ${state}`,
        ...(shown.length === 0 ? [] : [`${INDENT}${counted}`]),
        ...shown.map((line) => `${INDENT}  ${style.dim(oneLine(line))}`.trimEnd()),
      ];
    });
}

function eventLines(evidence: HookEvidence, { style }: FailureOptions): readonly string[] {
  const warnings = evidence.events.filter((event) => event.type !== 'Normal');
  const shown = (warnings.length > 0 ? warnings : evidence.events).slice(-EVENTS);
  if (shown.length === 0) return [];
  return [
    `${INDENT}events`,
    ...shown.map(({ at, object, reason, message }) => {
      const time = Number.isNaN(Date.parse(at)) ? at : clockTime(Date.parse(at));
      return `${INDENT}  ${style.dim(`${time} ${object}  ${reason}  ${oneLine(message)}`)}`;
    }),
  ];
}

function notRun(waves: readonly WaveFact[], options: FailureOptions): readonly string[] {
  const isLeft = ({ state }: WaveFact | StepFact): boolean => state === 'pending' || state === 'skipped';
  const left = waves.filter((wave) => wave.phase !== 'SyncFail' && (isLeft(wave) || wave.steps.every(isLeft)));
  const names = left.map((wave) => `${wave.phase} wave ${wave.wave} (${waveTitle(wave.steps)})`);
  return names.length === 0 ? [] : wrapped(`not run: ${names.join(', ')}`, options);
}

function syncFail(waves: readonly WaveFact[], options: FailureOptions): readonly string[] {
  const hooks = waves.filter((wave) => wave.phase === 'SyncFail').flatMap((wave) => wave.steps);
  const ran = hooks.filter((step) => step.state !== 'pending' && step.state !== 'skipped');
  const took = (step: StepFact): string => {
    if (step.startedAt === undefined || step.finishedAt === undefined) return '';
    return ` (${formatDuration(step.finishedAt - step.startedAt)})`;
  };
  const words = ran.map((step) => `${step.title} ${step.state}${took(step)}`);
  return words.length === 0 ? [] : wrapped(`SyncFail: ${words.join(', ')}`, options);
}

function closing(view: SyncView, { bold }: Style): string {
  const { application, startedAt, finishedAt } = view.status;
  const took = finishedAt === undefined ? '' : ` after ${formatDuration(finishedAt - startedAt)}`;
  return bold(`${application} ${verb(view)}${took}.`);
}

function nextLines(commands: readonly NextCommand[]): readonly string[] {
  const width = Math.max(0, ...commands.map(({ purpose }) => purpose.length));
  return commands.map(({ purpose, command }) => `  ${padEnd(purpose, width)}  ${command}`);
}
