import type { Failure } from '../failures.ts';
import type { Operation } from '../phases.ts';
import type { Fence, Holder, LedgerEntry, SyncRecord, Verdict } from './record.ts';

/** Who asks for the record. */
export interface Claim {
  readonly application: string;
  readonly holder: Holder;
  readonly claimant: 'root' | 'phase';
  /** When Temporal scheduled this attempt of the claim, ms since 1970. */
  readonly at: number;
  /** Take the record over from another Temporal. */
  readonly takeOver: boolean;
  /** Whether the claimant's run has claimed before: then it does not take the record back from another sync. */
  readonly renews: boolean;
  /** What the claimant is about to do with which bundle; absent for one of a sync that has said so before. */
  readonly work?: { readonly operation: Operation; readonly bundle: string };
}

/** Whether a claim holds, and the record it makes. */
export type ClaimDecision =
  { readonly kind: 'granted'; readonly record: SyncRecord } | { readonly kind: 'refused'; readonly failure: Failure };

/**
 * Decides a claim. A root takes the record from nobody, from itself, and from an older sync of the same workflow ID (which
 * is over, since the ID is the lock). A phase takes it only while its own root is the one that last claimed. A claim that was
 * scheduled before the one that stands comes from a predecessor's slow worker, and is refused; so is one by which a run that
 * was overtaken by another sync would come back.
 */
export function decideClaim(record: SyncRecord | undefined, claim: Claim): ClaimDecision {
  const holder = record?.holder ?? null;
  if (
    claim.claimant === 'phase' &&
    (holder?.syncId !== claim.holder.syncId || holder.rootRun !== claim.holder.rootRun)
  ) {
    return { kind: 'refused', failure: superseded(claim) };
  }
  if (holder !== null && holder.temporal !== claim.holder.temporal && !claim.takeOver) {
    return { kind: 'refused', failure: heldElsewhere(claim, holder) };
  }
  if (isLate(record, claim) || isOvertaken(record, claim)) return { kind: 'refused', failure: superseded(claim) };
  const sameSync = record?.syncId === claim.holder.syncId;
  return {
    kind: 'granted',
    record: {
      version: 1,
      application: claim.application,
      epoch: (record?.epoch ?? 0) + 1,
      number: (record?.number ?? 0) + (sameSync ? 0 : 1),
      holder: claim.holder,
      lastClaim: { temporal: claim.holder.temporal, at: claim.at },
      rootClaims: {
        ...record?.rootClaims,
        ...(claim.claimant === 'root' ? { [claim.holder.temporal]: claim.at } : {}),
      },
      syncId: claim.holder.syncId,
      ...workOf(record, claim, sameSync),
    },
  };
}

type Work = Pick<SyncRecord, 'bundle' | 'pendingBundle' | 'deletion' | 'ledger'>;

/**
 * What a claim leaves of bundles and ledger. A sync that never finished may have applied any of its bundle, so that one counts
 * from now on. A deletion that follows a failed one of the same bundle keeps the successes of its hooks: a PreDelete hook that
 * has done its work may find nothing to work on any more.
 */
function workOf(record: SyncRecord | undefined, { work }: Claim, sameSync: boolean): Work {
  const known = record === undefined ? {} : bundlesOf(record);
  const ledger = sameSync ? (record?.ledger ?? {}) : {};
  if (work === undefined) return { ...known, ledger };
  const applied = sameSync ? known.bundle : (known.pendingBundle ?? known.bundle);
  const bundle = applied === undefined ? {} : { bundle: applied };
  if (work.operation === 'sync') return { ...bundle, pendingBundle: work.bundle, ledger };
  const repeated = !sameSync && record !== undefined && known.deletion === work.bundle;
  return { ...bundle, deletion: work.bundle, ledger: repeated ? successesOf(record.ledger) : ledger };
}

/** Digests of the bundles that a record names. */
export function bundlesIn({ bundle, pendingBundle, deletion }: SyncRecord): readonly string[] {
  const named = [bundle, pendingBundle, deletion].filter((digest) => digest !== undefined);
  return [...new Set(named)];
}

function bundlesOf({ bundle, pendingBundle, deletion }: SyncRecord): Omit<Work, 'ledger'> {
  return {
    ...(bundle === undefined ? {} : { bundle }),
    ...(pendingBundle === undefined ? {} : { pendingBundle }),
    ...(deletion === undefined ? {} : { deletion }),
  };
}

function successesOf(ledger: SyncRecord['ledger']): SyncRecord['ledger'] {
  const kept = Object.entries(ledger).map(
    ([hook, entries]) => [hook, entries.filter(({ verdict }) => verdict?.outcome === 'succeeded')] as const,
  );
  return Object.fromEntries(kept.filter(([, entries]) => entries.length > 0));
}

