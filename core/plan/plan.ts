import type { ObjectRef } from '../objects.ts';
import type { DeletePolicy, Phase } from '../phases.ts';

/** What a step does. */
export type StepAction = 'apply' | 'hook' | 'prune';

/** Names the object of a step before a cluster is known: `name` is null while it is generated from `generateName`. */
export interface StepObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string | null;
  readonly generateName?: string;
}

interface StepBase extends StepObject {
  /** Unique in the plan and stable for the same bundle: `PreSync/batch/Job/shop/db-migrate`. */
  readonly id: string;
  readonly phase: Phase;
  readonly wave: number;
  /** How long the step may take from its release (hook) or apply (resource), in ms. */
  readonly deadlineMs: number;
  /** What asks for a person's approval before the step's wave: `syncline.dev/approval`, `Prune=confirm`. */
  readonly approval?: string;
  /**
   * IDs of steps of the same phase that must have ended well before it begins: resources healthy, hooks succeeded. Absent for
   * none; they are in its own wave or in an earlier one.
   */
  readonly after?: readonly string[];
}

/** Applies an object and (unless told otherwise) waits for its health. */
export interface ApplyStep extends StepBase {
  readonly action: 'apply';
  /** Index of the manifest in the bundle. */
  readonly manifest: number;
}

/** Runs a hook. */
export interface HookStep extends StepBase {
  readonly action: 'hook';
  readonly manifest: number;
  readonly deletePolicies: readonly DeletePolicy[];
  /** How often it is tried again after a failure; absent for never. */
  readonly retries?: number;
  /** True for kinds with an end (Job, Pod, Argo Workflow): these start once the kinds before them are applied. */
  readonly runsToCompletion: boolean;
  /** True when the kind has no verdict of its own and succeeds once it is applied. */
  readonly settlesAtOnce: boolean;
}

/** Deletes an object that the application owns: one the bundle no longer has, or (phase Delete) with the application. */
export interface PruneStep extends StepBase {
  readonly action: 'prune';
  readonly name: string;
  readonly uid: string;
}

/** One step of a plan. */
export type PlanStep = ApplyStep | HookStep | PruneStep;

/** The steps of one wave in their order: kind order, then name; prunes first. */
export interface PlanWave {
  readonly wave: number;
  readonly steps: readonly PlanStep[];
}

/** The waves of one phase, in the order in which they run: ascending, those of Delete descending. Phases without steps are left out of a plan. */
export interface PlanPhase {
  readonly phase: Phase;
  readonly waves: readonly PlanWave[];
}

/** An object of the bundle that is left alone, and why. */
export interface SkippedObject extends StepObject {
  readonly reason: string;
  /** What it would be in a sync of everything; absent where the manifest itself, not the selection, leaves it out. */
  readonly unselected?: 'resource' | 'hook';
}

/** What a sync will do. A plain value: it is printed, stored under its digest, and executed exactly. */
export interface SyncPlan {
  readonly version: 1;
  readonly phases: readonly PlanPhase[];
  readonly skipped: readonly SkippedObject[];
  /** Sentences for people: what was read leniently, what is at-least-once. */
  readonly warnings: readonly string[];
}

/** A step whose object's name is known. */
export type NamedStep<S extends PlanStep = PlanStep> = S & ObjectRef;

/** All steps of a plan, in its order. */
export function stepsOfPlan(plan: SyncPlan): readonly PlanStep[] {
  return plan.phases.flatMap(({ waves }) => waves.flatMap(({ steps }) => steps));
}
