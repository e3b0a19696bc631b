import { queueIdOf, workflowIdOf, workflowIdOfSync } from '../markers.ts';
import type { ApplicationNames, ReferencePlace } from './references.ts';
import { placeOf } from './references.ts';
import type { Retention } from './retention.ts';
import { YOUNG_MS } from './retention.ts';

/** A reference as far as it matters for how long it stays. */
export interface JudgedReference {
  readonly name: string;
  readonly digests: readonly string[];
  /** When it was last written, ms since 1970. */
  readonly writtenAt: number;
  /** The ID of the Temporal namespace whose it is; absent where that is unknown. */
  readonly owner?: string;
}

/** A run of a sync that Temporal knows. */
export interface KnownRun {
  readonly syncId: string;
  readonly state: 'open' | 'succeeded' | 'unsuccessful';
  /** Ms since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
}

/** What a judgement goes by. */
export interface RetentionFacts {
  /** Ms since 1970. */
  readonly now: number;
  /** The ID of the Temporal namespace that is asked. */
  readonly owner: string;
  /** The bundles that the records of an application name; undefined where they can't be read. */
  bundlesNamed(application: ApplicationNames): ReadonlySet<string> | undefined;
  /** The runs that Temporal knows of a workflow ID; undefined where it was not asked. */
  runsOf(workflowId: string): readonly KnownRun[] | undefined;
}

/** What becomes of a reference, and why, in words. `ask`: nobody can tell before Temporal was asked for that workflow. */
export type Verdict =
  { readonly kind: 'keep' | 'release'; readonly why: string } | { readonly kind: 'ask'; readonly workflowId: string };

/**
 * Decides which references of a store may go. What can't be judged from here stays: what another Temporal wrote, what
 * belongs to a cluster whose records can't be read, what has an unknown name. Nothing goes that a sync needs which runs or
 * holds, which may be resumed, or which is the latest of its application, nor what the application's record names.
 */
export function judgeReferences<R extends JudgedReference>(
  references: readonly R[],
  retention: Retention,
  facts: RetentionFacts,
): ReadonlyMap<R, Verdict> {
  const placed = references.map((reference) => ({ reference, place: placeOf(reference.name) }));
  const newest = newestWithEvidence(placed, retention.keepSyncs);
  const judged = placed.map(({ reference, place }) => {
    const verdict =
      place === undefined
        ? keep('what it is for is not known here')
        : (protectionOf(reference, facts) ?? judge({ reference, place, newest, retention, facts }));
    return [reference, verdict] as const;
  });
  return new Map(judged);
}

interface Case {
  readonly reference: JudgedReference;
  readonly place: ReferencePlace;
  /** The syncs whose evidence stays whatever its age, as `syncKey` has them. */
  readonly newest: ReadonlySet<string>;
  readonly retention: Retention;
  readonly facts: RetentionFacts;
}

function protectionOf({ writtenAt, owner }: JudgedReference, facts: RetentionFacts): Verdict | undefined {
  if (owner !== undefined && owner !== facts.owner) return keep('another Temporal wrote it');
  return facts.now - writtenAt < YOUNG_MS ? keep('it was written less than an hour ago') : undefined;
}

function judge(given: Case): Verdict {
  switch (given.place.kind) {
    case 'application':
      return judgeApplication(given);
    case 'sync':
      return judgeRecorded(given) ?? judgeSync(given);
    case 'dry-run':
      return judgeDryRun(given);
    case 'evidence':
      return judgeEvidence(given);
    case 'collected':
      return isKeptByAge(given) ? keep('it tells when evidence was collected') : release('nobody asks any more');
  }
}

function judgeApplication(given: Case): Verdict {
  const recorded = judgeRecorded(given);
  if (recorded !== undefined) return recorded;
  if (given.reference.owner === undefined) return keep(UNKNOWN_OWNER);
  return release("the application's record does not name it any more");
}

/** What the records say. */
function judgeRecorded({ reference, place, facts }: Case): Verdict | undefined {
  const named = facts.bundlesNamed(place);
  if (named === undefined) return keep(`the records of cluster ${place.cluster} can't be read from here`);
  if (reference.digests.some((digest) => named.has(digest))) return keep("the application's record names it");
  return undefined;
}

function judgeSync(given: Case): Verdict {
  const { place, reference, facts, retention } = given;
  const runs = facts.runsOf(workflowOf(place));
  if (runs === undefined) return { kind: 'ask', workflowId: workflowOf(place) };
  const need = needOf(runs, given);
  if (need !== undefined) return keep(need);
  const latest = runs.toSorted((one, other) => other.startedAt - one.startedAt)[0];
  if (latest?.syncId === place.syncId) return keep('it is the latest sync of its application');
  if (runs.some(({ syncId }) => syncId === place.syncId)) return release('its sync is over');
  if (reference.owner === undefined) return keep(UNKNOWN_OWNER);
  // Temporal's list may be behind.
  if (isKeptByAge(given)) return keep(`Temporal does not know its sync; it stays until ${day(reference, retention)}`);
  const line = facts.runsOf(queueIdOf(place.cluster, place.application));
  if (line === undefined) return { kind: 'ask', workflowId: queueIdOf(place.cluster, place.application) };
  if (line.some(({ state }) => state === 'open')) return keep('its sync may wait in the line of its application');
  return release('Temporal does not know its sync any more, or never did');
}

function judgeDryRun(given: Case): Verdict {
  const { place, reference, facts } = given;
  const runs = facts.runsOf(workflowOf(place));
  if (runs === undefined) return { kind: 'ask', workflowId: workflowOf(place) };
  if (runs.some(({ state }) => state === 'open')) return keep('it runs');
  return runs.length === 0 && reference.owner === undefined ? keep(UNKNOWN_OWNER) : release('the dry run is over');
}

function judgeEvidence(given: Case): Verdict {
  const { place, reference, facts, retention, newest } = given;
  if (isKeptByAge(given)) return keep(`it is evidence, kept until ${day(reference, retention)}`);
  if (newest.has(syncKey(place))) return keep(`it is evidence of one of the last ${String(retention.keepSyncs)} syncs`);
  const runs = facts.runsOf(workflowOf(place));
  if (runs === undefined) return { kind: 'ask', workflowId: workflowOf(place) };
  const need = needOf(runs, given);
  if (need !== undefined) return keep(need);
  const isKnown = runs.some(({ syncId }) => syncId === place.syncId);
  return reference.owner === undefined && !isKnown ? keep(UNKNOWN_OWNER) : release('it is evidence whose time is over');
}

/** Why a sync still needs what it has stored; undefined where it does not. */
function needOf(runs: readonly KnownRun[], { place, retention, facts }: Case): string | undefined {
  const own = runs.filter(({ syncId }) => syncId === place.syncId);
  if (own.some(({ state }) => state === 'open')) return 'its sync runs';
  const since = Math.max(...own.map(({ state, endedAt }) => (state === 'unsuccessful' ? (endedAt ?? facts.now) : 0)));
  return facts.now - since < retention.keepForMs ? 'its sync did not succeed and may be resumed' : undefined;
}

/** The syncs of each application whose evidence was written last. */
function newestWithEvidence(
  placed: readonly { readonly reference: JudgedReference; readonly place: ReferencePlace | undefined }[],
  count: number,
): ReadonlySet<string> {
  const applications = new Map<string, Map<string, number>>();
  for (const { reference, place } of placed) {
    if (place?.kind !== 'evidence') continue;
    const application = `${place.cluster}/${place.application}`;
    const syncs = applications.get(application) ?? new Map<string, number>();
    applications.set(application, syncs);
    syncs.set(syncKey(place), Math.max(reference.writtenAt, syncs.get(syncKey(place)) ?? 0));
  }
  const newest = [...applications.values()].flatMap((syncs) =>
    [...syncs].toSorted(([, one], [, other]) => other - one).slice(0, count),
  );
  return new Set(newest.map(([key]) => key));
}

function syncKey({ cluster, application, syncId }: ReferencePlace): string {
  return `${cluster}/${application}/${syncId}`;
}

function workflowOf({ kind, ...names }: ReferencePlace): string {
  if (kind !== 'dry-run') return workflowIdOf(names.cluster, names.application);
  return workflowIdOfSync({ ...names, options: { dryRun: true } });
}

function isKeptByAge({ reference, retention, facts }: Case): boolean {
  return facts.now - reference.writtenAt < retention.keepForMs;
}

function day({ writtenAt }: JudgedReference, { keepForMs }: Retention): string {
  return new Date(writtenAt + keepForMs).toISOString().slice(0, 10);
}

const UNKNOWN_OWNER = 'nobody knows whose it is';

function keep(why: string): Verdict {
  return { kind: 'keep', why };
}

function release(why: string): Verdict {
  return { kind: 'release', why };
}
