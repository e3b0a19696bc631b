import type { DeletePolicy, Phase } from '../phases.ts';
import type { PlanStep, SkippedObject, StepAction, StepObject, SyncPlan } from './plan.ts';
import { stepsOfPlan } from './plan.ts';

/** An object in `syncline plan -o json`. */
export interface PrintableObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** As written, else the destination namespace; null for cluster-scoped kinds and where neither is given. */
  readonly namespace: string | null;
  /** Null where the name is made from `generateName`. */
  readonly name: string | null;
  readonly generateName?: string;
}

/** A step in `syncline plan -o json`. */
export interface PrintableStep extends PrintableObject {
  /** `delete` where the application goes, `prune` where its manifests have the object no more. */
  readonly action: StepAction | 'delete';
  /** Of hooks only. */
  readonly deletePolicies?: readonly DeletePolicy[];
  /** The objects that it comes after by `syncline.dev/depends-on`, where there are any. */
  readonly after?: readonly PrintableObject[];
}

/** The document of `syncline plan -o json`, version 1. */
export interface PrintablePlan {
  readonly version: 1;
  readonly phases: readonly {
    readonly phase: Phase;
    readonly waves: readonly { readonly wave: number; readonly steps: readonly PrintableStep[] }[];
  }[];
  readonly skipped: readonly (PrintableObject & { readonly reason: string })[];
}

/** The part of a plan that is shown: what happens to which object, in which order. */
export function printablePlan(plan: SyncPlan): PrintablePlan {
  const known = new Map(stepsOfPlan(plan).map((step) => [step.id, step]));
  return {
    version: 1,
    phases: plan.phases.map(({ phase, waves }) => ({
      phase,
      waves: waves.map(({ wave, steps }) => ({ wave, steps: steps.map((step) => printableStep(step, known)) })),
    })),
    skipped: plan.skipped.map((skipped: SkippedObject) => ({ ...printableObject(skipped), reason: skipped.reason })),
  };
}

function printableStep(step: PlanStep, known: ReadonlyMap<string, PlanStep>): PrintableStep {
  const after = (step.after ?? []).flatMap((id) => known.get(id) ?? []).map(printableObject);
  return {
    action: step.phase === 'Delete' ? 'delete' : step.action,
    ...printableObject(step),
    ...(step.action === 'hook' ? { deletePolicies: step.deletePolicies } : {}),
    ...(after.length === 0 ? {} : { after }),
  };
}

function printableObject({ apiVersion, kind, namespace, name, generateName }: StepObject): PrintableObject {
  const object = { apiVersion, kind, namespace: namespace ?? null, name };
  return generateName === undefined ? object : { ...object, generateName };
}
