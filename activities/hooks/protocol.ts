import { gateWasKept } from '../../core/hooks/gated-object.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { uidOf } from '../../core/objects.ts';
import type { LedgerEntry, SyncRecord, Verdict } from '../../core/record/record.ts';
import { findInLedger, firstOfRound, holds, withEntry } from '../../core/record/transitions.ts';
import type { HookAnswer, StartAnswer } from '../../workflows/activities.ts';
import { fenceOf } from '../record/fence.ts';
import { awaitVerdict, settledAnswer } from './await-verdict.ts';
import { stopEarlier } from './deletion.ts';
import { keepEvidence } from './evidence.ts';
import type { HookRun } from './hook-run.ts';
import { discard, obtainObject } from './obtain-object.ts';
import { releaseHook } from './release.ts';

/** What follows once an attempt has been released and has no verdict yet. */
type GoOn<Answer> = (run: HookRun, entry: LedgerEntry) => Promise<Answer>;

/**
 * Runs one hook so that each attempt is released exactly once, whatever pauses or dies: ledger, gated creation, intent,
 * release, verdict, evidence. May be repeated at any moment, also beside a slow predecessor.
 */
export async function runHookProtocol(run: HookRun): Promise<HookAnswer> {
  return performProtocol(run, awaitVerdict);
}

/** The same up to the release: for a hook that later kinds of its wave build upon. `runHookProtocol` goes on from there. */
export async function startHookProtocol(run: HookRun): Promise<StartAnswer> {
  const answer = await performProtocol<StartAnswer>(run, () => Promise.resolve({ kind: 'started' }));
  return answer.kind === 'settled' ? { kind: 'started' } : answer;
}

async function performProtocol<Answer>(run: HookRun, goOn: GoOn<Answer>): Promise<HookAnswer | Answer> {
  const { runtime, input } = run;
  const record = await run.record.read(runtime.signal);
  if (!holds(record, fenceOf(input.scope, runtime))) return { kind: 'fenced' };
  const finding = findInLedger(record, input.hook.id, {
    run: runtime.run,
    ask: input.ask,
    ...(input.since === undefined ? {} : { since: input.since }),
  });
  switch (finding.kind) {
    case 'settled':
      return settled(run, finding.entry, finding.verdict);
    case 'intended':
      return resume(run, finding.entry, goOn);
    case 'free':
      if (input.begunOnly === true) return { kind: 'failed', failures: [] };
      await stopEarlier(run, record.ledger[input.hook.id] ?? []);
      return begin(run, nextAttempt(run, record, finding.attempt), goOn);
  }
}

/** The verdict's author may have died before it referred to the evidence. */
async function settled(run: HookRun, entry: LedgerEntry, verdict: Verdict): Promise<HookAnswer> {
  await keepEvidence(run, entry);
  return settledAnswer(entry, verdict);
}

/** Goes on with an attempt whose intent is in the ledger. */
async function resume<Answer>(run: HookRun, known: LedgerEntry, goOn: GoOn<Answer>): Promise<HookAnswer | Answer> {
  const entry = await adopt(run, known);
  if (entry === undefined) return { kind: 'fenced' };
  if (entry.verdict !== undefined) return settled(run, entry, entry.verdict);
  return goOn(run, entry);
}

/** Marks an earlier run's attempt as asked for by this one, so that its failure answers this request. */
async function adopt(run: HookRun, known: LedgerEntry): Promise<LedgerEntry | undefined> {
  const { input, runtime } = run;
  if (known.run === runtime.run && known.ask === input.ask) return known;
  const written = await run.record.update((record) => {
    if (!holds(record, fenceOf(input.scope, runtime))) return undefined;
    const entry = entryOf(record, input.hook.id, known.attempt) ?? known;
    return withEntry(record, input.hook.id, { ...entry, run: runtime.run, ask: input.ask });
  }, runtime.signal);
  return written === undefined ? undefined : entryOf(written, input.hook.id, known.attempt);
}

function entryOf(record: SyncRecord, hook: string, attempt: number): LedgerEntry | undefined {
  return record.ledger[hook]?.find((entry) => entry.attempt === attempt);
}

/** A new attempt of a hook, and the first one of its round. */
type NextAttempt = Required<Pick<LedgerEntry, 'attempt' | 'first'>>;

function nextAttempt({ input }: HookRun, record: SyncRecord, attempt: number): NextAttempt {
  return { attempt, first: firstOfRound(record.ledger[input.hook.id] ?? [], input.round ?? 1, attempt) };
}

/** Starts a new attempt: obtains its object, still gated, writes the intent, and releases it. */
async function begin<Answer>(run: HookRun, next: NextAttempt, goOn: GoOn<Answer>): Promise<HookAnswer | Answer> {
  const { attempt } = next;
  const obtained = await obtainObject(run, attempt);
  if (obtained.kind === 'begun') return resume(run, obtained.entry, goOn);
  if (obtained.kind === 'answer') return obtained.answer;
  const intent = await writeIntent(run, next, obtained.object);
  if (intent.kind === 'lost') {
    if (!intent.adoptable) await discard(run, obtained.object);
    return { kind: 'fenced' };
  }
  if (intent.kind === 'taken') {
    if (intent.entry.uid !== uidOf(obtained.object)) await discard(run, obtained.object);
    return resume(run, intent.entry, goOn);
  }
  await releaseHook(run, obtained.object);
  return goOn(run, intent.entry);
}

type Intent =
  | { readonly kind: 'written'; readonly entry: LedgerEntry }
  /** Another attempt of this activity was first. */
  | { readonly kind: 'taken'; readonly entry: LedgerEntry }
  /** The record has a new holder; one of the same sync may have adopted the object, or is about to. */
  | { readonly kind: 'lost'; readonly adoptable: boolean };

async function writeIntent(run: HookRun, next: NextAttempt, object: KubernetesObject): Promise<Intent> {
  const { input, runtime } = run;
  const { attempt } = next;
  const entry: LedgerEntry = {
    ...next,
    uid: uidOf(object),
    run: runtime.run,
    ask: input.ask,
    ...(input.round === undefined ? {} : { round: input.round }),
    intentAt: runtime.now(),
    gated: gateWasKept(object),
  };
  let decision: Intent = { kind: 'lost', adoptable: false };
  await run.record.update((record) => {
    decision = { kind: 'lost', adoptable: isAdoptable(run, record, entry) };
    if (!holds(record, fenceOf(input.scope, runtime))) return undefined;
    const known = entryOf(record, input.hook.id, attempt);
    if (known !== undefined) {
      decision = { kind: 'taken', entry: known };
      return undefined;
    }
    decision = { kind: 'written', entry };
    return withEntry(record, input.hook.id, entry);
  }, runtime.signal);
  return decision;
}

/** Whether the sync goes on under another run, which has this object as its attempt's, or has none yet. */
function isAdoptable({ input }: HookRun, record: SyncRecord | undefined, entry: LedgerEntry): boolean {
  if (record === undefined || record.holder?.syncId !== input.scope.request.syncId) return false;
  return (entryOf(record, input.hook.id, entry.attempt)?.uid ?? entry.uid) === entry.uid;
}
