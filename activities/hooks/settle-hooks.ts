import { ttlPatch } from '../../core/hooks/gated-object.ts';
import { uidOf } from '../../core/objects.ts';
import type { LedgerEntry, Verdict } from '../../core/record/record.ts';
import { wasStopped } from '../../core/record/record.ts';
import { holds } from '../../core/record/transitions.ts';
import type { CompactHook } from '../../core/sync/compact-plan.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { SettleAnswer, SettleInput } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { fenceOf } from '../record/fence.ts';
import { propagationOf, stoppingPropagationOf } from '../propagation.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { HookRun } from './hook-run.ts';
import { prepareHookRun } from './prepare.ts';

/**
 * Cleans up after settled hooks: deletes those whose policy fits their own outcome, stops what is to be stopped, and
 * gives the kept Jobs their TTL back. Runs once their verdicts are in the workflow's history.
 */
export async function settleHooks(
  input: SettleInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<SettleAnswer> {
  let deleted = 0;
  for (const hook of input.hooks) {
    const run = await prepareHookRun({ ...input, hook, wave: 0, ask: 0 }, runtime, deps);
    const record = await run.record.read(runtime.signal);
    if (!holds(record, fenceOf(input.scope, runtime))) return { kind: 'fenced' };
    for (const entry of attemptsOf(record.ledger[hook.id] ?? [])) {
      if (entry.verdict !== undefined && (await settleHook(run, hook, entry, entry.verdict))) deleted += 1;
    }
  }
  return { kind: 'done', deleted, warnings: [] };
}

/** The attempts that may have left an object of their own: an object that was applied over belongs to the latest. */
function attemptsOf(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  return entries.filter(({ uid }, at) => !entries.slice(at + 1).some((later) => later.uid === uid));
}

async function settleHook(run: HookRun, hook: CompactHook, entry: LedgerEntry, verdict: Verdict): Promise<boolean> {
  const ref = run.refAt(entry.attempt);
  const { signal } = run.runtime;
  if (isToBeDeleted(hook, verdict)) {
    const { request } = run.input.scope;
    const propagation = !wasStopped(verdict) ? propagationOf(request) : stoppingPropagationOf(request);
    return absentIsFine(() => run.cluster.delete(ref, { uid: entry.uid, propagation }, signal));
  }
  const live = await run.cluster.get(ref, signal);
  const patch = live === undefined || uidOf(live) !== entry.uid ? undefined : ttlPatch(live);
  if (patch === undefined) return false;
  await absentIsFine(async () => {
    await run.cluster.patch(ref, patch, signal);
    return true;
  });
  return false;
}

/** A hook is deleted by its own outcome; one that was stopped goes in any case, since it must not run on. */
function isToBeDeleted(hook: CompactHook, verdict: Verdict): boolean {
  if (verdict.outcome !== 'aborted' && wasStopped(verdict)) return true;
  const policy = verdict.outcome === 'succeeded' ? 'HookSucceeded' : 'HookFailed';
  return hook.deletePolicies.includes(policy);
}

/** Another object under the name, or none: there is nothing of ours to clean up. */
async function absentIsFine(act: () => Promise<boolean>): Promise<boolean> {
  try {
    return await act();
  } catch (error) {
    if (isApiError(error, 404) || isApiError(error, 409) || isApiError(error, 422)) return false;
    throw error;
  }
}
