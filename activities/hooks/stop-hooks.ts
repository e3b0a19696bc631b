import { isOfAttempt } from '../../core/hooks/live-hook.ts';
import { isGated } from '../../core/hooks/gated-object.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, uidOf } from '../../core/objects.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import { holds } from '../../core/record/transitions.ts';
import type { SettleAnswer, SettleInput, SyncScope } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { fenceOf } from '../record/fence.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { openRecord } from '../record/record-store.ts';
import { stopObject } from './deletion.ts';
import type { Ending } from './ending.ts';
import { ownEnding } from './ending.ts';
import { captureEvidence, keepEvidence } from './evidence.ts';
import type { HookRun } from './hook-run.ts';
import { markOf } from './hook-run.ts';
import { discard } from './obtain-object.ts';
import { prepareHookRun } from './prepare.ts';
import { writeVerdict } from './verdict.ts';

/**
 * Stops the hooks of a sync that is aborted: those with an intent and no verdict. The epoch is raised before anything is
 * looked at, so that a slow predecessor can't write an intent afterwards and release what nobody would stop. Then the
 * evidence is stored, the verdict written (`aborted`, or the hook's own where it has ended by then), and the object deleted, in this order: whoever repeats it after a crash
 * finds the evidence named and the deletion still to be done. What was created and never released is removed.
 */
export async function stopHooks(
  input: SettleInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<SettleAnswer> {
  const scope = await raisedScope(input.scope, runtime, deps);
  if (scope === undefined) return { kind: 'fenced' };
  let deleted = 0;
  for (const hook of input.hooks) {
    const run = await prepareHookRun({ ...input, scope, hook, wave: 0, ask: 0 }, runtime, deps);
    const record = await run.record.read(runtime.signal);
    if (!holds(record, fenceOf(scope, runtime))) return { kind: 'fenced' };
    if (await stopAttempt(run, record.ledger[hook.id]?.at(-1), input.why)) deleted += 1;
  }
  return { kind: 'done', deleted, warnings: [] };
}

/** The scope under a raised epoch; undefined where the record is in other hands. */
async function raisedScope(
  scope: SyncScope,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<SyncScope | undefined> {
  const cluster = await deps.cluster(scope.request.cluster);
  const raised = await openRecord(cluster, scope.request).update(
    (record) => (holds(record, fenceOf(scope, runtime)) ? { ...record, epoch: record.epoch + 1 } : undefined),
    runtime.signal,
  );
  return raised === undefined ? undefined : { ...scope, epoch: raised.epoch };
}

const ABORTED = 'the sync was aborted';

/** Stops the latest attempt of a hook, and removes what was created for the one after it. Answers whether anything was stopped. */
async function stopAttempt(run: HookRun, entry: LedgerEntry | undefined, why = ABORTED): Promise<boolean> {
  if (entry === undefined || entry.verdict !== undefined) await discardUnreleased(run, (entry?.attempt ?? 0) + 1);
  if (entry === undefined) return false;
  const stopped = entry.verdict === undefined ? await writeVerdictOfStop(run, entry, why) : entry;
  if (stopped?.verdict === undefined) return false;
  await keepEvidence(run, stopped);
  return stopped.verdict.outcome === 'aborted' && stopObject(run, stopped);
}

/**
 * Stores the evidence and writes the verdict: that of the hook itself where it has ended by now. Answers the entry as it stands
 * then: a verdict that was there first is kept.
 */
async function writeVerdictOfStop(run: HookRun, entry: LedgerEntry, why: string): Promise<LedgerEntry | undefined> {
  let { ending, evidence } = await lookedAt(run, entry, why);
  // To read its logs takes a while, in which it may have ended.
  if (ending.outcome === 'aborted' && (await endingOf(run, entry, await objectOf(run, entry))) !== undefined)
    ({ ending, evidence } = await lookedAt(run, entry, why));
  return writeVerdict(run, entry, { ...ending, ...(evidence === undefined ? {} : { evidence }) });
}

/** How a hook stands that is to be stopped, with the evidence of that. */
async function lookedAt(run: HookRun, entry: LedgerEntry, why: string) {
  const live = await objectOf(run, entry);
  const ending = (await endingOf(run, entry, live)) ?? aborted(run, entry, why);
  return { ending, evidence: await captureEvidence(run, entry, ending, live) };
}

/** The live object of an attempt; undefined where it is gone, or was never released. */
async function objectOf(run: HookRun, entry: LedgerEntry): Promise<KubernetesObject | undefined> {
  const live = await run.cluster.get(run.refAt(entry.attempt), run.runtime.signal);
  return live !== undefined && uidOf(live) === entry.uid && !isGated(live) ? live : undefined;
}

/** How a hook has ended by itself before it could be stopped; one without an end of its own is stopped in any case. */
async function endingOf(
  run: HookRun,
  entry: LedgerEntry,
  live: KubernetesObject | undefined,
): Promise<Ending | undefined> {
  if (live === undefined || !run.input.hook.runsToCompletion) return undefined;
  return ownEnding(run, entry, live, await run.judge.hookVerdict(live, run.runtime.signal));
}

function aborted(run: HookRun, entry: LedgerEntry, why: string): Ending {
  const object = describeRef(run.refAt(entry.attempt));
  const message = `hook ${object} was stopped because ${why}`;
  return {
    outcome: 'aborted',
    at: run.runtime.now(),
    message: `stopped because ${why}`,
    failure: { type: 'Aborted', object, message },
  };
}

async function discardUnreleased(run: HookRun, attempt: number): Promise<void> {
  const live = await run.cluster.get(run.refAt(attempt), run.runtime.signal);
  if (live !== undefined && isOfAttempt(live, markOf(run, attempt))) await discard(run, live);
}
