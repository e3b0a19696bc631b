import { stringAt } from '../json.ts';
import { groupOf } from '../objects.ts';
import type { Task } from './tasks.ts';
import { movedTo } from './tasks.ts';

/** What a task provides for others, or needs of them; undefined for nothing. */
type KeyOf = (task: Task) => string | undefined;

/**
 * Moves each Namespace and CRD that is sorted after its first dependant to just before it, adopting that task's phase
 * and wave. Mirrors `adjustDeps` in Argo CD's `sync_tasks.go`: Namespaces first, then CRDs. Takes sorted tasks.
 */
export function hoistDependencies(tasks: readonly Task[]): readonly Task[] {
  const withNamespaces = hoist(tasks, providedNamespace, neededNamespace);
  return hoist(withNamespaces, providedKind, neededKind);
}

/** Whether a task makes what others need before they can be done: a Namespace, or the definition of a kind. */
export function isProvider(task: Task): boolean {
  return providedNamespace(task) !== undefined || providedKind(task) !== undefined;
}

/** Whether a task needs what a provider makes. */
export function needs(task: Task, provider: Task): boolean {
  const namespace = providedNamespace(provider);
  if (namespace !== undefined) return providedNamespace(task) === undefined && neededNamespace(task) === namespace;
  return providedKind(task) === undefined && neededKind(task) === providedKind(provider);
}

function hoist(tasks: readonly Task[], provides: KeyOf, needs: KeyOf): readonly Task[] {
  const ordered: Task[] = [];
  const firstDependants = new Map<string, Task>();
  for (const task of tasks) {
    const provided = provides(task);
    const dependant = provided === undefined ? undefined : firstDependants.get(provided);
    if (dependant === undefined || runsIn(ordered, task, dependant)) ordered.push(task);
    else ordered.splice(ordered.indexOf(dependant), 0, movedTo(task, dependant.step));
    if (provided !== undefined) continue;
    const needed = needs(task);
    if (needed !== undefined && !firstDependants.has(needed)) firstDependants.set(needed, task);
  }
  return ordered;
}

/** A hook of several phases has one task in each; hoisting must not make two in one. */
function runsIn(ordered: readonly Task[], task: Task, { step: { phase } }: Task): boolean {
  return ordered.some((other) => other.object === task.object && other.step.phase === phase);
}

function neededNamespace({ needsNamespace }: Task): string | undefined {
  return needsNamespace;
}

function neededKind({ step }: Task): string {
  return `${groupOf(step.apiVersion)}/${step.kind}`;
}

function providedNamespace({ step }: Task): string | undefined {
  return step.kind === 'Namespace' && groupOf(step.apiVersion) === '' ? (step.name ?? undefined) : undefined;
}

function providedKind({ step, object }: Task): string | undefined {
  if (step.kind !== 'CustomResourceDefinition' || groupOf(step.apiVersion) !== 'apiextensions.k8s.io') return undefined;
  const group = stringAt(object, 'spec', 'group');
  const kind = stringAt(object, 'spec', 'names', 'kind');
  return group === undefined || kind === undefined ? undefined : `${group}/${kind}`;
}
