import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ApplicationFailure,
  getExternalWorkflowHandle,
  log,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { phaseWorkflowIdOf } from '../core/markers.ts';
import type { Phase } from '../core/phases.ts';
import type { ApprovalDecision, DecisionRequest, GateBoard } from '../core/sync/approval.ts';
import { gateOf, receive } from '../core/sync/approval.ts';
import type { CompactPlan } from '../core/sync/compact-plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { AWAITING_APPROVAL, SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { Accepted, GateReached } from './messages.ts';
import {
  approveSignal,
  approveUpdate,
  decidedSignal,
  gateReachedSignal,
  rejectSignal,
  rejectUpdate,
} from './messages.ts';
import type { SyncTracker } from './sync-state.ts';

/** The root's side of approvals: it receives decisions, keeps them, and hands them to the phase that waits. */
export interface Approvals {
  /** The plan is made: its gates are known, and what came early counts if it is for this plan. */
  planned(plan: CompactPlan): void;
  /** What was decided on a phase's gates so far. */
  decisionsFor(phase: Phase): readonly ApprovalDecision[];
  /** Nothing waits in a phase that has ended. */
  phaseEnded(): void;
}

type Verdict = ApprovalDecision['verdict'];

const PHASE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase, 'KEYWORD');

/** Registers the handlers of `approve` and `reject`, each as an update and as a signal. */
export function listenForDecisions(request: SyncRequest, tracker: SyncTracker): Approvals {
  const decided = new Map<string, ApprovalDecision>();
  const early: (ApprovalDecision & { readonly plan: string })[] = [];
  let plan: CompactPlan | undefined;
  let open: GateReached | undefined;

  const board = (): GateBoard => ({
    gates: plan === undefined ? [] : gatesOf(plan),
    decided,
    ...(plan === undefined ? {} : { plan: plan.digest }),
    ...(open === undefined ? {} : { open: open.approval.gate }),
  });
  const setPhaseAttribute = (value: string) => {
    if (request.indexed) upsertSearchAttributes([{ key: PHASE_KEY, value }]);
  };
  const take = async (asked: DecisionRequest, verdict: Verdict): Promise<string | undefined> => {
    const reception = receive(asked, board());
    if (reception.kind === 'refused') return reception.why;
    const { by, reason } = asked;
    const decision = { gate: reception.gate, verdict, by, ...(reason === undefined ? {} : { reason }), at: Date.now() };
    if (reception.kind === 'early') {
      early.push({ ...decision, plan: reception.plan });
      return undefined;
    }
    decided.set(decision.gate, decision);
    if (open?.approval.gate === decision.gate) await passOn(open, decision);
    return undefined;
  };
  const passOn = async (reached: GateReached, decision: ApprovalDecision): Promise<void> => {
    open = undefined;
    tracker.gate(reached.phase, reached.wave, { ...reached.approval, state: decision.verdict, decision });
    setPhaseAttribute(reached.phase);
    await tellPhase(request, reached.phase, decision);
  };
  const refuse = (asked: DecisionRequest) => {
    const reception = receive(asked, board());
    if (reception.kind === 'refused') throw ApplicationFailure.nonRetryable(reception.why, 'InvalidRequest');
  };

  setHandler(gateReachedSignal, async (reached) => {
    const decision = decided.get(reached.approval.gate);
    if (decision !== undefined) {
      await passOn(reached, decision);
      return;
    }
    open = reached;
    tracker.gate(reached.phase, reached.wave, reached.approval);
    setPhaseAttribute(AWAITING_APPROVAL);
  });
  listenFor('approved', { take, refuse, warn: (why) => tracker.warned([why]) });
  listenFor('rejected', { take, refuse, warn: (why) => tracker.warned([why]) });
  return {
    planned(made) {
      plan = made;
      for (const { plan: meant, ...decision } of early.splice(0)) {
        if (meant === made.digest && gatesOf(made).includes(decision.gate)) decided.set(decision.gate, decision);
        else
          tracker.warned([
            `What ${decision.by} decided on gate ${decision.gate} was for another plan, and does not count.`,
          ]);
      }
    },
    decisionsFor: (phase) => [...decided.values()].filter(({ gate }) => gate.startsWith(`${phase}/`)),
    phaseEnded() {
      open = undefined;
    },
  };
}

/** The gates of a plan, in its order. */
function gatesOf({ phases }: CompactPlan): readonly string[] {
  return phases.flatMap(({ phase, waves }) =>
    waves.flatMap((wave) => (wave.approval === undefined ? [] : [gateOf(phase, wave.wave)])),
  );
}

interface Desk {
  /** Takes a decision; answers why it can't be taken. */
  take(asked: DecisionRequest, verdict: Verdict): Promise<string | undefined>;
  /** Throws where a decision can't be taken. */
  refuse(asked: DecisionRequest): void;
  warn(why: string): void;
}

function listenFor(verdict: Verdict, desk: Desk): void {
  const [update, signal] = verdict === 'approved' ? [approveUpdate, approveSignal] : [rejectUpdate, rejectSignal];
  setHandler(
    update,
    async (asked): Promise<Accepted> => {
      const why = await desk.take(asked, verdict);
      // Another decision may have come between the validator and here.
      if (why !== undefined) throw ApplicationFailure.nonRetryable(why, 'InvalidRequest');
      return { accepted: true };
    },
    {
      validator: (asked) => {
        const { by, reason } = textsOf(asked);
        if (by === undefined)
          throw ApplicationFailure.nonRetryable('a decision needs `by`: who takes it', 'InvalidRequest');
        if (verdict === 'rejected' && reason === undefined) {
          throw ApplicationFailure.nonRetryable('a rejection needs `reason`: why', 'InvalidRequest');
        }
        desk.refuse(asked);
      },
    },
  );
  setHandler(signal, async (asked) => {
    // Temporal's UI sends whatever is typed: what a signal lacks is filled in, and what can't be taken is shown.
    const { by = 'a signal', ...texts } = textsOf(asked);
    const why = await desk.take({ ...texts, by }, verdict);
    if (why !== undefined) desk.warn(`A signal of ${by} was not taken (${verdict}): ${why}.`);
  });
}

/** The texts of a message; what else it holds, or lacks, is left out. */
function textsOf(asked: unknown): Partial<DecisionRequest> {
  const given: Readonly<Record<string, unknown>> = typeof asked === 'object' && asked !== null ? { ...asked } : {};
  const fields = (['by', 'reason', 'plan', 'gate'] as const).filter(
    (name) => typeof given[name] === 'string' && given[name] !== '',
  );
  return Object.fromEntries(fields.map((name) => [name, given[name]]));
}

async function tellPhase(
  { cluster, application }: SyncRequest,
  phase: Phase,
  decision: ApprovalDecision,
): Promise<void> {
  try {
    await getExternalWorkflowHandle(phaseWorkflowIdOf(cluster, application, phase)).signal(decidedSignal, decision);
  } catch {
    // The phase is being cancelled or was ended from outside; a new run of it asks again and is told then.
    log.warn('a decision could not be passed on', { gate: decision.gate });
  }
}
