import { DEFAULT_HOOK_DEADLINE_MS } from '../../core/deadlines.ts';
import type {
  HookStep,
  PlanPhase,
  PlanStep,
  PlanWave,
  SkippedObject,
  StepObject,
  SyncPlan,
} from '../../core/plan/plan.ts';
import { stepsOfPlan } from '../../core/plan/plan.ts';
import { padEnd, padStart, phaseWidth, wrap } from './cells.ts';
import type { Style } from './style.ts';
import { formatDuration } from './times.ts';

/** How a plan is to be laid out. */
export interface PlanOptions {
  readonly width: number;
  readonly style: Style;
}

/** Objects of one wave that are named; a longer list is cut, since JSON has them all. */
const MOST_TITLES = 30;

/** Skipped objects that are named, for each reason. */
const MOST_SKIPPED = 5;

/** Renders what a sync will do, wave by wave in its order. Ends without a line break. */
export function renderPlan(plan: SyncPlan, options: PlanOptions): string {
  const titleOf = titlesIn(plan);
  const width = phaseWidth(plan.phases.map(({ phase }) => phase));
  const waves = plan.phases.flatMap((phase) =>
    phase.waves.flatMap((wave) =>
      waveLines(phase, wave, entriesOf(wave.steps, titleOf), { ...options, phaseWidth: width }),
    ),
  );
  const skipped = skippedLines(plan.skipped, options);
  const warnings = plan.warnings.flatMap((warning) => [`  ${options.style.yellow('warning')}: ${warning}`]);
  const nothing = waves.length === 0 ? ['  nothing to do: the manifests hold no object that a sync handles'] : [];
  return [...nothing, ...waves, ...skipped, ...(warnings.length === 0 ? [] : ['', ...warnings])].join('\n');
}

/** How lines of waves are laid out. */
interface WaveLayout extends PlanOptions {
  /** Columns of the phases' names. */
  readonly phaseWidth: number;
}

function waveLines(
  phase: PlanPhase,
  wave: PlanWave,
  entries: readonly Entry[],
  options: WaveLayout,
): readonly string[] {
  // Before what a line says stand two spaces, phase, wave, action.
  const label = ' '.repeat(2 + options.phaseWidth + 2 + 8 + 3);
  const room = options.width - label.length - 5 - 2;
  return entries.flatMap((entry, at) => {
    const texts = wrap(entry.text, Math.max(20, room));
    return texts.map((text, line) => {
      const start = at === 0 && line === 0 ? labelOf(phase, wave, options) : label;
      const action = line === 0 ? entry.action : '';
      const note = entry.note !== '' && line === texts.length - 1 ? `   ${options.style.dim(entry.note)}` : '';
      return `${start}${padEnd(action, 5)}  ${note === '' ? text : padEnd(text, 24)}${note}`;
    });
  });
}

function labelOf(phase: PlanPhase, wave: PlanWave, { style, phaseWidth: width }: WaveLayout): string {
  const first = phase.waves[0] === wave;
  const name = padEnd(first ? phase.phase : '', width);
  return `  ${first ? style.bold(name) : name}  wave${padStart(String(wave.wave), 4)}   `;
}

interface Entry {
  readonly action: string;
  readonly text: string;
  readonly note: string;
}

/** Steps that follow each other share an entry, hooks aside, as long as they come after the same. */
function entriesOf(steps: readonly PlanStep[], titleOf: TitleOf): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < steps.length;) {
    const step = steps[at];
    if (step === undefined) break;
    const after = afterWords(step, titleOf);
    if (step.action === 'hook') {
      const note = [...after, ...hookWords(step)].join(' · ');
      entries.push({ action: 'hook', text: titleOfStep(step), note });
      at += 1;
      continue;
    }
    const isAlike = (other: PlanStep): boolean =>
      other.action === step.action &&
      other.approval === step.approval &&
      afterWords(other, titleOf).join() === after.join();
    const run = steps.slice(at).findIndex((other) => !isAlike(other));
    const group = run < 0 ? steps.slice(at) : steps.slice(at, at + run);
    const action = step.phase === 'Delete' ? '' : step.action;
    entries.push({ action, text: titles(group), note: [...after, ...approvalWords(step)].join(' · ') });
    at += group.length;
  }
  return entries;
}

/** The title of a step by its ID. */
type TitleOf = (id: string) => string;

function titlesIn(plan: SyncPlan): TitleOf {
  const known = new Map(stepsOfPlan(plan).map((step) => [step.id, titleOfStep(step)]));
  return (id) => known.get(id) ?? id;
}

/** `after Deployment/db`, or nothing. */
function afterWords({ after = [] }: PlanStep, titleOf: TitleOf): readonly string[] {
  return after.length === 0 ? [] : [`after ${after.map(titleOf).join(', ')}`];
}

function titles(steps: readonly PlanStep[]): string {
  const named = steps.slice(0, MOST_TITLES).map(titleOfStep).join(', ');
  const more = steps.length - MOST_TITLES;
  return more <= 0 ? named : `${named} and ${more} more (-o json names them all)`;
}

/** `Job/db-migrate`; `Job/seed-*` while the name is yet to be generated. */
export function titleOfStep({ kind, name, generateName }: StepObject): string {
  return `${kind}/${name ?? `${generateName ?? ''}*`}`;
}

function hookWords(step: HookStep): readonly string[] {
  const limit = step.deadlineMs === DEFAULT_HOOK_DEADLINE_MS ? [] : [`limit ${formatDuration(step.deadlineMs)}`];
  const only = step.phase === 'SyncFail' ? ['only if the sync fails'] : [];
  return [...approvalWords(step), ...only, ...policyWords(step), ...limit];
}

function approvalWords({ approval }: PlanStep): readonly string[] {
  return approval === undefined ? [] : [`waits for an approval (${approval})`];
}

function policyWords({ deletePolicies, name }: HookStep): readonly string[] {
  const has = (policy: HookStep['deletePolicies'][number]): boolean => deletePolicies.includes(policy);
  const replaces = has('BeforeHookCreation') && name !== null ? ['replaces an earlier one'] : [];
  if (has('HookSucceeded') && has('HookFailed')) return [...replaces, 'deleted at its end'];
  if (has('HookSucceeded')) return [...replaces, 'deleted when it succeeds'];
  return has('HookFailed') ? [...replaces, 'deleted when it fails'] : replaces;
}

/** Objects that are skipped for one reason share a line once they are many; JSON has them all. */
function skippedLines(skipped: readonly SkippedObject[], { style }: PlanOptions): readonly string[] {
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  return reasons.flatMap((reason) => {
    const objects = skipped.filter((object) => object.reason === reason);
    const texts = objects.length > MOST_SKIPPED ? [`${objects.length} objects (-o json)`] : objects.map(titleOfStep);
    return texts.map((text) => skippedLine(text, reason, style));
  });
}

function skippedLine(text: string, reason: string, style: Style): string {
  return `  ${style.dim('skipped')}${' '.repeat(21)}${padEnd(text, 24)}   ${style.dim(reason)}`;
}
