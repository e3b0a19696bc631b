import type { ContainerEvidence } from '../../core/evidence/evidence.ts';
import { trueCondition } from '../../core/health/conditions.ts';
import { isGated } from '../../core/hooks/gated-object.ts';
import { remedyFor } from '../../core/health/remedy.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, uidOf } from '../../core/objects.ts';
import type { LedgerEntry, Verdict } from '../../core/record/record.ts';
import { wasStopped } from '../../core/record/record.ts';
import { triesOf } from '../../core/record/transitions.ts';
import type { LiveView } from '../../kubernetes/cluster.ts';
import type { HookAnswer } from '../../workflows/activities.ts';
import type { Deadline } from './deadline.ts';
import { deadlineFrom } from './deadline.ts';
import { stopObject } from './deletion.ts';
import type { Ending } from './ending.ts';
import { ownEnding } from './ending.ts';
import { captureEvidence, completed, containersSoFar, keepEvidence } from './evidence.ts';
import type { HookRun } from './hook-run.ts';
import { hookProblem } from './hook-problem.ts';
import type { HookObserver } from './observation.ts';
import { hookObserver } from './observation.ts';
import { bestEffort } from '../best-effort.ts';
import { eventReader } from '../event-reader.ts';
import { podsOfHook } from './pods.ts';
import { releaseHook } from './release.ts';
import type { StuckHook } from './stuck-hook.ts';
import { stuckHook } from './stuck-hook.ts';
import { renewIntent, writeVerdict } from './verdict.ts';

/** How often a heartbeat is sent while nothing changes, ms. */
const HEARTBEAT_MS = 3_000;

/**
 * How often the logs of a Job are read that has failed and waits for its pods to end, ms: it deletes those that still run
 * (after `activeDeadlineSeconds`, say), and they are gone before it says Failed.
 */
const LEAVING_MS = 500;

/**
 * Waits for the verdict of an attempt whose intent is in the ledger; releases it first if it is still gated. Ends with the
 * evidence stored and the verdict in the ledger. A deadline counts from the intent, or from a release that came later, whoever made
 * it, or from the beginning that its object tells of; what ended in time counts also when it is seen later.
 */
export async function awaitVerdict(run: HookRun, intended: LedgerEntry): Promise<HookAnswer> {
  let entry = intended;
  let said: readonly ContainerEvidence[] = [];
  const stuck = stuckHook(run);
  const observer = hookObserver(run);
  const deadlineOf = deadlineFrom(run);
  const ref = run.refAt(entry.attempt);
  const { apiVersion, kind, namespace } = ref;
  const query = { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) };
  const view = await run.cluster.view(query, run.runtime.signal);
  try {
    for (;;) {
      const lookedAt = run.runtime.now();
      const live = await currentObject(run, entry, view, { now: lookedAt, deadlineOf });
      if (live !== undefined && isGated(live)) {
        // Once only: a cluster that refuses the release must not put the deadline off for ever.
        const known = entry === intended ? await renewIntent(run, entry) : entry;
        if (known === undefined) return { kind: 'fenced' };
        if (known.verdict !== undefined) return settledAnswer(known, known.verdict);
        entry = known;
        await releaseHook(run, live);
      }
      const ending =
        live === undefined
          ? lost(run, entry)
          : await endingOf(run, entry, live, { stuck, observer, lookedAt, deadlineOf });
      if (ending !== undefined) return await conclude(run, entry, ending, live, said);
      const leaving = live !== undefined && trueCondition(live, 'FailureTarget') !== undefined;
      if (leaving) said = completed(await containersSoFar(run, live), said);
      const left = deadlineOf(entry, live) - run.runtime.now();
      await view.changed(Math.max(1, Math.min(leaving ? LEAVING_MS : HEARTBEAT_MS, left)), run.runtime.signal);
    }
  } finally {
    view.close();
  }
}

/**
 * The object of the attempt. A view may lag or miss: that the object is not there, or has not ended in time, counts only once
 * the API server has said so.
 */
