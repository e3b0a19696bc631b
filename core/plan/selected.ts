import type { Failure } from '../failures.ts';
import { nothingSelected } from '../selection/nothing-selected.ts';
import { describeSelection, leftOutBecause, readSelection } from '../selection/selection.ts';
import type { Selectable, Selection } from '../selection/selection.ts';
import type { Entry } from './entries.ts';
import { selectableOf } from './entries.ts';
import type { SkippedObject } from './plan.ts';
import type { TaskContext } from './tasks.ts';
import { stepObjectOf } from './tasks.ts';

/** The part of the application that is planned. */
export interface PlanSelection {
  readonly selection: Selection;
  /**
   * Resources beside those of the manifests that may be selected: what a prune would delete. Absent where they are not known,
   * so that a selection that fits no manifest is no failure yet.
   */
  readonly others?: readonly Selectable[];
}

/** What a selection makes of a bundle. */
export interface Selected {
  readonly entries: readonly Entry[];
  readonly skipped: readonly SkippedObject[];
  /** A sentence for people that says what is left out. */
  readonly notes: readonly string[];
  readonly failures: readonly Failure[];
}

/** Keeps the entries that a selection takes in; all of them where there is none. */
export function selectEntries(
  entries: readonly Entry[],
  planned: PlanSelection | undefined,
  context: TaskContext,
): Selected {
  if (planned === undefined) return { entries, skipped: [], notes: [], failures: [] };
  const { rule, failures: unreadable } = readSelection(planned.selection);
  const judged = entries.map((entry) => {
    const selectable = selectableOf(entry, context);
    return { entry, selectable, reason: selectable === undefined ? undefined : leftOutBecause(rule, selectable) };
  });
  const known = judged.flatMap(({ selectable }) => selectable ?? []);
  const skipped = judged.flatMap(({ entry, selectable, reason }): SkippedObject[] => {
    if (selectable === undefined || reason === undefined) return [];
    return [{ ...stepObjectOf(entry.manifest, context), reason, unselected: selectable.role }];
  });
  const judgeable = unreadable.length === 0 && planned.others !== undefined;
  return {
    entries: judged.filter(({ reason }) => reason === undefined).map(({ entry }) => entry),
    skipped,
    notes: [noteOn(planned.selection, known, skipped)],
    failures: judgeable ? nothingSelected(rule, [...known, ...(planned.others ?? [])]) : unreadable,
  };
}

/** Argo CD drops all hooks in silence once anything is selected: that they run here is said. */
function noteOn(selection: Selection, known: readonly Selectable[], skipped: readonly SkippedObject[]): string {
  const counted = (role: Selectable['role']): string => {
    const all = known.filter((each) => each.role === role).length;
    const taken = all - skipped.filter(({ unselected }) => unselected === role).length;
    return `${String(taken)} of ${String(all)} ${all === 1 ? role : `${role}s`}`;
  };
  const hasHooks = known.some(({ role }) => role === 'hook');
  const hooks = hasHooks ? ` and ${counted('hook')}` : '';
  const choice = hasHooks && selection.hooks === undefined ? ' (--skip-hooks leaves hooks out)' : '';
  return `Partial sync, ${describeSelection(selection)}: ${counted('resource')}${hooks}${choice}.`;
}
