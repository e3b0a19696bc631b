import { definitionsAmong } from '../../core/apply/definitions.ts';
import type { Failure } from '../../core/failures.ts';
import { failure } from '../../core/failures.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, refKey } from '../../core/objects.ts';
import type { StoredApply } from '../../core/sync/stored-plan.ts';
import { applySteps } from '../../core/sync/stored-plan.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { pause } from '../../kubernetes/pause.ts';
import type { SegmentAnswer } from '../../workflows/activities.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import type { SyncContext } from '../sync-context.ts';
import { PLAIN_APPLY } from '../../core/apply/write-mode.ts';
import { readLive } from '../live-objects.ts';
import { handOver } from './hand-over.ts';
import { writeObject } from './write-object.ts';
import { desiredFor, failureIn, mayWrite, writingOf } from '../sync-context.ts';
import { awaitDefinitions } from './definitions.ts';

type StepAnswer =
  | { readonly kind: 'applied'; readonly object: KubernetesObject }
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** May pass by itself. */
  | { readonly kind: 'passing'; readonly error: unknown }
  /** The record went into other hands while an object was made anew. */
  | { readonly kind: 'fenced' };

/** What a group came to. */
type GroupAnswer = { readonly kind: 'through'; readonly failures: readonly Failure[] } | { readonly kind: 'fenced' };

/** How long a changed definition is given until the API server goes by it, ms. */
const DEFINITION_LAG_MS = 10_000;

/**
 * Writes the objects of steps, each in its mode: group after group, the objects of a group side by side. Steps that were unchanged
 * when the plan was made are left alone. As in Argo CD a kind that failed does not stop the kinds after it. Looks at the
 * fence before each group. Throws what may pass by itself, once the group is through.
 */
export async function applyGroups(
  sync: SyncContext,
  groups: readonly (readonly StoredApply[])[],
): Promise<SegmentAnswer> {
  const total = groups.flat().length;
  const changed = groups.map((group) => group.filter((step) => !step.unchanged)).filter((group) => group.length > 0);
  const applied = changed.flat().length;
  const failures: Failure[] = [];
  let done = total - applied;
  const report = () => {
    done += 1;
    sync.runtime.heartbeat({ kind: 'batch', done, total });
  };
  for (const group of changed) {
    if (!(await mayWrite(sync))) return { kind: 'fenced' };
    const answer = await applyGroup(sync, group, report);
    if (answer.kind === 'fenced') return answer;
    failures.push(...answer.failures);
  }
  if (failures.length > 0) return { kind: 'failed', failures };
  return { kind: 'done', applied, unchanged: total - applied, pruned: 0 };
}

async function applyGroup(sync: SyncContext, group: readonly StoredApply[], report: () => void): Promise<GroupAnswer> {
  const isNew = changedKinds(sync);
  await takeFieldsOver(sync, group);
  const answers = await mapConcurrently(group, CONCURRENCY, sync.runtime.signal, async (step) => {
    const answer = await applyStep(sync, step, isNew(step));
    report();
    return answer;
  });
  const passing = answers.find((answer) => answer.kind === 'passing');
  if (passing !== undefined) throw passing.error;
  if (answers.some((answer) => answer.kind === 'fenced')) return { kind: 'fenced' };
  const refused = answers.flatMap((answer) => (answer.kind === 'refused' ? [answer.failure] : []));
  const applied = answers.flatMap((answer) => (answer.kind === 'applied' ? [answer.object] : []));
  // Objects of a new kind may follow at once, so a definition is awaited here and not with the wave.
  const areDefinitions = group[0]?.kind === 'CustomResourceDefinition' && applied.length > 0;
  const unestablished = areDefinitions ? await awaitDefinitions(sync, applied) : [];
  return { kind: 'through', failures: [...refused, ...unestablished] };
}

