import { defineSearchAttributeKey } from '@temporalio/common';
import { getExternalWorkflowHandle, log, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { phaseWorkflowIdOf } from '../core/markers.ts';
import type { Phase } from '../core/phases.ts';
import type { ApprovalDecision, DecisionRequest, GateBoard } from '../core/sync/approval.ts';
import { gateOf, receive } from '../core/sync/approval.ts';
import type { CompactPlan } from '../core/sync/compact-plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { AWAITING_APPROVAL, SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import type { Accepted, GateReached } from './messages.ts';
import {
  DESCRIPTIONS,
  approveSignal,
  approveUpdate,
  decidedSignal,
  gateReachedSignal,
  rejectSignal,
  rejectUpdate,
} from './messages.ts';
import { refusal } from './refusal.ts';
import type { SyncTracker } from './sync-state.ts';

/** The root's side of approvals: it receives decisions, keeps them, and hands them to the phase that waits. */
export interface Approvals {
  /** The plan is made: its gates are known, and what came early counts if it is for this plan, as does what was `taken` on it before. */
  planned(plan: CompactPlan, taken?: readonly ApprovalDecision[]): void;
  /** What was decided on a phase's gates so far. */
  decisionsFor(phase: Phase): readonly ApprovalDecision[];
  /** Nothing waits in a phase that has ended. */
  phaseEnded(): void;
}

type Verdict = ApprovalDecision['verdict'];

const PHASE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase, 'KEYWORD');

/** What the root knows of the gates of its sync. */
interface Desk {
  readonly request: SyncRequest;
  readonly tracker: SyncTracker;
  readonly decided: Map<string, ApprovalDecision>;
  /** Decisions that came while the plan was made, each with the plan it is for. */
  readonly early: { readonly plan: string; readonly decision: ApprovalDecision }[];
  plan?: CompactPlan;
  open?: GateReached;
}

/** Registers the handlers of `approve` and `reject`, each as an update and as a signal. */
export function listenForDecisions(request: SyncRequest, tracker: SyncTracker): Approvals {
  const desk: Desk = { request, tracker, decided: new Map(), early: [] };
  setHandler(gateReachedSignal, (reached) => openGate(desk, reached));
  listenFor(desk, 'approved');
  listenFor(desk, 'rejected');
  return {
    planned: (plan, taken = []) => {
      for (const decision of taken) desk.decided.set(decision.gate, decision);
      knowPlan(desk, plan);
    },
    decisionsFor: (phase) => [...desk.decided.values()].filter(({ gate }) => gate.startsWith(`${phase}/`)),
    phaseEnded: () => {
      delete desk.open;
    },
  };
}

/** A gate waits: for a person, or for a decision that was taken before and is passed on again. */
async function openGate(desk: Desk, reached: GateReached): Promise<void> {
  const decision = desk.decided.get(reached.approval.gate);
  if (decision !== undefined) return passOn(desk, reached, decision);
  desk.open = reached;
  desk.tracker.gate(reached.phase, reached.wave, reached.approval);
  setPhaseAttribute(desk, AWAITING_APPROVAL);
}

/** Takes a decision; answers why it can't be taken. */
async function take(desk: Desk, asked: DecisionRequest, verdict: Verdict): Promise<string | undefined> {
  const reception = receive(asked, boardOf(desk));
  if (reception.kind === 'refused') return reception.why;
  const { by, reason } = asked;
  const decision: ApprovalDecision = {
    gate: reception.gate,
    verdict,
    by,
    ...(reason === undefined ? {} : { reason }),
    at: Date.now(),
  };
  if (reception.kind === 'early') {
    desk.early.push({ plan: reception.plan, decision });
    return undefined;
  }
  desk.decided.set(decision.gate, decision);
  if (desk.open?.approval.gate === decision.gate) await passOn(desk, desk.open, decision);
  return undefined;
}

async function passOn(desk: Desk, reached: GateReached, decision: ApprovalDecision): Promise<void> {
  delete desk.open;
  desk.tracker.gate(reached.phase, reached.wave, { ...reached.approval, state: decision.verdict, decision });
  setPhaseAttribute(desk, reached.phase);
  await tellPhase(desk.request, reached.phase, decision);
}

function knowPlan(desk: Desk, plan: CompactPlan): void {
  desk.plan = plan;
  for (const { plan: meant, decision } of desk.early.splice(0)) {
    const known = desk.decided.get(decision.gate);
    if (known !== undefined)
      desk.tracker.warned([
        `What ${decision.by} decided on gate ${decision.gate} came after ${known.by} had ${known.verdict} it, and does not count.`,
      ]);
    else if (meant === plan.digest && gatesOf(plan).includes(decision.gate)) desk.decided.set(decision.gate, decision);
    else
      desk.tracker.warned([
        `What ${decision.by} decided on gate ${decision.gate} was for another plan, and does not count.`,
      ]);
  }
}

function boardOf({ plan, open, decided }: Desk): GateBoard {
  return {
    gates: plan === undefined ? [] : gatesOf(plan),
    decided,
    ...(plan === undefined ? {} : { plan: plan.digest }),
    ...(open === undefined ? {} : { open: open.approval.gate }),
  };
}

function setPhaseAttribute({ request }: Desk, value: string): void {
  if (request.indexed) upsertSearchAttributes([{ key: PHASE_KEY, value }]);
}

/** The gates of a plan, in its order. */
function gatesOf({ phases }: CompactPlan): readonly string[] {
  return phases.flatMap(({ phase, waves }) =>
    waves.flatMap((wave) => (wave.approval === undefined ? [] : [gateOf(phase, wave.wave)])),
  );
}

function listenFor(desk: Desk, verdict: Verdict): void {
  const [update, signal] = verdict === 'approved' ? [approveUpdate, approveSignal] : [rejectUpdate, rejectSignal];
  const answer = async (asked: DecisionRequest): Promise<Accepted> => {
    const why = await take(desk, asked, verdict);
    // Another decision may have come between the validator and here.
    if (why !== undefined) throw refusal(why);
    return { accepted: true };
  };
  const validator = (asked: DecisionRequest) => {
    const { by, reason } = textsOf(asked);
    if (by === undefined) throw refusal('a decision needs `by`: who takes it');
    if (verdict === 'rejected' && reason === undefined) throw refusal('a rejection needs `reason`: why');
    const reception = receive(asked, boardOf(desk));
    if (reception.kind === 'refused') throw refusal(reception.why);
  };
  const description = verdict === 'approved' ? DESCRIPTIONS.approve : DESCRIPTIONS.reject;
  setHandler(update, answer, { validator, description });
  const heed = async (asked: unknown): Promise<void> => {
    // Temporal's UI sends whatever is typed: what a signal lacks is filled in, and what can't be taken is shown.
    const { by = 'a signal', ...texts } = textsOf(asked);
    const why = await take(desk, { ...texts, by }, verdict);
    if (why !== undefined) desk.tracker.warned([`A signal of ${by} was not taken (${verdict}): ${why}.`]);
  };
  setHandler(signal, heed, { description });
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
