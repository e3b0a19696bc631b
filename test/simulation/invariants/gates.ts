import type { DecisionRequest } from '../../../core/sync/approval.ts';
import type { SyncResult } from '../../../core/sync/status.ts';
import { statusOf } from '../schedules/deciding.ts';
import type { Schedule } from '../schedules/schedule.ts';
import type { World } from '../schedules/world.ts';
import type { Heard, Message, Run } from '../temporal/run.ts';
import type { Begun } from './begun.ts';
import { begunIn, orderOf, placeOf } from './begun.ts';
import { latestRoot, resultOf } from './known.ts';

/** A decision on a gate as a root has heard it. */
interface Decision {
  readonly verdict: 'approved' | 'rejected';
  readonly at: number;
}

/** A decision that comes this shortly before a gate's time is over may be late for it, ms. */
const LATE_MS = 15_000;

/** How long a phase that a reset has left behind may go by what its own root was told, until the new one has claimed, ms. */
const LEFT_MS = 15_000;

/** What waits for an approval does not begin before it has one. */
export function nothingUnapproved(world: World): readonly string[] {
  const gates = gatesOf(world.schedule);
  return begunIn(world)
    .filter(({ place }) => gates.includes(place))
    .filter((begun) => !wasApproved(world.rootsOf(begun.syncId), begun))
    .map(({ what, place, syncId }) => `${what} of ${syncId} began, and nobody had approved ${place}`);
}

/** Once a gate is rejected nothing of its wave begins, and nothing that comes after it. */
export function nothingAfterRejection(world: World): readonly string[] {
  return world.schedule.syncs.flatMap(({ syncId }) => {
    const root = latestRoot(world, syncId);
    if (root === undefined) return [];
    return gatesOf(world.schedule).flatMap((gate) => {
      const decision = decisionOn(root, gate);
      if (decision?.verdict !== 'rejected') return [];
      const late = begunIn(world).filter(
        (begun) =>
          begun.syncId === syncId &&
          begun.at > decision.at &&
          orderOf(begun.place) >= orderOf(gate) &&
          !wasApprovedBefore(world, root, begun),
      );
      const succeeded =
        resultOf(root)?.outcome === 'Succeeded' ? [`${syncId} succeeded, though ${gate} was rejected`] : [];
      return [...late.map(({ what }) => `${what} of ${syncId} began after ${gate} had been rejected`), ...succeeded];
    });
  });
}

/** A gate that was approved in time does not expire, and no gate is decided twice. */
export function decidedOnce(world: World): readonly string[] {
  return world.schedule.syncs.flatMap(({ syncId }) => {
    const root = latestRoot(world, syncId);
    return root === undefined ? [] : gatesOf(world.schedule).flatMap((gate) => decidedBadly(root, gate));
  });
}

function decidedBadly(root: Run, gate: string): readonly string[] {
  const accepted = root.heard.filter(
    (heard) => heard.message.kind === 'update' && heard.answer === 'taken' && isFor(root, heard, gate) === 'surely',
  );
  const twice = accepted.length > 1 ? [`${root.runId} took ${String(accepted.length)} decisions on ${gate}`] : [];
  const lost = isLost(root, gate) ? [`${root.runId} let ${gate} expire, though it was approved`] : [];
  return [...twice, ...lost];
}

function isLost(root: Run, gate: string): boolean {
  const decision = decisionOn(root, gate);
  const approval = resultOf(root)
    ?.phases.flatMap(({ waves }) => waves)
    .find((wave) => wave.approval?.gate === gate)?.approval;
  if (decision?.verdict !== 'approved' || approval?.state !== 'expired') return false;
  return decision.at < approval.since + approval.deadlineMs - LATE_MS;
}

/** Whether every gate of a sync was approved, in time. */
export function isApproved(world: World, root: Run | undefined): boolean {
  return gatesOf(world.schedule).every((gate) => {
    if (root === undefined) return false;
    const decision = decisionOn(root, gate);
    return decision?.verdict === 'approved' && !isLate(resultOf(root), gate, decision.at);
  });
}

