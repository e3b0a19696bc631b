import type { Failure } from '../failures.ts';
import type { ObjectRef } from '../objects.ts';
import { labelsMeet, parseLabelSelector } from './label-selector.ts';
import type { LabelRequirement } from './label-selector.ts';
import { REFERENCE_GRAMMAR, parseReference, refersTo } from '../reference.ts';
import type { Reference } from '../reference.ts';

/** Which part of an application a sync is about, as it was asked for; what is absent leaves nothing out. */
export interface Selection {
  /**
   * Resources by `[!]GROUP:KIND:[NAMESPACE/]NAME`, where `*` stands for any text and a leading `!` leaves out. Without one that
   * takes in, all are taken in that are not left out.
   */
  readonly resources?: readonly string[];
  /** Resources by their labels, as kubectl's `--selector`. */
  readonly selector?: string;
  /** `only` runs hooks alone, `skip` runs none. Absent: hooks run, whatever resources are selected. */
  readonly hooks?: 'only' | 'skip';
}

/** A reference of a selection, and the text it was read from. */
export interface SelectedReference {
  readonly text: string;
  readonly excludes: boolean;
  readonly reference: Reference;
}

/** A selection that was read. */
export interface SelectionRule {
  readonly references: readonly SelectedReference[];
  readonly labels: readonly LabelRequirement[];
  readonly hooks: Selection['hooks'];
}

/** What a selection knows an object by. */
export interface Selectable {
  readonly ref: ObjectRef;
  readonly labels: Readonly<Record<string, string>>;
  readonly role: 'resource' | 'hook';
}

/** Whether a selection leaves out anything at all. */
export function isPartial({ resources = [], selector, hooks }: Selection): boolean {
  return resources.length > 0 || selector !== undefined || hooks !== undefined;
}

/** A selection as its flags, as they would be typed: `--resource apps:Deployment:web --skip-hooks`. */
export function describeSelection({ resources = [], selector, hooks }: Selection): string {
  return [
    ...resources.map((text) => `--resource ${typed(text)}`),
    ...(selector === undefined ? [] : [`--selector ${typed(selector)}`]),
    ...(hooks === undefined ? [] : [hooks === 'only' ? '--only-hooks' : '--skip-hooks']),
  ].join(' ');
}

/** Reads a selection; each text that can't be read is an `InvalidRequest` that names its flag. */
export function readSelection(selection: Selection): {
  readonly rule: SelectionRule;
  readonly failures: readonly Failure[];
} {
  const { resources = [], selector, hooks } = selection;
  const read = resources.map((text) => ({ text, excludes: text.startsWith('!'), reference: referenceIn(text) }));
  const labels = selector === undefined ? undefined : parseLabelSelector(selector);
  const failures: Failure[] = read
    .filter(({ reference }) => reference === undefined)
    .map(({ text }) => noReference(text));
  if (labels?.kind === 'malformed') failures.push(noSelector(selector ?? '', labels.problem));
  if (hooks === 'only' && (resources.length > 0 || selector !== undefined)) failures.push(CONTRADICTION);
  return {
    rule: {
      references: read.flatMap(({ reference, ...rest }) => (reference === undefined ? [] : [{ ...rest, reference }])),
      labels: labels?.kind === 'selector' ? labels.requirements : [],
      hooks,
    },
    failures,
  };
}

/**
 * Why a selection leaves an object out, or undefined where it is taken in. As in Argo CD an exclusion wins, and references
 * and labels are about resources alone; unlike there, hooks run unless they are skipped by choice.
 */
export function leftOutBecause(rule: SelectionRule, { role, ref, labels }: Selectable): string | undefined {
  if (role === 'hook') return rule.hooks === 'skip' ? 'hooks are skipped (--skip-hooks)' : undefined;
  if (rule.hooks === 'only') return 'only hooks are run (--only-hooks)';
  const taken = isReferred(rule, ref) && labelsMeet(rule.labels, labels);
  return taken ? undefined : 'not selected';
}

function isReferred({ references }: SelectionRule, ref: ObjectRef): boolean {
  const inclusions = references.filter(({ excludes }) => !excludes);
  const exclusions = references.filter(({ excludes }) => excludes);
  const names = ({ reference }: SelectedReference): boolean => refersTo(reference, ref);
  return (inclusions.length === 0 || inclusions.some(names)) && !exclusions.some(names);
}

/** A word as a shell takes it for one. */
function typed(word: string): string {
  return /^[\w:/.,=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function referenceIn(text: string): Reference | undefined {
  return parseReference(text.startsWith('!') ? text.slice(1) : text);
}

function noReference(text: string): Failure {
  return {
    type: 'InvalidRequest',
    message: `--resource has the value ${JSON.stringify(text)}, which is no [!]${REFERENCE_GRAMMAR}.`,
    remedy:
      'write e.g. apps:Deployment:web, :Service:shop/web (the core group is empty), *:ConfigMap:* or !batch:Job:cleanup',
  };
}

function noSelector(text: string, problem: string): Failure {
  return {
    type: 'InvalidRequest',
    message: `--selector has the value ${JSON.stringify(text)}, in which ${problem}.`,
    remedy: 'join requirements by commas: key=value, key!=value, key in (a,b), key notin (a,b), key, !key',
  };
}

const CONTRADICTION: Failure = {
  type: 'InvalidRequest',
  message: '--only-hooks leaves every resource out, so that --resource and --selector can select none.',
  remedy: 'give one or the other',
};