/** Lets the predecessors of adopted objects hand their fields over, before what they leave behind could be applied over. */
async function takeFieldsOver(sync: SyncContext, group: readonly StoredApply[]): Promise<void> {
  const { runtime } = sync;
  const adopted = group.flatMap((step) => {
    const adoption = step.write?.kind === 'apply' ? step.write.adoption : undefined;
    return adoption?.handOver === true ? [{ step, from: adoption.from }] : [];
  });
  const live = await readLive(
    sync.cluster,
    adopted.map(({ step }) => step),
    runtime.signal,
  );
  await mapConcurrently(adopted, CONCURRENCY, runtime.signal, ({ step, from }) =>
    handOver(writingOf(sync), step, live.get(step), from),
  );
}

/** Tells whether this sync makes or changes the definition of a step's kind. */
function changedKinds({ plan, bundle }: SyncContext): (step: StoredApply) => boolean {
  const definitionOf = definitionsAmong(bundle.manifests);
  const changed = new Set(applySteps(plan).flatMap((step) => (step.unchanged ? [] : [refKey(step)])));
  return ({ apiVersion, kind }) => {
    const definition = definitionOf(apiVersion, kind);
    return definition !== undefined && changed.has(refKey(definition));
  };
}

/**
 * The API server reads a changed definition a moment after it has answered its apply. Until then it knows neither a new
 * field nor a new rule, so what it calls invalid of that kind is asked again.
 */
async function applyStep(sync: SyncContext, step: StoredApply, isNew: boolean): Promise<StepAnswer> {
  const { runtime } = sync;
  const until = runtime.now() + (isNew ? DEFINITION_LAG_MS : 0);
  for (;;) {
    const answer = await applyOnce(sync, step);
    if (answer.kind !== 'refused' || answer.failure.type !== 'InvalidManifest' || runtime.now() >= until) return answer;
    await pause(DEFINITION_LAG_MS / 20, runtime.signal);
  }
}

async function applyOnce(sync: SyncContext, step: StoredApply): Promise<StepAnswer> {
  const { bundle, scope } = sync;
  try {
    const desired = desiredFor(step, bundle, scope.request);
    const written = await writeObject(writingOf(sync), desired, step.write ?? PLAIN_APPLY);
    if (written.kind === 'fenced') return written;
    const { object } = written;
    return isBeingDeleted(object) ? { kind: 'passing', error: leaving(step) } : { kind: 'applied', object };
  } catch (error) {
    const refused = failureIn(bundle, error, step, step.manifest) ?? unservedFor(sync, step, error);
    return refused === undefined ? { kind: 'passing', error } : { kind: 'refused', failure: refused };
  }
}

/** Whatever defines a kind has so long for it, from when its segment was asked for, ms; Argo CD's automated retries end after as much. */
const UNSERVED_MS = 5 * 60_000;

/** Why a kind is not waited for any longer that nothing has defined; undefined while it is, and for any other error. */
function unservedFor({ runtime, bundle }: SyncContext, step: StoredApply, error: unknown): Failure | undefined {
  if (!isApiError(error, 404) || error.reason !== 'KindNotServed') return undefined;
  if (runtime.attemptScheduledAt - runtime.scheduledAt < UNSERVED_MS) return undefined;
  const { file, line } = bundle.manifests[step.manifest]?.location ?? {};
  return {
    type: 'KindNotServed',
    object: describeRef(step),
    ...(file === undefined ? {} : { location: `${file}:${String(line)}` }),
    message: `${describeRef(step)} can't be applied: kind ${step.kind} of ${step.apiVersion} was not served within ${String(UNSERVED_MS / 60_000)} minutes.`,
    remedy: 'see why what is to define it has not, or correct apiVersion and kind; then `syncline retry`',
  };
}

/** What is applied to an object on its way out is lost with it, so it is applied again once it is gone. */
function leaving(step: StoredApply) {
  const object = describeRef(step);
  return failure('ClusterUnavailable', `${object} is still being deleted, so it can't be applied yet.`, {
    object,
    remedy: 'wait for its deletion to end; if it hangs, look at its finalizers',
  });
}
