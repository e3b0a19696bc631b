import type { Failure } from '../../core/failures.ts';
import type { ApprovalStatus } from '../../core/sync/approval.ts';
import { gateOf } from '../../core/sync/approval.ts';
import type { CompactWave } from '../../core/sync/compact-plan.ts';
import type { PhaseRun } from './phase-run.ts';

/**
 * Waits for the approval of a wave, where it needs one: nothing of the wave is done before. Answers the failures of a wave
 * that must not run, since it was rejected or nobody has decided in time.
 */
export async function awaitApproval(run: PhaseRun, index: number, wave: CompactWave): Promise<readonly Failure[]> {
  if (wave.approval === undefined) return [];
  const { effects, tracker, plan } = run;
  const waiting: ApprovalStatus = {
    ...wave.approval,
    gate: gateOf(plan.phase, wave.wave),
    state: 'waiting',
    since: effects.now(),
    deadlineMs: run.approvalMs,
  };
  tracker.approval(index, waiting, 'waiting');
  const decision = await effects.awaitApproval(waiting);
  if (decision?.verdict === 'approved') {
    tracker.approval(index, { ...waiting, state: 'approved', decision }, 'pending');
    return [];
  }
  const ended: ApprovalStatus =
    decision === undefined ? { ...waiting, state: 'expired' } : { ...waiting, state: 'rejected', decision };
  tracker.approval(index, ended, 'failed');
  return [failureOf(ended, `${plan.phase} wave ${String(wave.wave)}`)];
}

function failureOf({ decision, deadlineMs, reasons }: ApprovalStatus, place: string): Failure {
  if (decision !== undefined) {
    const why = decision.reason === undefined ? '' : `: ${decision.reason}`;
    return { type: 'ApprovalRejected', message: `${place} was rejected by ${decision.by}${why}` };
  }
  const minutes = Math.round(deadlineMs / 60_000);
  const length = minutes < 1 ? `${String(Math.round(deadlineMs / 1000))} s` : `${String(minutes)} min`;
  return {
    type: 'ApprovalTimedOut',
    message: `nobody approved ${place} within ${length} (${reasons.join('; ')})`,
    remedy: 'sync again, and decide with `syncline approve` or `syncline reject`; --approval-timeout gives more time',
  };
}
