import type { ObjectRef } from '../../core/objects.ts';
import type { Phase } from '../../core/phases.ts';
import type { StoredApply, StoredPlan, StoredSegment } from '../../core/sync/stored-plan.ts';
import type { BatchStatus, StepState, SyncStatus } from '../../core/sync/status.ts';
import type { PlacedHook } from './hook-selection.ts';

/** One object in `syncline resources`. */
export interface ResourceRow extends ObjectRef {
  readonly phase: Phase;
  readonly wave: number;
  readonly action: 'apply' | 'prune';
  /** Where it stands; `unchanged` = it was already as the manifest wants it. */
  readonly state: StepState | 'unchanged';
}

/** The resources of a plan with the states of the sync that executes it. An object's state is its batch's: they are applied together. */
export function resourceRows(plan: StoredPlan, status: SyncStatus): readonly ResourceRow[] {
  return plan.phases.flatMap(({ phase, waves }) =>
    waves.flatMap(({ wave, segments }) => {
      const standing = status.phases.find((known) => known.phase === phase)?.waves.find((known) => known.wave === wave);
      const batches = standing?.steps.filter((step): step is BatchStatus => step.kind !== 'hook') ?? [];
      const work = segments.filter((segment) => segment.kind === 'prune' || segment.kind === 'apply');
      return work.flatMap((segment, at) =>
        rowsOf(segment, batches[at]?.state ?? 'pending').map((row) => ({ phase, wave, ...row })),
      );
    }),
  );
}

type BatchRow = Omit<ResourceRow, 'phase' | 'wave'>;

function rowsOf(segment: Extract<StoredSegment, { kind: 'prune' | 'apply' }>, state: StepState): readonly BatchRow[] {
  if (segment.kind === 'prune') return segment.steps.map((step) => ({ ...refOfStep(step), action: 'prune', state }));
  return segment.groups.flat().map((step) => ({ ...refOfStep(step), action: 'apply', state: applyState(step, state) }));
}

function applyState(step: StoredApply, state: StepState): ResourceRow['state'] {
  return step.unchanged && state === 'succeeded' ? 'unchanged' : state;
}

function refOfStep({ apiVersion, kind, namespace, name }: ObjectRef): ObjectRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** One hook in `syncline resources --hooks`. */
export interface HookRow {
  readonly phase: Phase;
  readonly wave: number;
  readonly id: string;
  readonly ref: ObjectRef;
  readonly state: StepState;
  /** How many attempts there were; absent before the first. */
  readonly attempts?: number;
  /** ms since 1970. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly message?: string;
  readonly guarantee: string;
  /** Digest of its evidence. */
  readonly evidence?: string;
  /** What became of its object: `kept`, `deleted`, with `, log kept` where there is evidence; empty where nobody can tell. */
  readonly object: string;
}

/** The row of a hook. `present` tells whether its object exists, or undefined. */
export async function hookRow(
  { phase, wave, hook }: PlacedHook,
  present: (ref: ObjectRef) => Promise<boolean | undefined>,
): Promise<HookRow> {
  const { id, ref, state, attempt, startedAt, finishedAt, message, guarantee, evidence } = hook;
  const exists = startedAt === undefined ? undefined : await present(ref);
  const log = evidence === undefined ? [] : ['log kept'];
  const fate = exists === undefined ? [] : [exists ? 'kept' : 'deleted'];
  return {
    ...{ phase, wave, id, ref, state, guarantee },
    ...(attempt === undefined ? {} : { attempts: attempt }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(message === undefined ? {} : { message }),
    ...(evidence === undefined ? {} : { evidence }),
    object: [...fate, ...log].join(', '),
  };
}
