import { defineSearchAttributeKey } from '@temporalio/common';
import { getExternalWorkflowHandle, log, patched, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { phaseWorkflowIdOf } from '../core/markers.ts';
import type { Phase } from '../core/phases.ts';
import type { ApprovalDecision, DecisionRequest, GateBoard, GateReached } from '../core/sync/approval.ts';
import { gateOf, receive } from '../core/sync/approval.ts';
import { decisionIn, gateReachedFrom } from '../core/sync/gate-messages.ts';
import type { CompactPlan } from '../core/sync/compact-plan.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { AWAITING_APPROVAL, SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';
import { whereItStands } from '../core/sync/whereabouts.ts';
import { opened, signalAsSent } from './as-sent.ts';
import { listenFor } from './commands.ts';
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
  /** The plan is made: its gates are known, and what came early counts if it is for this plan, as does what was `taken` on it before. */
  planned(plan: CompactPlan, taken?: readonly ApprovalDecision[]): void;
  /** What was decided on a phase's gates so far. */
  decisionsFor(phase: Phase): readonly ApprovalDecision[];
  /** Nothing waits in a phase that has ended. */
  phaseEnded(): void;
}

type Verdict = ApprovalDecision['verdict'];

const VERDICTS = { approve: 'approved', reject: 'rejected' } as const;

const PHASE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase, 'KEYWORD');

/** What the root knows of the gates of its sync. */
interface Desk {
  readonly request: SyncRequest;
  readonly tracker: SyncTracker;
  /** Tells of a message that was not taken. */
  readonly note: (sentence: string) => void;
  readonly decided: Map<string, ApprovalDecision>;
  /** Decisions that came while the plan was made, each with the plan it is for. */
  readonly early: { readonly plan: string; readonly decision: ApprovalDecision }[];
  plan?: CompactPlan;
  open?: GateReached;
}

/** Listens for `approve` and `reject`; `note` tells of a message that was not taken. */
export function listenForDecisions(
  request: SyncRequest,
  tracker: SyncTracker,
  note: (sentence: string) => void,
): Approvals {
  const desk: Desk = { request, tracker, note, decided: new Map(), early: [] };
  setHandler(signalAsSent(gateReachedSignal), (sent: unknown) => openGate(desk, gateReachedFrom(opened(sent))));
  listenToVerdict(desk, 'approve');
  listenToVerdict(desk, 'reject');
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
async function openGate(desk: Desk, reached: GateReached | undefined): Promise<void> {
  if (reached === undefined) {
    desk.note('A signal was not taken (gateReached): a phase sends it, and none sends this.');
    return;
  }
  const decision = desk.decided.get(reached.approval.gate);
  if (decision !== undefined) return passOn(desk, reached, decision);
  desk.open = reached;
  desk.tracker.gate(reached.phase, reached.wave, reached.approval);
  setPhaseAttribute(desk, AWAITING_APPROVAL);
}

/** More decisions than this are not kept for a plan that is being made. */
const MOST_EARLY = 100;

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
    if (desk.early.length >= MOST_EARLY) return 'too many decisions came while the sync is being planned';
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
    const what = `What ${decision.by} decided on gate ${decision.gate}`;
    if (known !== undefined) desk.note(`${what} came after ${known.by} had ${known.verdict} it, and does not count.`);
    else if (meant !== plan.digest) desk.note(`${what} was for another plan, and does not count.`);
    else if (gatesOf(plan).includes(decision.gate)) countEarly(desk, decision);
    else desk.note(`${what} does not count: the plan has no such gate.`);
  }
}

/** What counts from now on closes its gate: after a reset, a phase of the run before may have said once more that it waits. */
function countEarly(desk: Desk, decision: ApprovalDecision): void {
  desk.decided.set(decision.gate, decision);
  if (desk.open?.approval.gate === decision.gate && patched('close-gate-decided-early')) delete desk.open;
}

function boardOf({ plan, open, decided, tracker }: Desk): GateBoard {
  return {
    gates: plan === undefined ? [] : gatesOf(plan),
    standing: whereItStands(tracker.snapshot()),
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

function listenToVerdict(desk: Desk, verb: 'approve' | 'reject'): void {
  const [update, signal] = verb === 'approve' ? [approveUpdate, approveSignal] : [rejectUpdate, rejectSignal];
  listenFor(
    {
      verb,
      update,
      signal,
      refuses: (message) => {
        const reception = receive(decisionIn(message), boardOf(desk));
        return reception.kind === 'refused' ? reception.why : undefined;
      },
      take: (message) => take(desk, { ...decisionIn(message), by: message.by }, VERDICTS[verb]),
    },
    desk.note,
  );
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
