import type { BundleStore, StoredReference } from '../../bundles/bundle-store.ts';
import type { KnownRun, RetentionFacts, Verdict } from '../../core/retention/judgement.ts';
import { judgeReferences } from '../../core/retention/judgement.ts';
import { collectedReference, placeOf, turnReference } from '../../core/retention/references.ts';
import type { Retention } from '../../core/retention/retention.ts';
import { GRACE_MS } from '../../core/retention/retention.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { namedBundles } from './named-bundles.ts';

/** Answers the runs that Temporal knows of a workflow ID: an open one for certain, closed ones as far as its list goes. */
export type RunsOf = (workflowId: string, signal: AbortSignal) => Promise<readonly KnownRun[]>;

/** What a collection stands on. */
export interface Collection {
  /** The store, its owner being the Temporal that is asked. */
  readonly store: BundleStore;
  /** The ID of that Temporal's namespace. */
  readonly owner: string;
  /** The clusters whose records can be read; what belongs to others stays. */
  readonly clusters: readonly Cluster[];
  readonly runsOf: RunsOf;
  readonly retention: Retention;
  /** Ms since 1970. */
  readonly now: () => number;
  /** Decide alone, change nothing. */
  readonly dryRun: boolean;
}

/** What a collection has done, or would do. */
export interface CollectionReport {
  readonly released: readonly Judged[];
  readonly kept: readonly Judged[];
  /** How many bundles were removed: those that nothing names any more. */
  readonly bundles: number;
  /** What could not be looked at, in sentences. */
  readonly warnings: readonly string[];
}

/** A reference and why it goes or stays. */
export interface Judged {
  readonly reference: StoredReference;
  readonly why: string;
}

/** The most workflows that one round asks Temporal for, and the most references it releases: the next round goes on. */
const MOST_QUESTIONS = 500;
const MOST_RELEASES = 1_000;

/**
 * Releases the references that nothing needs any more, then removes the bundles that no reference names. May run anywhere
 * and at any time, beside others of its kind too: a reference that was written again meanwhile is not released.
 */
export async function collectGarbage(collection: Collection, signal: AbortSignal): Promise<CollectionReport> {
  const { store, owner, dryRun } = collection;
  const listed = await store.references('', signal);
  const references = listed.filter(({ name }) => name !== turnReference(owner));
  const { verdicts, warnings } = await judgeAll(collection, references, signal);
  const judged = [...verdicts].map(([reference, verdict]) => ({ reference, verdict }));
  const doomed = judged.flatMap(({ reference, verdict }) =>
    verdict.kind === 'release' ? [{ reference, why: verdict.why }] : [],
  );
  const kept = judged.flatMap(({ reference, verdict }) =>
    verdict.kind === 'release' ? [] : [{ reference, why: reasonOf(verdict) }],
  );
  if (dryRun) return { released: doomed, kept, bundles: 0, warnings };
  const released = await release(store, doomed.slice(0, MOST_RELEASES), signal);
  return { released, kept, bundles: await store.collect(GRACE_MS, signal), warnings };
}

function reasonOf(verdict: Exclude<Verdict, { readonly kind: 'release' }>): string {
  return verdict.kind === 'ask' ? 'it is looked at in a later round' : verdict.why;
}

interface AllJudged {
  readonly verdicts: ReadonlyMap<StoredReference, Verdict>;
  readonly warnings: readonly string[];
}

/** A sync that Temporal does not know is asked for once more: whether it waits in a line. */
const ROUNDS = 2;

/** Judges to learn what Temporal must be asked for, and again with its answers. */
async function judgeAll(
  collection: Collection,
  references: readonly StoredReference[],
  signal: AbortSignal,
): Promise<AllJudged> {
  const { bundlesNamed, warnings } = await namedBundles(collection.clusters, signal);
  const facts: Omit<RetentionFacts, 'runsOf'> = { now: collection.now(), owner: collection.owner, bundlesNamed };
  const answers = new Map<string, readonly KnownRun[]>();
  const judge = () =>
    judgeReferences(references, collection.retention, { ...facts, runsOf: (workflowId) => answers.get(workflowId) });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const workflowId of shuffled(questionsIn(judge())).slice(0, MOST_QUESTIONS)) {
      answers.set(workflowId, await collection.runsOf(workflowId, signal));
    }
  }
  return { verdicts: judge(), warnings };
}

function questionsIn(verdicts: ReadonlyMap<StoredReference, Verdict>): readonly string[] {
  return [...new Set([...verdicts.values()].flatMap((each) => (each.kind === 'ask' ? [each.workflowId] : [])))];
}

/** Where not all can be asked for in one round, all get their turn. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

async function release(store: BundleStore, doomed: readonly Judged[], signal: AbortSignal): Promise<readonly Judged[]> {
  const marked = new Set<string>();
  const released: Judged[] = [];
  for (const judged of doomed) {
    const place = placeOf(judged.reference.name);
    // Before it goes, so that whoever misses it finds out why.
    if (place?.kind === 'evidence') await markCollected(store, collectedReference(place), marked, signal);
    if (await store.releaseUnchanged(judged.reference, signal)) released.push(judged);
  }
  return released;
}

async function markCollected(
  store: BundleStore,
  mark: string,
  marked: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  if (marked.has(mark)) return;
  marked.add(mark);
  await store.refer(mark, [], signal);
}
