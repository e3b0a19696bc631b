import type { PodProblem } from '../../core/health/pod-problem.ts';
import { podProblem } from '../../core/health/pod-problem.ts';
import { failedPodProblem } from '../../core/health/pod-verdict.ts';
import { numberAt, stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { problemByEvents } from '../event-problem.ts';
import type { EventReader } from '../event-reader.ts';
import type { HookRun } from './hook-run.ts';
import { bestEffort } from '../best-effort.ts';
import { oldestFirst, podsOfHook } from './pods.ts';

/** Verdicts of a Job that only count what its pods have done. */
const COUNTING: readonly string[] = [
  'BackoffLimitExceeded',
  'PodFailurePolicy',
  'FailedIndexes',
  'MaxFailedIndexesExceeded',
];

/** A Job's `backoffLimit` where the manifest says none. */
const USUAL_RETRIES = 6;

/** What keeps a running hook from its end: the newest of its pods, or what keeps that from being created. Never throws for what the API server refuses. */
export async function hookProblem(
  run: HookRun,
  live: KubernetesObject,
  pods: readonly KubernetesObject[],
  events: EventReader,
): Promise<PodProblem | undefined> {
  const pod = oldestFirst(pods).at(-1);
  const byEvents = (object: KubernetesObject) => bestEffort(() => problemByEvents(events, object, run.runtime.now()));
  const problem = pod === undefined ? await byEvents(live) : (podProblem(pod) ?? retried(live, pods, pod));
  const found = problem ?? (stringAt(pod, 'status', 'phase') === 'Pending' ? await byEvents(pod ?? live) : undefined);
  return found === undefined ? undefined : { ...found, message: run.redact(found.message) };
}

/** How the newest pod of a Job failed that makes another one; the last failure is told by the Job's own verdict, a moment later. */
function retried(
  live: KubernetesObject,
  pods: readonly KubernetesObject[],
  pod: KubernetesObject,
): PodProblem | undefined {
  const problem = stringAt(live, 'kind') === 'Job' ? failedPodProblem(pod) : undefined;
  if (problem === undefined) return undefined;
  const tries = 1 + (numberAt(live, 'spec', 'backoffLimit') ?? USUAL_RETRIES);
  const failed = pods.filter((each) => stringAt(each, 'status', 'phase') === 'Failed').length;
  if (failed >= tries) return undefined;
  return { ...problem, message: `${problem.message} (try ${String(failed)} of ${String(tries)}; the Job tries again)` };
}

/** How the newest failed pod of a Job failed, where the Job's verdict only counts failures. */
export async function causeOfFailure(
  run: HookRun,
  live: KubernetesObject,
  reason: string | undefined,
): Promise<PodProblem | undefined> {
  if (!COUNTING.includes(reason ?? '')) return undefined;
  const pods = (await bestEffort(() => podsOfHook(run, live))) ?? [];
  return oldestFirst(pods)
    .map(failedPodProblem)
    .findLast((problem) => problem !== undefined);
}
