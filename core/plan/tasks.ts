import { APPROVAL_ANNOTATION } from '../annotations/own.ts';
import { deadlineMs } from '../deadlines.ts';
import type { StepReading } from '../annotations/steps.ts';
import { stringAt } from '../json.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { effectiveNamespace } from '../manifests/scopes.ts';
import type { ScopeOf } from '../manifests/scopes.ts';
import type { KubernetesObject } from '../objects.ts';
import { refKey, refOf } from '../objects.ts';
import type { Phase } from '../phases.ts';
import { PHASES } from '../phases.ts';
import { runsToCompletion } from './completion.ts';
import { kindRank } from './kind-order.ts';
import type { ApplyStep, HookStep, StepObject } from './plan.ts';

/** A step that applies or runs a manifest, with what its place in the plan depends on. */
export interface Task {
  readonly step: ApplyStep | HookStep;
  readonly object: KubernetesObject;
  /**
   * The namespace that must exist before it. As in Argo CD the destination namespace counts even for cluster-scoped
   * objects.
   */
  readonly needsNamespace: string | undefined;
}

/** What turning a reading into tasks needs to know of the world. */
export interface TaskContext {
  readonly namespace: string | undefined;
  readonly scopeOf: ScopeOf;
  readonly hasVerdict: (apiVersion: string, kind: string) => boolean;
}

/** How a plan names the object of a manifest: with its effective namespace, and no name where one is to be generated. */
export function stepObjectOf(manifest: Manifest, context: TaskContext): StepObject {
  const written = refOf(manifest.object);
  const { apiVersion, kind, name } = written;
  const namespace = effectiveNamespace(written, context.namespace, context.scopeOf);
  const home = namespace === undefined ? {} : { namespace };
  if (name !== '') return { apiVersion, kind, ...home, name };
  return {
    apiVersion,
    kind,
    ...home,
    name: null,
    generateName: stringAt(manifest.object, 'metadata', 'generateName') ?? '',
  };
}

/** The tasks of a manifest: one for a resource, one a phase for a hook, none for what is left alone. */
export function tasksOf(
  manifest: Manifest,
  index: number,
  reading: StepReading,
  context: TaskContext,
): readonly Task[] {
  if (reading.kind === 'skip' || reading.kind === 'left-out') return [];
  const phases: readonly Phase[] = reading.kind === 'hook' ? reading.phases : ['Sync'];
  const needsNamespace = refOf(manifest.object).namespace ?? context.namespace;
  return phases.map((phase) => ({
    step: stepOf(manifest, index, reading, phase, context),
    object: manifest.object,
    needsNamespace,
  }));
}

/** A task moved into another phase and wave. */
export function movedTo(task: Task, { phase, wave }: { readonly phase: Phase; readonly wave: number }): Task {
  return { ...task, step: { ...task.step, id: stepId(phase, task.step), phase, wave } };
}

/** Argo CD's order of tasks: phase, wave, kind, name; then group, kind and namespace, so that the order is total. */
export function compareTasks(one: Task, other: Task): number {
  return (
    PHASES.indexOf(one.step.phase) - PHASES.indexOf(other.step.phase) ||
    one.step.wave - other.step.wave ||
    compareObjects(one.step, other.step)
  );
}

/** The order of two objects in a wave: kind, then name, then what else tells them apart. */
export function compareObjects(one: StepObject, other: StepObject): number {
  return (
    kindRank(one.kind) - kindRank(other.kind) ||
    compareText(one.name ?? one.generateName ?? '', other.name ?? other.generateName ?? '') ||
    compareText(keyOf(one), keyOf(other))
  );
}

function stepOf(
  { object, location }: Manifest,
  index: number,
  reading: Exclude<StepReading, { readonly reason: string }>,
  phase: Phase,
  context: TaskContext,
): ApplyStep | HookStep {
  const subject = stepObjectOf({ object, location }, context);
  const { apiVersion, kind } = subject;
  const action = reading.kind === 'hook' ? 'hook' : 'apply';
  const base = {
    ...subject,
    id: stepId(phase, subject),
    phase,
    wave: reading.wave,
    deadlineMs: deadlineMs(object, action, reading.timeoutMs),
    manifest: index,
    ...(reading.approval && phase !== 'SyncFail' ? { approval: APPROVAL_ANNOTATION } : {}),
  };
  if (reading.kind === 'resource') return { ...base, action: 'apply' };
  return {
    ...base,
    action: 'hook',
    deletePolicies: reading.deletePolicies,
    ...(reading.retries === undefined ? {} : { retries: reading.retries }),
    runsToCompletion: runsToCompletion(apiVersion, kind),
    settlesAtOnce: !context.hasVerdict(apiVersion, kind),
  };
}

function stepId(phase: Phase, subject: StepObject): string {
  return `${phase}/${keyOf(subject)}`;
}

/** A generated name is shown as its prefix and a star, which no name can hold. */
function keyOf(subject: StepObject): string {
  return refKey({ ...subject, name: subject.name ?? `${subject.generateName ?? ''}*` });
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
