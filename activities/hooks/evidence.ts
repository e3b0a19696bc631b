import type { ContainerEvidence, EventEvidence, HookEvidence } from '../../core/evidence/evidence.ts';
import { EVIDENCE_LIMITS } from '../../core/evidence/evidence.ts';
import { tailOf } from '../../core/evidence/log-tail.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import { SynclineError } from '../../core/failures.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { uidOf } from '../../core/objects.ts';
import type { LedgerEntry } from '../../core/record/record.ts';
import { evidenceReference } from '../../core/retention/references.ts';
import { eventsFor } from '../../kubernetes/logs-and-events.ts';
import type { Ending } from './ending.ts';
import type { HookRun } from './hook-run.ts';
import { bestEffort } from '../best-effort.ts';
import { oldestFirst, podsOfHook } from './pods.ts';

/** The most pods of one attempt whose logs are kept: the newest ones. */
const MOST_PODS = 5;

/** The most that is kept of a container's own message, characters: it may be the end of its log. */
const MOST_WORDS = 500;

/** The most that is read of one log: far more than is kept, unless its lines are monstrous. */
const MOST_LOG_BYTES = 2 * 1024 * 1024;

/**
 * Stores what tells how an attempt went: the tail of each container's log, container states, events, with the bundle's
 * Secret values taken out; what only `earlier` has of pods that are gone since is added. Answers the digest; `keepEvidence` makes it stay. What the API server does not give is left out; it never fails the hook.
 */
export async function captureEvidence(
  run: HookRun,
  entry: LedgerEntry,
  ending: Ending,
  live: KubernetesObject | undefined,
  earlier: readonly ContainerEvidence[] = [],
): Promise<string | undefined> {
  const newest = await newestPods(run, live);
  const containers = await Promise.all(newest.map((pod) => containersOf(run, pod)));
  const objects = live === undefined ? [] : [live, ...newest.filter((pod) => uidOf(pod) !== uidOf(live))];
  const events = await Promise.all(objects.map((object) => eventsOf(run, object)));
  const evidence: HookEvidence = {
    version: 1,
    hook: run.refAt(entry.attempt),
    uid: entry.uid,
    attempt: entry.attempt,
    outcome: ending.outcome,
    message: ending.message,
    capturedAt: new Date(run.runtime.now()).toISOString(),
    containers: completed(containers.flat(), earlier),
    events: events.flat().sort((a, b) => a.at.localeCompare(b.at)),
  };
  return run.bundles.put(new TextEncoder().encode(JSON.stringify(evidence)), run.runtime.signal);
}

/** What the containers of a hook's newest pods have said so far, for pods that are about to be gone. */
export async function containersSoFar(run: HookRun, live: KubernetesObject): Promise<readonly ContainerEvidence[]> {
  const containers = await Promise.all((await newestPods(run, live)).map((pod) => containersOf(run, pod)));
  return containers.flat();
}

/** The later of two readings, with what only the earlier one has: a deleted pod is missing, or has no log any more. */
export function completed(
  later: readonly ContainerEvidence[],
  earlier: readonly ContainerEvidence[],
): readonly ContainerEvidence[] {
  const isSame = (a: ContainerEvidence, b: ContainerEvidence) => a.pod === b.pod && a.container === b.container;
  const gone = earlier.filter((each) => !later.some((other) => isSame(each, other)));
  const known = later.map((each) => {
    const before = each.log.lines.length > 0 ? undefined : earlier.find((other) => isSame(each, other));
    return before === undefined ? each : { ...each, log: before.log };
  });
  return [...gone, ...known];
}

async function newestPods(run: HookRun, live: KubernetesObject | undefined): Promise<readonly KubernetesObject[]> {
  const pods = live === undefined ? [] : ((await bestEffort(() => podsOfHook(run, live))) ?? []);
  return oldestFirst(pods).slice(-MOST_PODS);
}

/**
 * Refers to the evidence that an entry's verdict names, so that the store keeps it. Done once the verdict is in the ledger:
 * of several observers' evidence only the one that counts is referred to, whoever comes last. Evidence that is not in
 * the store any more is no reason to fail a hook whose verdict is known.
 */
export async function keepEvidence(run: HookRun, entry: LedgerEntry): Promise<void> {
  const digest = entry.verdict?.evidence;
  if (digest === undefined) return;
  const name = evidenceReference(run.input.scope.request, entry.uid, entry.attempt);
  try {
    await run.bundles.refer(name, [digest], run.runtime.signal);
  } catch (error) {
    if (!(error instanceof SynclineError && error.type === 'BundleNotFound')) throw error;
  }
}

async function containersOf(run: HookRun, pod: KubernetesObject): Promise<readonly ContainerEvidence[]> {
  const named = (list: 'initContainers' | 'containers') =>
    arrayAt(pod, 'spec', list).map((container) => ({
      name: stringAt(container, 'name') ?? '',
      init: list === 'initContainers',
    }));
  return Promise.all(
    [...named('initContainers'), ...named('containers')].map((container) => containerOf(run, pod, container)),
  );
}

async function containerOf(
  run: HookRun,
  pod: KubernetesObject,
  container: { readonly name: string; readonly init: boolean },
): Promise<ContainerEvidence> {
  const name = stringAt(pod, 'metadata', 'name') ?? '';
  const namespace = stringAt(pod, 'metadata', 'namespace') ?? '';
  const statuses = arrayAt(pod, 'status', container.init ? 'initContainerStatuses' : 'containerStatuses');
  const state = objectAt(
    statuses.find((status) => stringAt(status, 'name') === container.name),
    'state',
  );
  const query = {
    namespace,
    pod: name,
    container: container.name,
    tailLines: EVIDENCE_LIMITS.maxLines + 1,
    limitBytes: MOST_LOG_BYTES,
  };
  const log = (await bestEffort(() => run.cluster.logs(query, run.runtime.signal))) ?? '';
  const exitCode = numberAt(state, 'terminated', 'exitCode');
  const reason = stringAt(state, 'terminated', 'reason') ?? stringAt(state, 'waiting', 'reason');
  return {
    pod: name,
    container: container.name,
    init: container.init,
    state: run.redact(stateInWords(state)),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    log: tailOfTail(run.redact(log)),
  };
}

/** Only the log's end was read, so a truncated one does not tell how long the whole is. */
function tailOfTail(text: string): ContainerEvidence['log'] {
  const tail = tailOf(text, EVIDENCE_LIMITS);
  return tail.truncated ? { lines: tail.lines, truncated: true } : tail;
}

/** A container's state in words: `terminated: Error, exit code 1: cannot reach the database`. */
function stateInWords(state: Json | undefined): string {
  const name = ['terminated', 'running', 'waiting'].find((known) => objectAt(state, known) !== undefined);
  if (name === undefined) return 'unknown';
  const reason = stringAt(state, name, 'reason');
  const exitCode = numberAt(state, name, 'exitCode');
  const details = [
    ...(reason === undefined ? [] : [reason]),
    ...(exitCode === undefined ? [] : [`exit code ${String(exitCode)}`]),
  ];
  const message = (stringAt(state, name, 'message') ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, MOST_WORDS);
  return [name, details.join(', '), message].filter((part) => part !== '').join(': ');
}

async function eventsOf(run: HookRun, object: KubernetesObject): Promise<readonly EventEvidence[]> {
  const namespace = stringAt(object, 'metadata', 'namespace');
  if (namespace === undefined) return [];
  const events = await bestEffort(() => eventsFor(run.cluster, namespace, uidOf(object), run.runtime.signal));
  return (events ?? []).map((event) => ({ ...event, message: run.redact(event.message) }));
}
