import {
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Phase } from '../core/phases.ts';
import type { ApprovalDecision, ApprovalStatus, GateReached } from '../core/sync/approval.ts';
import { decisionFrom } from '../core/sync/gate-messages.ts';
import { opened, signalAsSent } from './as-sent.ts';
import type { PhaseEffects } from './interpreter/effects.ts';
import { decidedSignal, gateReachedSignal } from './messages.ts';

/**
 * The gates of one phase: tells the root that one waits, and waits for what the root sends. The root keeps the decisions, so
 * a phase that is reset and asks again is told again.
 */
export function gatekeeper(phase: Phase, taken: readonly ApprovalDecision[]): PhaseEffects['awaitApproval'] {
  const decisions = new Map(taken.map((decision) => [decision.gate, decision]));
  setHandler(signalAsSent(decidedSignal), (sent: unknown) => {
    const decision = decisionFrom(opened(sent));
    if (decision === undefined)
      log.warn('a signal that is no decision of the root was left out', { signal: 'decided' });
    else if (!decisions.has(decision.gate)) decisions.set(decision.gate, decision);
  });
  return async (approval) => {
    if (!decisions.has(approval.gate)) {
      await tellRoot({ phase, wave: waveOf(approval), approval });
      await condition(() => decisions.has(approval.gate), approval.deadlineMs, { summary: 'deadline of the approval' });
    }
    return decisions.get(approval.gate);
  };
}

function waveOf({ gate }: ApprovalStatus): number {
  return Number(gate.slice(gate.lastIndexOf('/') + 1));
}

async function tellRoot(reached: GateReached): Promise<void> {
  const root = workflowInfo().parent?.workflowId;
  if (root === undefined) return;
  try {
    await getExternalWorkflowHandle(root).signal(gateReachedSignal, reached);
  } catch (error) {
    if (isCancellation(error)) throw error;
    // A root that takes no signal is closed, and its close cancels this phase.
    log.warn('the root could not be told that a gate waits', { gate: reached.approval.gate });
  }
}
