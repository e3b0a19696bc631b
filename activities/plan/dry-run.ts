import type { Failure } from '../../core/failures.ts';
import type { WriteMode } from '../../core/apply/write-mode.ts';
import { objectAt } from '../../core/json.ts';
import { listed } from '../../core/listed.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef } from '../../core/objects.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import { copyOf, isNamedByContent } from '../apply/make-anew.ts';
import { writeObject } from '../apply/write-object.ts';
import { stampedManifest } from '../sync-context.ts';
import { afterHandOver } from './adopted.ts';
import type { Findings, NamedManifestStep, Planning } from './planning.ts';
import { refusal } from './planning.ts';

/** A step to try, and the live object under its name. */
export interface Trial {
  readonly step: NamedManifestStep;
  readonly live: KubernetesObject | undefined;
  readonly mode: WriteMode;
}

/** What the API server says will stand in a live object's place. */
export interface Prediction {
  readonly object: KubernetesObject;
  /** Whether the live object will be deleted first. */
  readonly anew: boolean;
}

/** What a dry run found, and what it predicts, by the IDs of the steps. */
export interface Tried extends Findings {
  readonly predictions: ReadonlyMap<string, Prediction>;
}

type Answer =
  | { readonly kind: 'accepted'; readonly step: NamedManifestStep; readonly prediction: Prediction }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'untried'; readonly title: string };

/**
 * Tries steps by the API server's dry run: validation, admission and permissions, with nothing changed. Answers every
 * failure, a warning for objects that an admission webhook without dry-run support keeps from being tried, and what the
 * server predicts of the rest.
 */
export async function dryRun(planning: Planning, trials: readonly Trial[]): Promise<Tried> {
  let done = 0;
  const answers = await mapConcurrently(trials, CONCURRENCY, planning.runtime.signal, async (trial) => {
    const answer = await tried(planning, trial);
    done += 1;
    planning.runtime.heartbeat({ kind: 'batch', done, total: trials.length });
    return answer;
  });
  const untried = answers.flatMap((answer) => (answer.kind === 'untried' ? [answer.title] : []));
  const accepted = answers.filter((answer) => answer.kind === 'accepted');
  const anew = accepted.filter(({ prediction }) => prediction.anew).map(({ step }) => describeRef(step));
  return {
    predictions: new Map(accepted.map(({ step, prediction }) => [step.id, prediction])),
    failures: answers.flatMap((answer) => (answer.kind === 'refused' ? [answer.failure] : [])),
    warnings: [
      ...(untried.length === 0
        ? []
        : [`Not validated, because an admission webhook does not support dry runs: ${listed(untried)}.`]),
      ...(anew.length === 0 ? [] : [`Will be deleted and made anew, as Force=true asks for: ${listed(anew)}.`]),
    ],
  };
}

/** Tells whether an error says that an admission webhook can't take part in a dry run; Kubernetes has no code for it. */
export function isDryRunUnsupported(error: unknown): boolean {
  return error instanceof ApiError && error.code === 400 && error.message.includes('does not support dry run');
}

async function tried(planning: Planning, trial: Trial): Promise<Answer> {
  try {
    return { kind: 'accepted', step: trial.step, prediction: await request(planning, trial) };
  } catch (error) {
    if (isDryRunUnsupported(error)) return { kind: 'untried', title: describeRef(trial.step) };
    const failure = refusal(planning, error, trial.step);
    return { kind: 'refused', failure };
  }
}

async function request(planning: Planning, { step, live, mode }: Trial): Promise<Prediction> {
  const { cluster, request, bundle, runtime } = planning;
  const manifest = bundle.manifests[step.manifest]?.object ?? {};
  const object = stampedManifest(manifest, step.namespace, request);
  if (step.action === 'hook' && isMadeAnew(step, live)) {
    const created = await cluster.create(
      live === undefined ? named(object, step.name) : copyOf(object),
      { dryRun: true, validation: mode.validation },
      runtime.signal,
    );
    return { object: created, anew: false };
  }
  const ignored = step.action === 'apply' ? { ignored: planning.ignored } : {};
  const writing = { cluster, request, runtime, ...ignored, dryRun: true, mayWrite: () => Promise.resolve(true) };
  const written = await writeObject(writing, named(object, step.name), mode);
  if (written.kind === 'fenced') throw new Error('a dry run has no fence');
  if (written.anew || live === undefined || !request.options.dryRun) return written;
  const adopted = { desired: named(object, step.name), live, applied: written.object };
  return { object: await afterHandOver(writing, adopted, mode), anew: false };
}

/** Whether a hook will be created rather than applied over what is live under its name. */
function isMadeAnew(
  step: NamedManifestStep & { readonly action: 'hook' },
  live: KubernetesObject | undefined,
): boolean {
  if (live === undefined) return true;
  if (isNamedByContent(step)) return false;
  return step.runsToCompletion || step.deletePolicies.includes('BeforeHookCreation');
}

function named(object: KubernetesObject, name: string): KubernetesObject {
  const { generateName: _prefix, ...metadata } = objectAt(object, 'metadata') ?? {};
  return { ...object, metadata: { ...metadata, name } };
}