function isLate(result: SyncResult | undefined, gate: string, at: number): boolean {
  const waves = result?.phases.flatMap((phase) => phase.waves) ?? [];
  const approval = waves.find((wave) => wave.approval?.gate === gate)?.approval;
  return approval !== undefined && at >= approval.since + approval.deadlineMs - LATE_MS;
}

/** The first decision on a gate, which a root can't but have taken; undefined for none, and where an earlier one may have counted, of a run before a reset, say. */
function decisionOn(root: Run, gate: string): Decision | undefined {
  if (replayedDecisions(root).some((heard) => isFor(root, heard, gate) !== 'no')) return undefined;
  const first = gateDecisions(root).find((heard) => isFor(root, heard, gate) !== 'no');
  if (first === undefined || isFor(root, first, gate) !== 'surely') return undefined;
  return { verdict: verdictOf(first), at: first.at };
}

/** What a run before a reset was told, and this one has gone through with its history. */
function replayedDecisions({ events, heard }: Run): readonly Heard[] {
  return events
    .flatMap(({ messages }) => messages)
    .filter((message) => isDecision(message) && heard.every((each) => each.message !== message))
    .map((message) => ({ message, at: 0, answer: 'taken' }));
}

/** Somebody has approved, or may have, and nobody has rejected since. */
function wasApproved(roots: readonly Run[], { place, at }: Begun): boolean {
  return roots.some((root) => {
    const before = gateDecisions(root).filter((heard) => heard.at <= at && isFor(root, heard, place) !== 'no');
    const sure = before.findIndex((heard) => isFor(root, heard, place) === 'surely');
    return before.slice(0, sure < 0 ? before.length : sure + 1).some((heard) => verdictOf(heard) === 'approved');
  });
}

/** Whether a phase of a run before the last reset may have begun it, which was told that it may. */
function wasApprovedBefore(world: World, latest: Run, begun: Begun): boolean {
  const earlier = world.rootsOf(begun.syncId).filter((root) => root !== latest);
  const told = gateDecisions(latest)[0]?.at ?? 0;
  return begun.at <= told + LEFT_MS && wasApproved(earlier, begun);
}

function gateDecisions({ heard }: Run): readonly Heard[] {
  return heard.filter(({ message }) => isDecision(message));
}

function isDecision({ name }: Message): boolean {
  return name === 'approve' || name === 'reject';
}

function verdictOf({ message }: Heard): Decision['verdict'] {
  return message.name === 'approve' ? 'approved' : 'rejected';
}

/** Whether a decision was on a gate: an update that was taken was; a signal that names plan and gate counts in any case, one that names less may. */
function isFor(root: Run, { message, answer }: Heard, gate: string): 'surely' | 'perhaps' | 'no' {
  const asked = message.argument as DecisionRequest;
  if (asked.gate !== undefined && asked.gate !== gate) return 'no';
  const plan = statusOf(root)?.plan;
  if (asked.plan !== undefined && asked.plan !== plan) return 'no';
  // A run that is reset may have taken what it had not answered yet.
  if (message.kind === 'update' && answer === undefined) return 'perhaps';
  if (message.kind === 'update') return answer !== 'taken' ? 'no' : asked.gate === undefined ? 'perhaps' : 'surely';
  return asked.plan !== undefined && asked.gate !== undefined ? 'surely' : 'perhaps';
}

/** The gates of an application, as `<phase>/<wave>`. */
function gatesOf({ hooks, gated }: Pick<Schedule, 'hooks' | 'gated'>): readonly string[] {
  const gates = hooks.flatMap((hook) => (hook.approval ? [placeOf(hook)] : []));
  return [...new Set([...gates, ...(gated ? ['Sync/0'] : [])])];
}
