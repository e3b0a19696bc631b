import { placeOf, subjectOf } from '../annotations/steps.ts';
import type { Failure } from '../failures.ts';
import { PHASES } from '../phases.ts';
import type { Dependencies } from './dependencies.ts';
import type { Entry } from './entries.ts';
import type { Task } from './tasks.ts';
import { compareObjects, movedTo } from './tasks.ts';

/** A task's final wave, and its layer in it: one that depends on others of its wave is in a layer after theirs. */
interface Position {
  readonly wave: number;
  readonly layer: number;
}

/**
 * Arranges sorted tasks by their dependencies: one that depends on a task of a later wave moves to that wave, as do those that
 * depend on it, and within a wave layers follow each other, each in the order of kinds. Takes dependencies without a cycle;
 * without any the tasks stay as they are.
 */
export function arrange(tasks: readonly Task[], after: Dependencies['after']): readonly Task[] {
  if (after.size === 0) return tasks;
  const positions = positionsOf(tasks, after);
  const at = (task: Task): Position => positions.get(task) ?? { wave: task.step.wave, layer: 0 };
  const stay = tasks.filter((task) => at(task).wave === task.step.wave);
  const move = tasks.filter((task) => at(task).wave !== task.step.wave);
  const compare = (one: Task, other: Task): number =>
    PHASES.indexOf(one.step.phase) - PHASES.indexOf(other.step.phase) ||
    at(one).wave - at(other).wave ||
    at(one).layer - at(other).layer;
  // Sorting is stable, so that what stays keeps the order that hoisting has given it.
  const arranged = stay.toSorted(compare);
  for (const task of move) {
    const next = arranged.findIndex((other) => (compare(task, other) || compareObjects(task.step, other.step)) < 0);
    arranged.splice(next < 0 ? arranged.length : next, 0, task);
  }
  return arranged.map((task) => {
    const { step, ...rest } = movedTo(task, { phase: task.step.phase, wave: at(task).wave });
    const ids = (after.get(task) ?? []).map((dependency) => dependency.step.id);
    return { ...rest, step: ids.length === 0 ? step : { ...step, after: ids } };
  });
}

function positionsOf(tasks: readonly Task[], after: Dependencies['after']): ReadonlyMap<Task, Position> {
  const positions = new Map<Task, Position>();
  const positionOf = (task: Task): Position => {
    const known = positions.get(task);
    if (known !== undefined) return known;
    const dependencies = (after.get(task) ?? []).map(positionOf);
    const wave = dependencies.reduce((latest, dependency) => Math.max(latest, dependency.wave), task.step.wave);
    const layer = dependencies
      .filter((dependency) => dependency.wave === wave)
      .reduce((highest, dependency) => Math.max(highest, dependency.layer + 1), 0);
    positions.set(task, { wave, layer });
    return { wave, layer };
  };
  for (const task of tasks) positionOf(task);
  return positions;
}

/** A failure for each cycle of dependencies; it names all objects of the cycle and where they stand. */
export function cycleFailures(after: Dependencies['after'], entries: readonly Entry[]): readonly Failure[] {
  const done = new Set<Task>();
  const failures: Failure[] = [];
  const visit = (task: Task, path: readonly Task[]): void => {
    const start = path.indexOf(task);
    if (start >= 0) failures.push(cycle(path.slice(start), entries));
    if (start >= 0 || done.has(task)) return;
    for (const dependency of after.get(task) ?? []) visit(dependency, [...path, task]);
    done.add(task);
  };
  for (const task of after.keys()) visit(task, []);
  // A hook of several phases may wait in each of them.
  return [...new Map(failures.map((failure) => [failure.message, failure])).values()];
}

function cycle(tasks: readonly Task[], entries: readonly Entry[]): Failure {
  const manifests = tasks.flatMap(({ step }) => entries[step.manifest]?.manifest ?? []);
  const named = manifests.map((manifest) => `${subjectOf(manifest)} (${placeOf(manifest)})`);
  const [first] = manifests;
  return {
    type: 'InvalidManifest',
    message: `These wait for each other, so none could ever begin: ${[...named, named[0]].join(' → ')}.`,
    remedy:
      'take one of their syncline.dev/depends-on away; what goes into a Namespace or is of a defined kind waits for it too',
    ...(first === undefined ? {} : { object: subjectOf(first), location: placeOf(first) }),
  };
}
