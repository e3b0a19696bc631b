import type { LedgerEntry, Verdict } from '../../core/record/record.ts';
import { holds, withEntry, withVerdict } from '../../core/record/transitions.ts';
import { fenceOf } from '../record/fence.ts';
import type { HookRun } from './hook-run.ts';

/**
 * Writes an attempt's verdict into the ledger and answers the entry as it stands then: a verdict that was there first is
 * kept. Undefined where the record has a new holder.
 */
export async function writeVerdict(
  run: HookRun,
  entry: LedgerEntry,
  verdict: Verdict,
): Promise<LedgerEntry | undefined> {
  const { input, runtime } = run;
  let known: LedgerEntry | undefined;
  const written = await run.record.update((record) => {
    known = undefined;
    if (!holds(record, fenceOf(input.scope, runtime))) return undefined;
    known = record.ledger[input.hook.id]?.find((candidate) => candidate.attempt === entry.attempt);
    if (known === undefined || known.verdict !== undefined) return undefined;
    return withVerdict(record, input.hook.id, entry.attempt, verdict);
  }, runtime.signal);
  if (written === undefined) return known;
  return written.ledger[input.hook.id]?.find((candidate) => candidate.attempt === entry.attempt);
}

/**
 * Moves an attempt's intent to now, for a release that comes late: its deadline counts from there, so that a hook is not
 * stopped in the moment it begins. Answers the entry as it stands then, unchanged where it
 * has a verdict; undefined where the record has a new holder.
 */
export async function renewIntent(run: HookRun, entry: LedgerEntry): Promise<LedgerEntry | undefined> {
  const { input, runtime } = run;
  let known: LedgerEntry | undefined;
  await run.record.update((record) => {
    known = undefined;
    if (!holds(record, fenceOf(input.scope, runtime))) return undefined;
    known = record.ledger[input.hook.id]?.find((candidate) => candidate.attempt === entry.attempt);
    if (known === undefined || known.verdict !== undefined) return undefined;
    known = { ...known, intentAt: runtime.now() };
    return withEntry(record, input.hook.id, known);
  }, runtime.signal);
  return known;
}