/**
 * Whether a claim was scheduled before the last one of its Temporal; two Temporals' clocks say nothing of each other. A root is
 * compared with roots alone: a phase that a reset has left behind may claim for its old root a moment after the new one asked.
 */
function isLate(record: SyncRecord | undefined, { claimant, holder: { temporal }, at }: Claim): boolean {
  if (record === undefined) return false;
  const last = record.lastClaim.temporal === temporal ? record.lastClaim.at : undefined;
  const known = claimant === 'root' ? (record.rootClaims?.[temporal] ?? last) : last;
  return known !== undefined && at < known;
}

/** Once another sync has claimed, what an older one would still write is not wanted any more, also when that other one is over. */
function isOvertaken(record: SyncRecord | undefined, { renews, holder }: Claim): boolean {
  return renews && record !== undefined && record.syncId !== holder.syncId;
}

function superseded(claim: Claim): Failure {
  return {
    type: 'Superseded',
    message: `another run of application ${claim.application} has taken over, so this one stops`,
  };
}

function heldElsewhere(claim: Claim, holder: Holder): Failure {
  return {
    type: 'HeldElsewhere',
    message: `application ${claim.application} is being synced by another Temporal (${holder.temporalName}, sync ${holder.syncId})`,
    remedy: 'wait for it to end or abort it there; if that Temporal is gone, use --take-over',
  };
}

/** Whether the fence still stands: nobody has claimed the record since. */
export function holds(record: SyncRecord | undefined, fence: Fence): record is SyncRecord {
  return (
    record !== undefined &&
    record.epoch === fence.epoch &&
    record.holder !== null &&
    record.holder.syncId === fence.syncId &&
    record.holder.run === fence.run
  );
}

/** The record with an attempt's entry added, or put in the place of the one with the same attempt. */
export function withEntry(record: SyncRecord, hook: string, entry: LedgerEntry): SyncRecord {
  const others = (record.ledger[hook] ?? []).filter((known) => known.attempt !== entry.attempt);
  const entries = [...others, entry].sort((a, b) => a.attempt - b.attempt);
  return { ...record, ledger: { ...record.ledger, [hook]: entries } };
}

/** The record with an attempt's verdict written. Unchanged where the attempt is unknown or has a verdict already. */
export function withVerdict(record: SyncRecord, hook: string, attempt: number, verdict: Verdict): SyncRecord {
  const entry = record.ledger[hook]?.find((known) => known.attempt === attempt);
  if (entry === undefined || entry.verdict !== undefined) return record;
  return withEntry(record, hook, { ...entry, verdict });
}

/** The record with nobody holding it, of a sync that applied nothing; the ledger stays, for people and for a retry. */
export function released({ pendingBundle: _, ...record }: SyncRecord): SyncRecord {
  return { ...record, holder: null };
}

/** The record of a sync that has applied its bundle, or some of it. */
export function applied(record: SyncRecord): SyncRecord {
  return record.pendingBundle === undefined ? record : { ...record, bundle: record.pendingBundle };
}

/** The record of a sync that is over and never let go of it: it may have applied any of its bundle. */
export function abandoned(record: SyncRecord): SyncRecord {
  return record.holder === null ? record : released(applied(record));
}

/** What a request for a hook finds in the ledger. */
export type LedgerFinding =
  | { readonly kind: 'settled'; readonly entry: LedgerEntry; readonly verdict: Verdict }
  | { readonly kind: 'intended'; readonly entry: LedgerEntry }
  | { readonly kind: 'free'; readonly attempt: number };

/**
 * Reads the ledger for one request. A success counts for every later request of the same sync, unless that wants one of a
 * later round (`since`). A failure answers only the request it was made for (the same run, the same ask); for any other it
 * is a spent attempt, and the next one is free.
 */
export function findInLedger(
  record: SyncRecord,
  hook: string,
  request: { readonly run: string; readonly ask: number; readonly since?: number },
): LedgerFinding {
  const latest = record.ledger[hook]?.at(-1);
  if (latest === undefined) return { kind: 'free', attempt: 1 };
  const { verdict } = latest;
  if (verdict === undefined) return { kind: 'intended', entry: latest };
  const own = latest.run === request.run && latest.ask === request.ask;
  const counts = verdict.outcome === 'succeeded' && (latest.round ?? 1) >= (request.since ?? 1);
  if (counts || own) return { kind: 'settled', entry: latest, verdict };
  return { kind: 'free', attempt: latest.attempt + 1 };
}

/** The first attempt of a round, where a new one (`attempt`) begins in it. */
export function firstOfRound(entries: readonly LedgerEntry[], round: number, attempt: number): number {
  return entries.find((entry) => (entry.round ?? 1) === round)?.attempt ?? attempt;
}

/** How many attempts a round has had with this one; undefined in records of older versions. */
export function triesOf({ attempt, first }: LedgerEntry): number | undefined {
  return first === undefined ? undefined : attempt - first + 1;
}
