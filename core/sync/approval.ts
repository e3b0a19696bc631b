import type { Phase } from '../phases.ts';

/** Why a wave waits for a person before anything of it is done. */
export interface ApprovalGate {
  /** What asks for it, and on which objects: `syncline.dev/approval on Job/db-migrate`. */
  readonly reasons: readonly string[];
}

/** A person's decision on one gate of one plan. */
export interface ApprovalDecision {
  readonly gate: string;
  readonly verdict: 'approved' | 'rejected';
  readonly by: string;
  readonly reason?: string;
  /** When it was taken, ms since 1970. */
  readonly at: number;
}

/** The standing of a gate. Times are ms since 1970. */
export interface ApprovalStatus extends ApprovalGate {
  readonly gate: string;
  readonly state: 'waiting' | 'approved' | 'rejected' | 'expired';
  /** Since when it has waited. */
  readonly since: number;
  /** How long it waits, ms. */
  readonly deadlineMs: number;
  readonly decision?: ApprovalDecision;
}

/** What a phase tells its root once it waits at a gate. */
export interface GateReached {
  readonly phase: Phase;
  readonly wave: number;
  readonly approval: ApprovalStatus;
}

/** Who decides, and on what: as it comes in a message. */
export interface DecisionRequest {
  readonly by: string;
  readonly reason?: string;
  /** Digest of the plan that was looked at. */
  readonly plan?: string;
  /** The gate, as `<phase>/<wave>`. */
  readonly gate?: string;
}

/** What a sync knows of its gates when a decision comes. */
export interface GateBoard {
  /** Digest of the plan; absent while it is being made. */
  readonly plan?: string;
  /** The gates of the plan, in its order. */
  readonly gates: readonly string[];
  /** Where the sync stands, as a clause. */
  readonly standing: string;
  /** The gate that waits. */
  readonly open?: string;
  readonly decided: ReadonlyMap<string, ApprovalDecision>;
}

/** What becomes of a decision. */
export type Reception =
  | { readonly kind: 'taken'; readonly gate: string }
  /** The plan is not made yet: the decision counts if it turns out to be the one that is named. */
  | { readonly kind: 'early'; readonly plan: string; readonly gate: string }
  | { readonly kind: 'refused'; readonly why: string };

/** Names the gate before a wave. */
export function gateOf(phase: Phase, wave: number): string {
  return `${phase}/${String(wave)}`;
}

/**
 * Receives a decision. One that names plan and gate may come before the gate is reached, so that a sync which is reset takes
 * what was decided before; one that names no gate counts only where it can mean nothing else: one gate in the plan, and that waits.
 */
export function receive(asked: Pick<DecisionRequest, 'plan' | 'gate'>, board: GateBoard): Reception {
  const { plan, gate } = asked;
  if (board.plan === undefined) {
    if (plan !== undefined && gate !== undefined) return { kind: 'early', plan, gate };
    return refused('the sync is still being planned, so nothing waits for an approval yet');
  }
  if (plan !== undefined && plan !== board.plan) {
    return refused(`the decision is for plan ${short(plan)}, and this sync runs plan ${short(board.plan)}`);
  }
  return gate === undefined ? receiveUnnamed(board) : receiveNamed(gate, plan !== undefined, board);
}

function receiveNamed(gate: string, bound: boolean, board: GateBoard): Reception {
  const { standing } = board;
  if (!board.gates.includes(gate)) {
    const known = board.gates.length === 0 ? 'the plan has none' : `there are ${board.gates.join(', ')}`;
    return refused(`there is no gate ${gate}: ${known}`);
  }
  const decision = board.decided.get(gate);
  if (decision !== undefined) return refused(`gate ${gate} was ${decision.verdict} by ${decision.by} already`);
  if (gate === board.open || bound) return { kind: 'taken', gate };
  return refused(`gate ${gate} does not wait yet: ${standing}; a decision that comes before it must name the plan too`);
}

function receiveUnnamed({ gates, open, decided, standing }: GateBoard): Reception {
  if (open === undefined) {
    const last = [...decided.values()].at(-1);
    const before = last === undefined ? '' : `; gate ${last.gate} was ${last.verdict} by ${last.by}`;
    return refused(`nothing of this sync waits for an approval${before}; ${standing}`);
  }
  if (gates.length === 1) return { kind: 'taken', gate: open };
  return refused(`the plan has the gates ${gates.join(', ')}: say which one is meant, e.g. {"gate": "${open}"}`);
}

function refused(why: string): Reception {
  return { kind: 'refused', why };
}

function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 7);
}
