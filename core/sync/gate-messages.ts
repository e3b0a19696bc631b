import { PHASES } from '../phases.ts';
import type { ApprovalDecision, DecisionRequest, GateReached } from './approval.ts';
import type { Message } from './message-fields.ts';
import { textIn } from './message-fields.ts';

/** What the message of a decision asks for, besides who sends it. */
export function decisionIn(message: Message): Omit<DecisionRequest, 'by'> {
  const [reason, plan, gate] = (['reason', 'plan', 'gate'] as const).map((name) => textIn(message, name));
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(plan === undefined ? {} : { plan }),
    ...(gate === undefined ? {} : { gate }),
  };
}

/** Reads what a phase tells of a gate; undefined for what no phase says. */
export function gateReachedFrom(sent: unknown): GateReached | undefined {
  const { phase, wave, approval } = fieldsOf(sent);
  const { gate, reasons, state, since, deadlineMs } = fieldsOf(approval);
  const isGate = typeof gate === 'string' && isListOfTexts(reasons) && typeof state === 'string';
  const isTimed = Number.isFinite(since) && Number.isFinite(deadlineMs);
  const isPlaced = Number.isInteger(wave) && PHASES.some((known) => known === phase);
  return isGate && isTimed && isPlaced ? (sent as GateReached) : undefined;
}

/** Reads what a root tells a phase of a decision; undefined for what no root says. */
export function decisionFrom(sent: unknown): ApprovalDecision | undefined {
  const { gate, verdict, by, reason, at } = fieldsOf(sent);
  const isVerdict = verdict === 'approved' || verdict === 'rejected';
  const isWorded = typeof by === 'string' && (reason === undefined || typeof reason === 'string');
  return typeof gate === 'string' && isVerdict && isWorded && Number.isFinite(at)
    ? (sent as ApprovalDecision)
    : undefined;
}

function fieldsOf(sent: unknown): Readonly<Record<string, unknown>> {
  return typeof sent === 'object' && sent !== null ? { ...sent } : {};
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