async function currentObject(
  run: HookRun,
  entry: LedgerEntry,
  view: LiveView,
  { now, deadlineOf }: { readonly now: number; readonly deadlineOf: Deadline },
): Promise<KubernetesObject | undefined> {
  const ref = run.refAt(entry.attempt);
  const seen = view.get(ref.name, ref.namespace);
  const isKnown = seen !== undefined && uidOf(seen) === entry.uid && !isGated(seen);
  if (isKnown && now < deadlineOf(entry, seen)) return seen;
  const live = await run.cluster.get(ref, run.runtime.signal);
  return live !== undefined && uidOf(live) === entry.uid ? live : undefined;
}

/** One look at a hook: when it was, and what the wait knows of the hook from those before. */
interface Look {
  readonly lookedAt: number;
  readonly deadlineOf: Deadline;
  readonly stuck: StuckHook;
  readonly observer: HookObserver;
}

async function endingOf(
  run: HookRun,
  entry: LedgerEntry,
  live: KubernetesObject,
  { stuck, observer, lookedAt, deadlineOf }: Look,
): Promise<Ending | undefined> {
  const verdict = await run.judge.hookVerdict(live, run.runtime.signal);
  const own = await ownEnding(run, entry, live, verdict);
  if (own !== undefined) return own;
  if (lookedAt >= deadlineOf(entry, live)) return timedOut(run, entry, live);
  const ending = await stuck.endingOf(entry, live);
  if (ending !== undefined) return ending;
  const progress = await observer.observe(entry, live, verdict);
  if (progress !== undefined) run.runtime.heartbeat({ ...progress, ...stuck.report() });
  return undefined;
}

async function timedOut(run: HookRun, entry: LedgerEntry, live: KubernetesObject): Promise<Ending> {
  const object = describeRef(run.refAt(entry.attempt));
  const seconds = Math.round(run.input.hook.deadlineMs / 1000);
  const pods = (await bestEffort(() => podsOfHook(run, live))) ?? [];
  const problem = await hookProblem(run, live, pods, eventReader(run.cluster, run.runtime.signal));
  const why = problem === undefined ? '' : `: ${problem.message}`;
  const message = `did not end within ${String(seconds)} s and was stopped${why}`;
  const remedy = problem === undefined ? undefined : remedyFor(problem, 'over');
  return {
    outcome: 'failed',
    at: run.runtime.now(),
    message,
    failure: {
      type: 'HookTimedOut',
      object,
      message: `hook ${object} ${message}`,
      remedy: remedy ?? 'give it more time with the annotation syncline.dev/timeout, or see why it takes so long',
    },
  };
}

function lost(run: HookRun, entry: LedgerEntry): Ending {
  const object = describeRef(run.refAt(entry.attempt));
  return {
    outcome: 'failed',
    at: run.runtime.now(),
    message: 'its object was deleted before its verdict was seen',
    failure: {
      type: 'HookLost',
      object,
      message: `hook ${object} (UID ${entry.uid}) was deleted by somebody else before its verdict was seen; whether it did its work is not known`,
      remedy: 'see what it has done; then sync again to run it once more',
    },
  };
}

/** Stores the evidence, stops what did not end by itself, and writes the verdict; a verdict that is there already wins. */
async function conclude(
  run: HookRun,
  entry: LedgerEntry,
  ending: Ending,
  live: KubernetesObject | undefined,
  said: readonly ContainerEvidence[],
): Promise<HookAnswer> {
  const evidence = run.input.hook.settlesAtOnce ? undefined : await captureEvidence(run, entry, ending, live, said);
  const written = await writeVerdict(run, entry, {
    outcome: ending.outcome,
    at: ending.at,
    message: ending.message,
    ...(ending.failure === undefined ? {} : { failure: ending.failure }),
    ...(evidence === undefined ? {} : { evidence }),
  });
  if (written?.verdict === undefined) return { kind: 'fenced' };
  await keepEvidence(run, written);
  // The verdict comes first, so that a crash in between is a stop that is repeated, not a second run.
  if (written.verdict.outcome === 'failed' && wasStopped(written.verdict)) await stopObject(run, entry);
  return settledAnswer(written, written.verdict);
}

/** What a request is told of an attempt that has a verdict. */
export function settledAnswer(entry: LedgerEntry, verdict: Verdict): HookAnswer {
  const { uid, attempt, intentAt, gated } = entry;
  const tries = triesOf(entry);
  return {
    kind: 'settled',
    uid,
    attempt,
    startedAt: intentAt,
    verdict,
    gated,
    ...(tries === undefined ? {} : { tries }),
  };
}
