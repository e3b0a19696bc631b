import type { CompactPhase } from '../../core/sync/compact-plan.ts';
import type { PhaseEffects } from './effects.ts';
import type { PhaseTracker } from './phase-tracker.ts';

/** A phase to run. */
export interface PhaseRun {
  readonly plan: CompactPhase;
  readonly effects: PhaseEffects;
  readonly tracker: PhaseTracker;
  /** Whether the health of the wave at this index is waited for. */
  readonly waits: (index: number) => boolean;
  /** How long each gate waits for its approval, ms. */
  readonly approvalMs: number;
  /** The pause before a hook's first retry, ms. */
  readonly retryPauseMs: number;
}
