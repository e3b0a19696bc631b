import type { ApprovalStatus } from '../../core/sync/approval.ts';
import { formatDuration, formatElapsed } from './times.ts';

/** Where a gate stands, in a few words. */
export function approvalWords({ state, decision }: ApprovalStatus): string {
  if (decision === undefined) return state === 'waiting' ? 'waits for an approval' : 'was not approved in time';
  const why = decision.reason === undefined ? '' : `: ${decision.reason}`;
  return `${decision.verdict} by ${decision.by}${why}`;
}

/** `4m10s of 24h` while a gate waits, how long it has waited once it is decided. `now` is in ms since 1970. */
export function approvalTime({ state, since, deadlineMs, decision }: ApprovalStatus, now: number): string {
  if (state === 'waiting') return `${formatElapsed(now - since)} of ${formatDuration(deadlineMs)}`;
  return formatDuration(decision === undefined ? deadlineMs : decision.at - since);
}

/** Why a gate waits, and the commands that help. `application` is as it is typed, with the flags it needs. */
export function approvalNotes({ reasons }: ApprovalStatus, application: string): readonly string[] {
  return [...reasons, `→ syncline approve ${application} · syncline reject ${application} --reason …`];
}
