import type { DiffSummary } from '../diff/sync-diff.ts';
import type { ObjectRef } from '../objects.ts';
import type { DeletePolicy, Phase } from '../phases.ts';
import type { ApprovalGate } from './approval.ts';

/**
 * How often a hook may run. `exactly-once`: one release an attempt, whatever pauses or dies. `at-least-once`: the kind (or
 * the cluster) can't hold a start back, so a crash at the wrong moment may create it twice.
 */
export type HookGuarantee = 'exactly-once' | 'at-least-once';

/** A hook as the workflow knows it. */
export interface CompactHook {
  readonly id: string;
  readonly ref: ObjectRef;
  readonly deadlineMs: number;
  readonly deletePolicies: readonly DeletePolicy[];
  readonly runsToCompletion: boolean;
  readonly settlesAtOnce: boolean;
  readonly guarantee: HookGuarantee;
  /** How often it is tried again after a failure; absent for never. */
  readonly retries?: number;
}

/** A run of steps that one activity performs: prunes, or applies kind by kind. */
export interface CompactBatch {
  readonly kind: 'prune' | 'apply';
  readonly count: number;
  /** How many of them differ from what is live; the others cost no write. */
  readonly changed: number;
  /** At most three titles, for people. */
  readonly titles: readonly string[];
}

/** Hooks of one kind, started side by side. */
export interface CompactHooks {
  readonly kind: 'hooks';
  readonly hooks: readonly CompactHook[];
}

/** What must have ended well before the next segment begins. */
export interface CompactAwait {
  readonly kind: 'await';
  /** IDs of hooks of earlier segments that must have succeeded. */
  readonly hooks: readonly string[];
  /** How many resources of earlier segments must be healthy that may need time for it. */
  readonly resources: number;
  /** The longest deadline of these resources, ms; 0 when there are none. */
  readonly deadlineMs: number;
  /** At most three titles of these resources, for people. */
  readonly titles: readonly string[];
}

/** What a wave does, in order. The index of a segment in its wave names it to activities. */
export type CompactSegment = CompactBatch | CompactHooks | CompactAwait;

/** One wave as the workflow knows it. */
export interface CompactWave {
  readonly wave: number;
  readonly segments: readonly CompactSegment[];
  /** The longest deadline of the wave's resources, ms; 0 when there are none. */
  readonly deadlineMs: number;
  /** Whether the wave has resources (or prunes) whose end must be awaited. */
  readonly awaits: boolean;
  /** Present where nothing of the wave is done before a person approves. */
  readonly approval?: ApprovalGate;
}

/** One phase as the workflow knows it. */
export interface CompactPhase {
  readonly phase: Phase;
  readonly waves: readonly CompactWave[];
}

/** The hooks of some waves, in their order. */
export function hooksOf(waves: readonly CompactWave[]): readonly CompactHook[] {
  return waves.flatMap(({ segments }) =>
    segments.flatMap((segment) => (segment.kind === 'hooks' ? segment.hooks : [])),
  );
}

/** A cluster as its worker reaches it, for people. */
export interface Destination {
  /** Address of the API server. */
  readonly server: string;
  /** The kubeconfig's context, where there is one. */
  readonly context?: string;
}

/** The plan as Temporal's history holds it: its digest, and what the interpreter needs. Grows with waves and hooks, not with resources. */
export interface CompactPlan {
  readonly version: 1;
  /** Digest of the full plan in the bundle store. */
  readonly digest: string;
  /** The cluster the plan was made against. */
  readonly destination: Destination;
  readonly objects: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly phases: readonly CompactPhase[];
  readonly warnings: readonly string[];
  /** What a sync would change; present in a dry run. */
  readonly diff?: DiffSummary;
}
