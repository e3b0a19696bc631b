import { stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { uidOf } from '../../core/objects.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import type { HookProgress } from '../../core/sync/progress.ts';
import { eventsFor } from '../../kubernetes/logs-and-events.ts';
import { hookProblem } from './hook-problem.ts';
import type { HookRun } from './hook-run.ts';
import { bestEffort } from '../best-effort.ts';
import { oldestFirst, podsOfHook } from './pods.ts';

/**
 * What a running hook is doing, for people: its newest pod, what keeps that from running, the last event. Reading it is
 * best effort: a worker that may not list pods still waits for its hooks.
 */
export async function observeHook(run: HookRun, entry: LedgerEntry, live: KubernetesObject): Promise<HookProgress> {
  const pods = (await bestEffort(() => podsOfHook(run, live))) ?? [];
  const pod = oldestFirst(pods).at(-1);
  const problem = await hookProblem(run, live, pods);
  const verdict = await run.judge.hookVerdict(live, run.runtime.signal);
  const event =
    pod !== undefined && problem === undefined ? undefined : await bestEffort(() => lastEvent(run, pod ?? live));
  const since = Date.parse(problem?.since ?? '');
  return {
    kind: 'hook',
    id: run.input.hook.id,
    uid: entry.uid,
    attempt: entry.attempt,
    since: entry.intentAt,
    ...(pod === undefined ? { state: run.redact(verdict.message) } : stateOf(pod)),
    ...(problem === undefined
      ? {}
      : {
          problem: {
            reason: problem.reason,
            message: problem.message,
            ...(Number.isNaN(since) ? {} : { since }),
          },
        }),
    ...event,
  };
}

function stateOf(pod: KubernetesObject): Pick<HookProgress, 'state' | 'pod'> {
  const name = stringAt(pod, 'metadata', 'name') ?? '';
  return {
    state: `pod ${name} ${stringAt(pod, 'status', 'phase') ?? 'Unknown'}`,
    pod: { namespace: stringAt(pod, 'metadata', 'namespace') ?? '', name },
  };
}

async function lastEvent(run: HookRun, object: KubernetesObject): Promise<{ readonly lastEvent: string } | undefined> {
  const namespace = stringAt(object, 'metadata', 'namespace');
  if (namespace === undefined) return undefined;
  const events = await eventsFor(run.cluster, namespace, uidOf(object), run.runtime.signal);
  const last = events.at(-1);
  return last === undefined ? undefined : { lastEvent: run.redact(`${last.object} ${last.reason}: ${last.message}`) };
}
