import { stringAt } from '../../core/json.ts';
import type { HookVerdict } from '../../core/health/hook-verdict.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { resourceVersionOf } from '../../core/objects.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import type { HookProgress } from '../../core/sync/progress.ts';
import type { EventReader } from '../event-reader.ts';
import { eventReader, patientReader } from '../event-reader.ts';
import { hookProblem } from './hook-problem.ts';
import type { HookRun } from './hook-run.ts';
import { bestEffort } from '../best-effort.ts';
import { oldestFirst, podsOfHook } from './pods.ts';

/** How often a hook is looked at that does not change itself, ms: its pods may. */
const LOOK_MS = 2_500;

/** Looks at what a running hook is doing, for people. */
export interface HookObserver {
  /** What it does; undefined where it was looked at a moment ago, as when a neighbour in its namespace has changed. */
  observe(entry: LedgerEntry, live: KubernetesObject, verdict: HookVerdict): Promise<HookProgress | undefined>;
}

/**
 * Makes the observer of one hook: it tells its newest pod, what keeps that from running, the last event. Reading them is
 * best effort: a worker that may not list pods still waits for its hooks.
 */
export function hookObserver(run: HookRun): HookObserver {
  const events = patientReader(eventReader(run.cluster, run.runtime.signal), () => run.runtime.now());
  let last: { readonly version: string; readonly at: number } | undefined;
  return {
    async observe(entry, live, verdict) {
      const now = run.runtime.now();
      const version = resourceVersionOf(live);
      if (version === last?.version && now < last.at + LOOK_MS) return undefined;
      last = { version, at: now };
      return observed(run, entry, { live, verdict }, events);
    },
  };
}

async function observed(
  run: HookRun,
  entry: LedgerEntry,
  { live, verdict }: { readonly live: KubernetesObject; readonly verdict: HookVerdict },
  events: EventReader,
): Promise<HookProgress> {
  const pods = (await bestEffort(() => podsOfHook(run, live))) ?? [];
  const pod = oldestFirst(pods).at(-1);
  const problem = await hookProblem(run, live, pods, events);
  const event =
    pod !== undefined && problem === undefined
      ? undefined
      : await bestEffort(() => lastEvent(run, pod ?? live, events));
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

async function lastEvent(
  run: HookRun,
  object: KubernetesObject,
  events: EventReader,
): Promise<{ readonly lastEvent: string } | undefined> {
  const last = (await events(object)).at(-1);
  return last === undefined ? undefined : { lastEvent: run.redact(`${last.object} ${last.reason}: ${last.message}`) };
}
