import { failureOf } from '../annotations/steps.ts';
import type { Failure } from '../failures.ts';
import type { ObjectRef } from '../objects.ts';
import { describeRef, refKey } from '../objects.ts';
import { PHASES } from '../phases.ts';
import type { Reference } from '../reference.ts';
import { describeReference, nearestReferences, referenceTo, refersTo } from '../reference.ts';
import type { Entry } from './entries.ts';
import { refOfManifest } from './entries.ts';
import { isProvider, needs } from './hoisting.ts';
import type { Task, TaskContext } from './tasks.ts';

/** What each task waits for within its phase, and what is wrong with what the manifests say of it. */
export interface Dependencies {
  /** The tasks of the same phase that a task comes after; a task that comes after none is absent. */
  readonly after: ReadonlyMap<Task, readonly Task[]>;
  readonly failures: readonly Failure[];
  /** Sentences for people on dependencies that the sync does not see to. */
  readonly warnings: readonly string[];
}

type Resolution =
  | { readonly kind: 'peer'; readonly task: Task }
  /** Met once the phase begins. */
  | { readonly kind: 'met' }
  | { readonly kind: 'external'; readonly warning: string }
  | { readonly kind: 'wrong'; readonly message: string; readonly remedy?: string };

/** The objects of a bundle by their manifest's index, and the tasks that a sync makes of them. */
interface Bundle {
  readonly refs: readonly ObjectRef[];
  readonly tasks: readonly Task[];
  /** The destination namespace. */
  readonly namespace: string | undefined;
}

/**
 * Resolves `syncline.dev/depends-on`. A dependency of an earlier phase is met by the order of phases; one that the manifests
 * have and the sync does not touch is taken to be there. One that there is not, that several objects fit, that is the object
 * itself, or that comes only in a later phase is a failure. What needs a Namespace or a definition that waits, waits too.
 */
export function resolveDependencies(
  tasks: readonly Task[],
  entries: readonly Entry[],
  context: TaskContext,
): Dependencies {
  const bundle: Bundle = {
    refs: entries.map(({ manifest }) => refOfManifest(manifest, context)),
    tasks,
    namespace: context.namespace,
  };
  const after = new Map<Task, readonly Task[]>();
  const failures: Failure[] = [];
  const warnings: string[] = [];
  for (const task of tasks) {
    const entry = entries[task.step.manifest];
    if (entry?.reading.dependsOn === undefined) continue;
    const resolutions = entry.reading.dependsOn.map((reference) => resolve(reference, task, bundle));
    const peers = resolutions.flatMap((found) => (found.kind === 'peer' ? [found.task] : []));
    if (peers.length > 0) after.set(task, [...new Set(peers)]);
    failures.push(
      ...resolutions.flatMap((found) => (found.kind === 'wrong' ? [failureOf(entry.manifest, found)] : [])),
    );
    warnings.push(...resolutions.flatMap((found) => (found.kind === 'external' ? [found.warning] : [])));
  }
  return { after: withNeeds(after, tasks), failures, warnings };
}

function resolve(reference: Reference, task: Task, bundle: Bundle): Resolution {
  const own = bundle.refs[task.step.manifest];
  const home = own?.namespace ?? bundle.namespace;
  const fitting = bundle.refs.filter((ref) => refersTo(reference, ref) && isNear(reference, ref, home));
  const [key, ...others] = new Set(fitting.map(refKey));
  const text = describeReference(reference);
  if (key === undefined) {
    const near = nearestReferences(text, bundle.refs);
    const remedy = near === '' ? {} : { remedy: `nearest are ${near}` };
    return { kind: 'wrong', message: `it depends on ${text}, which is not among the manifests`, ...remedy };
  }
  if (others.length > 0) {
    const choice = [...new Set(fitting.map(referenceTo))].join(', ');
    return {
      kind: 'wrong',
      message: `it depends on ${text}, which fits several objects`,
      remedy: `write one of ${choice}`,
    };
  }
  if (own !== undefined && key === refKey(own)) return { kind: 'wrong', message: `it depends on itself (${text})` };
  const targets = bundle.tasks.filter((target) => keyOf(target) === key);
  return byPhase(task, targets, text);
}

function keyOf({ step }: Task): string {
  return refKey({ ...step, name: step.name ?? `${step.generateName ?? ''}*` });
}

function byPhase(task: Task, targets: readonly Task[], text: string): Resolution {
  const rank = ({ step }: Task): number => PHASES.indexOf(step.phase);
  const [first] = targets;
  if (first === undefined) {
    const object = describeRef({ ...task.step, name: task.step.name ?? `${task.step.generateName ?? ''}*` });
    return {
      kind: 'external',
      warning: `${object} depends on ${text}, which is no part of this sync and taken to be there.`,
    };
  }
  const peer = targets.find((target) => rank(target) === rank(task));
  if (peer !== undefined) return { kind: 'peer', task: peer };
  if (targets.some((target) => rank(target) < rank(task))) return { kind: 'met' };
  const phase = task.step.phase;
  return { kind: 'wrong', message: `it depends in ${phase} on ${text}, which comes only in ${first.step.phase}` };
}

/** Without a namespace a reference means the dependant's own, or an object outside namespaces. */
function isNear({ namespace }: Reference, ref: ObjectRef, home: string | undefined): boolean {
  return namespace !== undefined || ref.namespace === undefined || ref.namespace === home;
}

/** Hoisting has put what makes a Namespace or a kind before those that need it: where it waits, they come after it too. */
function withNeeds(after: Dependencies['after'], tasks: readonly Task[]): Dependencies['after'] {
  const providers = [...after.keys()].filter(isProvider);
  if (providers.length === 0) return after;
  const all = new Map(after);
  for (const task of tasks) {
    const known = all.get(task) ?? [];
    const needed = providers.filter(
      (provider) =>
        provider.step.phase === task.step.phase &&
        provider !== task &&
        !known.includes(provider) &&
        needs(task, provider),
    );
    if (needed.length > 0) all.set(task, [...known, ...needed]);
  }
  const isNew = [...all.keys()].some((task) => !after.has(task) && isProvider(task));
  return isNew ? withNeeds(all, tasks) : all;
}
