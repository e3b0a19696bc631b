import type { Failure } from '../../core/failures.ts';
import { objectAt, stringAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef } from '../../core/objects.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import { applyObject } from '../apply/apply-object.ts';
import { stampedManifest } from '../sync-context.ts';
import type { Findings, NamedManifestStep, Planning } from './planning.ts';
import { listed, refusal } from './planning.ts';

/** A step to try, and the live object under its name. */
export interface Trial {
  readonly step: NamedManifestStep;
  readonly live: KubernetesObject | undefined;
}

type Answer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'untried'; readonly title: string };

/**
 * Tries steps by the API server's dry run: validation, admission and permissions, with nothing changed. Answers every
 * failure, and a warning for objects that an admission webhook without dry-run support keeps from being tried.
 */
export async function dryRun(planning: Planning, trials: readonly Trial[]): Promise<Findings> {
  let done = 0;
  const answers = await mapConcurrently(trials, CONCURRENCY, planning.runtime.signal, async (trial) => {
    const answer = await tried(planning, trial);
    done += 1;
    planning.runtime.heartbeat({ kind: 'batch', done, total: trials.length });
    return answer;
  });
  const untried = answers.flatMap((answer) => (answer.kind === 'untried' ? [answer.title] : []));
  return {
    failures: answers.flatMap((answer) => (answer.kind === 'refused' ? [answer.failure] : [])),
    warnings:
      untried.length === 0
        ? []
        : [`Not validated, because an admission webhook does not support dry runs: ${listed(untried)}.`],
  };
}

/** Tells whether an error says that an admission webhook can't take part in a dry run; Kubernetes has no code for it. */
export function isDryRunUnsupported(error: unknown): boolean {
  return error instanceof ApiError && error.code === 400 && error.message.includes('does not support dry run');
}

async function tried(planning: Planning, trial: Trial): Promise<Answer> {
  try {
    await request(planning, trial);
    return { kind: 'accepted' };
  } catch (error) {
    if (isDryRunUnsupported(error)) return { kind: 'untried', title: describeRef(trial.step) };
    const failure = refusal(planning, error, trial.step);
    return { kind: 'refused', failure };
  }
}

async function request({ cluster, request, bundle, runtime }: Planning, { step, live }: Trial): Promise<void> {
  const manifest = bundle.manifests[step.manifest]?.object ?? {};
  const object = stampedManifest(manifest, step.namespace, request);
  if (step.action === 'hook' && isMadeAnew(step, live)) {
    await cluster.create(
      live === undefined ? named(object, step.name) : copyOf(object),
      { dryRun: true },
      runtime.signal,
    );
  } else {
    await applyObject(cluster, named(object, step.name), request, runtime.signal, true);
  }
}

/** Kinds whose name has a meaning, so that a copy under another name would be refused. */
const NAMED_BY_CONTENT: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'APIService']);

/** Whether a hook will be created rather than applied over what is live under its name. */
function isMadeAnew(
  step: NamedManifestStep & { readonly action: 'hook' },
  live: KubernetesObject | undefined,
): boolean {
  if (live === undefined) return true;
  if (NAMED_BY_CONTENT.has(step.kind)) return false;
  return step.runsToCompletion || step.deletePolicies.includes('BeforeHookCreation');
}

function named(object: KubernetesObject, name: string): KubernetesObject {
  const { generateName: _prefix, ...metadata } = objectAt(object, 'metadata') ?? {};
  return { ...object, metadata: { ...metadata, name } };
}

/** The object under a name the server makes up: its own is taken by the object it will replace. */
function copyOf(object: KubernetesObject): KubernetesObject {
  const { name: _taken, ...metadata } = objectAt(object, 'metadata') ?? {};
  return { ...object, metadata: { ...metadata, generateName: `${stringAt(object, 'metadata', 'name') ?? 'hook'}-` } };
}
