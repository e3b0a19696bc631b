import type { PodProblem } from '../../core/health/pod-problem.ts';
import type { HealthProgress, ReportedProblem } from '../../core/sync/progress.ts';
import type { SyncContext } from '../sync-context.ts';
import type { Look, Subject } from './judgement.ts';
import { refOfSubject } from './judgement.ts';
import type { StuckWorkloads } from './stuck-workloads.ts';
import { problemOfPods } from './workload-pods.ts';

/** How many of those that are waited for a heartbeat names. */
const MOST_NAMED = 5;

/** How long what was read of an object's pods is shown before it is read again, ms. */
const PODS_AGE_MS = 10_000;

/** Makes what says in heartbeats how far a wave is: what is waited for, and what keeps its pods from running. */
export function reporter(
  sync: SyncContext,
  stuck: Pick<StuckWorkloads, 'report'>,
): (looks: readonly Look[]) => Promise<void> {
  const { runtime, bundle } = sync;
  const podsOf = podProblems(sync);
  return async (looks) => {
    const waiting = looks.filter(({ judgement }) => judgement.kind === 'waiting').slice(0, MOST_NAMED);
    const named: HealthProgress['waiting'][number][] = [];
    for (const look of waiting) {
      if (look.judgement.kind !== 'waiting') continue;
      const { status, message } = look.judgement;
      const problem = await podsOf(look);
      named.push({
        ref: refOfSubject(look.subject),
        status,
        message: bundle.redact(message),
        ...(problem === undefined ? {} : { problem }),
      });
    }
    runtime.heartbeat({
      kind: 'health',
      since: runtime.scheduledAt,
      healthy: looks.filter(({ judgement }) => judgement.kind === 'done').length,
      total: looks.length,
      waiting: named,
      ...stuck.report(),
    });
  };
}

/** Makes what tells of the pods of an object, read anew from time to time. */
function podProblems({ runtime, cluster, bundle }: SyncContext): (look: Look) => Promise<ReportedProblem | undefined> {
  const known = new Map<Subject, { readonly at: number; readonly problem: ReportedProblem | undefined }>();
  return async ({ subject, live }) => {
    const before = known.get(subject);
    // Nothing is asked at first: most pods just need a moment.
    const at = before?.at ?? runtime.now();
    if (before !== undefined && runtime.now() - at < PODS_AGE_MS) return before.problem;
    const problem =
      before === undefined || live === undefined
        ? undefined
        : await problemOfPods(cluster, live, runtime.now(), runtime.signal);
    const reported = problem === undefined ? undefined : reportOf(problem, (text) => bundle.redact(text));
    known.set(subject, { at: runtime.now(), problem: reported });
    return reported;
  };
}

function reportOf({ reason, message, since }: PodProblem, redact: (text: string) => string): ReportedProblem {
  const at = Date.parse(since ?? '');
  return { reason, message: redact(message), ...(Number.isNaN(at) ? {} : { since: at }) };
}
