import { structuredPatch } from 'diff';
import { stringify } from 'yaml';
import type { FieldChange } from '../../core/diff/field-changes.ts';
import { keyText, pathText } from '../../core/diff/field-path.ts';
import type { DiffCounts, ObjectDifference, SyncDiff } from '../../core/diff/sync-diff.ts';
import { differs } from '../../core/diff/sync-diff.ts';
import type { Json } from '../../core/json.ts';
import { describeRef } from '../../core/objects.ts';
import { harmless, oneLine, padEnd } from './cells.ts';
import type { Style } from './style.ts';

/** Unchanged lines that are shown around a changed one in a text of many lines. */
const CONTEXT_LINES = 3;

/** Columns of an object's name, before what is said of it. */
const NAME_WIDTH = 40;

/**
 * Renders what a sync would change, object by object: a sign and the object, then each field with its lines before (`-`)
 * and after (`+`). The signs say all that the colours do. Ends without a line break; empty where there is nothing to show.
 */
export function renderDiff({ objects }: SyncDiff, style: Style): string {
  return objects
    .filter(({ kind }) => kind !== 'marked')
    .flatMap((object) => objectLines(object, style))
    .join('\n');
}

/** The diff in one line: what a sync would do, counted. */
export function diffSummary(application: string, counts: DiffCounts): string {
  const hooks = counts.hook === 0 ? [] : [`${counts.hook} ${counts.hook === 1 ? 'hook' : 'hooks'} to run`];
  const marked = counts.marked === 0 ? [] : [`${counts.marked} only to be marked as the application's`];
  if (!differs(counts))
    return `${application}: ${['nothing differs', unchangedWords(counts), ...marked, ...hooks].join(', ')}`;
  const words = [
    [counts.added, 'to create'],
    [counts.changed, 'to change'],
    [counts.remade, 'to make anew'],
    [counts.removed, 'to prune'],
    [counts.unpredicted, 'to apply unpredicted'],
    [counts.extra, 'extra'],
  ] as const;
  const some = words.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${application}: ${[...some, ...marked, unchangedWords(counts), ...hooks].join(', ')}`;
}

function unchangedWords({ unchanged }: DiffCounts): string {
  return `${unchanged} unchanged`;
}

function objectLines(object: ObjectDifference, style: Style): readonly string[] {
  const { sign, note } = signOf(object);
  const title = describeRef(object.ref);
  const head = `${colored(sign, style)(sign)} ${style.bold(padEnd(title, NAME_WIDTH))} ${style.dim(note)}`;
  const fields = object.kind === 'changed' ? object.changes.flatMap((change) => changeLines(change, style)) : [];
  return [head, ...fields];
}

function signOf(object: ObjectDifference): { readonly sign: string; readonly note: string } {
  switch (object.kind) {
    case 'added':
      return { sign: '+', note: 'is created' };
    case 'removed':
      return { sign: '-', note: 'is pruned' };
    case 'changed':
      return { sign: '~', note: object.changes.length === 1 ? '1 field' : `${object.changes.length} fields` };
    case 'remade':
      return { sign: '±', note: 'is deleted and made anew' };
    case 'extra':
      return { sign: '!', note: 'extra: not in the manifests, and stays' };
    case 'unpredicted':
      return { sign: '?', note: `is applied; ${oneLine(object.reason)}` };
    case 'marked':
      return { sign: ' ', note: "is marked as the application's" };
    case 'hook':
      return { sign: '*', note: `hook of ${object.phase}, runs` };
  }
}

function colored(sign: string, style: Style): (text: string) => string {
  if (sign === '+') return style.green;
  if (sign === '-') return style.red;
  return sign === ' ' ? style.dim : style.yellow;
}

function changeLines(change: FieldChange, style: Style): readonly string[] {
  const path = harmless(pathText(change.path));
  const lines = (sign: '-' | '+', value: Json): readonly string[] =>
    textLines(value).map((line) => colored(sign, style)(`  ${sign}   ${line}`));
  switch (change.kind) {
    case 'added':
      return [`    ${path}`, ...lines('+', change.after)];
    case 'removed':
      return [`    ${path}`, ...lines('-', change.before)];
    case 'reordered':
      return [
        `    ${path} (order)`,
        ...lines('-', change.before.map(keyText).join(', ')),
        ...lines('+', change.after.map(keyText).join(', ')),
      ];
    case 'changed':
      return [`    ${path}`, ...valueLines(change.before, change.after, style)];
  }
}

/** Values of several lines are shown by the lines that differ, with a few around them. */
function valueLines(before: Json, after: Json, style: Style): readonly string[] {
  const one = textLines(before);
  const other = textLines(after);
  // A text's last line has a break too, or the last two would differ where one side goes on.
  const patch = structuredPatch('', '', `${one.join('\n')}\n`, `${other.join('\n')}\n`, '', '', {
    context: CONTEXT_LINES,
  });
  if (patch.hunks.length === 0) return [style.yellow('  ~   differs in the value of a Secret, which is hidden')];
  return patch.hunks.flatMap((hunk, at) => [
    ...(at === 0 ? [] : [style.dim('      ⋮')]),
    ...hunk.lines.map((line) => patchLine(line, style)),
  ]);
}

function patchLine(line: string, style: Style): string {
  const sign = line.slice(0, 1);
  const text = `  ${sign}   ${line.slice(1)}`;
  return sign === '+' || sign === '-' ? colored(sign, style)(text) : style.dim(text);
}

/** A value as lines of YAML. */
function textLines(value: Json): readonly string[] {
  return stringify(value, { lineWidth: 0 }).replace(/\n$/, '').split('\n').map(harmless);
}
