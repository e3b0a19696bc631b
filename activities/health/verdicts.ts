import { describeDuration } from '../../core/annotations/duration.ts';
import type { Failure } from '../../core/failures.ts';
import { remedyFor } from '../../core/health/remedy.ts';
import { describeRef } from '../../core/objects.ts';
import { mapConcurrently } from '../concurrency.ts';
import type { SyncContext } from '../sync-context.ts';
import type { Look, Subject } from './judgement.ts';
import { refOfSubject } from './judgement.ts';
import { problemOfPods } from './workload-pods.ts';

/** More failures of one wave than these say nothing new; the last of them counts the others. */
const MOST_FAILURES = 10;

/** The failures of resources that are Degraded or have vanished. */
export async function brokenFailures(sync: SyncContext, looks: readonly Look[]): Promise<readonly Failure[]> {
  return failuresFor(sync, looks, ({ subject, judgement }) => {
    const object = describeRef(refOfSubject(subject));
    if (judgement.kind === 'missing') {
      return {
        type: 'ResourceMissing',
        message: `${object} was applied and does not exist any more: somebody has deleted it.`,
        remedy: 'find out what deletes it (another controller, another tool), then sync again',
      };
    }
    const message = 'message' in judgement ? judgement.message : '';
    return {
      type: 'ResourceDegraded',
      message: `${object} is Degraded: ${message === '' ? 'no reason given' : message}`,
    };
  });
}

const REMEDY_FOR_WAITING = 'correct what it waits for, or give it more time with the annotation syncline.dev/timeout';
const REMEDY_FOR_LEAVING =
  'see that whoever set its finalizers runs and can finish, or give it more time with the annotation syncline.dev/timeout on the live object';

/** The failures of resources that were not healthy, or not gone, when their time was over. */
export async function overdueFailures(
  sync: SyncContext,
  looks: readonly Look[],
  lengthOf: (subject: Subject) => number,
): Promise<readonly Failure[]> {
  return failuresFor(sync, looks, ({ subject, judgement }) => {
    const state = subject.kind === 'pruned' ? 'gone' : 'healthy';
    const why = judgement.kind === 'waiting' ? `: ${judgement.status}, ${judgement.message}` : '';
    return {
      type: 'WaveTimedOut',
      message: `${describeRef(refOfSubject(subject))} was not ${state} after ${describeDuration(lengthOf(subject))}${why}`,
      remedy: subject.kind === 'pruned' ? REMEDY_FOR_LEAVING : REMEDY_FOR_WAITING,
    };
  });
}

type Sentence = Pick<Failure, 'type' | 'message' | 'remedy'>;

async function failuresFor(
  sync: SyncContext,
  looks: readonly Look[],
  sentenceOf: (look: Look) => Sentence,
): Promise<readonly Failure[]> {
  const shown = looks.slice(0, MOST_FAILURES);
  const rest = looks.length - shown.length;
  return mapConcurrently(shown, 4, sync.runtime.signal, async (look, index) => {
    const failure = await explained(sync, look, sentenceOf(look));
    const isLast = index === shown.length - 1;
    return isLast && rest > 0
      ? { ...failure, message: `${failure.message} (and ${String(rest)} more like it)` }
      : failure;
  });
}

/** A failure with what keeps the object's pods from running, which is mostly the cause. */
async function explained(sync: SyncContext, { subject, live, judgement }: Look, sentence: Sentence): Promise<Failure> {
  const { cluster, bundle, runtime } = sync;
  const known = judgement.kind === 'degraded' ? judgement.problem : undefined;
  const asked = () => (live === undefined ? undefined : problemOfPods(cluster, live, runtime.now(), runtime.signal));
  const problem = known ?? (await asked());
  const cause = problem === undefined ? '' : `; ${problem.message}`;
  const remedy = (problem === undefined ? undefined : remedyFor(problem, 'over')) ?? sentence.remedy;
  const location = subject.kind === 'applied' ? bundle.manifests[subject.step.manifest]?.location : undefined;
  return {
    type: sentence.type,
    message: bundle.redact(`${sentence.message}${cause}`),
    object: describeRef(refOfSubject(subject)),
    ...(remedy === undefined ? {} : { remedy }),
    ...(location === undefined ? {} : { location: `${location.file}:${String(location.line)}` }),
  };
}
