import type { ApprovalDecision, ApprovalStatus } from '../../core/sync/approval.ts';
import type { CompactHook } from '../../core/sync/compact-plan.ts';
import type { Fenced, HealthAnswer, HookAnswer, SegmentAnswer, SettleAnswer, StartAnswer } from '../activities.ts';

/** An answer once the record has been claimed again where that was needed. */
export type Settled<Answer> = Exclude<Answer, Fenced>;

/** What the interpreter of a phase asks for. Temporal's activities in a workflow, a model in the simulator. */
export interface PhaseEffects {
  applySegment(wave: number, segment: number, summary: string): Promise<Settled<SegmentAnswer>>;
  startHook(hook: CompactHook, wave: number, summary: string): Promise<Settled<StartAnswer>>;
  /** `ask` counts this run's requests for the hook, from 1: each is an attempt of its own where the one before has failed. */
  runHook(hook: CompactHook, wave: number, ask: number, summary: string): Promise<Settled<HookAnswer>>;
  /** Whether the phase is to end at its next safe point: nothing new begins, and waits for health and approvals throw `EndedEarly`. */
  isEnding(): boolean;
  /** Waits so long, ms; less where the phase is to end. */
  pause(ms: number, summary: string): Promise<void>;
  /** Waits for a person's decision on a gate; undefined where nobody decided in its time. */
  awaitApproval(gate: ApprovalStatus): Promise<ApprovalDecision | undefined>;
  /** For all of a wave, or for what its `await` segment of this index names. */
  awaitHealthy(wave: number, deadlineMs: number, summary: string, segment?: number): Promise<Settled<HealthAnswer>>;
  settleHooks(hooks: readonly CompactHook[]): Promise<Settled<SettleAnswer>>;
  /** `why`, as a clause, where it is not that the sync was aborted. */
  stopHooks(hooks: readonly CompactHook[], why?: string): Promise<Settled<SettleAnswer>>;
  /** Whether hooks are stopped that nobody waits for any more, since no worker has answered; histories of before did not. */
  stopsUnanswered(): boolean;
  /** Now, ms since 1970. */
  now(): number;
}
