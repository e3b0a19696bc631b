import type { Failure } from '../../core/failures.ts';
import { isBeingDeleted } from '../../core/health/rules.ts';
import { describeRef, refOf } from '../../core/objects.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { createsNamespace } from '../../core/sync/managed-namespace.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import type { NamedManifestStep, Planning } from './planning.ts';
import { placeOf } from './planning.ts';

/** The namespaces a sync needs. */
export interface Destinations {
  /** Whether a namespace does not exist (yet), so that nothing can be in it. */
  isMissing(namespace: string): boolean;
  readonly failures: readonly Failure[];
}

/**
 * Looks at every namespace that objects go to, and at the one that holds the record. One that does not exist is a failure,
 * unless the sync makes it: it is in the bundle, or `createNamespace` asks for it. One that may not be read is taken to
 * exist: the dry run will tell.
 */
export async function findDestinations(planning: Planning, steps: readonly NamedManifestStep[]): Promise<Destinations> {
  const { request, runtime } = planning;
  const home = request.namespace;
  const names = [...new Set([home, ...steps.flatMap((step) => step.namespace ?? [])])];
  const looks = await mapConcurrently(names, CONCURRENCY, runtime.signal, async (name) => ({
    name,
    state: await stateOf(planning, name),
  }));
  const made = new Set([
    ...steps.filter((step) => step.kind === 'Namespace' && step.apiVersion === 'v1').map((step) => step.name),
    ...(createsNamespace(request) ? [home] : []),
  ]);
  const missing = new Set(looks.filter(({ state }) => state === 'missing').map(({ name }) => name));
  return {
    isMissing: (namespace) => missing.has(namespace),
    failures: looks
      .filter(({ name, state }) => state === 'leaving' || (state === 'missing' && !made.has(name)))
      .map(({ name, state }) => failureFor(planning, name, state === 'leaving', steps)),
  };
}

async function stateOf({ own, runtime }: Planning, name: string): Promise<'there' | 'leaving' | 'missing'> {
  try {
    const live = await own.get({ apiVersion: 'v1', kind: 'Namespace', name }, runtime.signal);
    return live === undefined ? 'missing' : existing(live);
  } catch (error) {
    if (isApiError(error, 403)) return 'there';
    throw error;
  }
}

function existing(live: KubernetesObject): 'there' | 'leaving' {
  return isBeingDeleted(live) ? 'leaving' : 'there';
}

/** One failure a namespace, however many objects go there. */
function failureFor(
  planning: Planning,
  namespace: string,
  leaving: boolean,
  steps: readonly NamedManifestStep[],
): Failure {
  const inside = steps.filter((step) => step.namespace === namespace);
  const [first] = inside;
  const needs = first === undefined ? 'the application' : `${describeRef(first)}${others(inside.length - 1)}`;
  return {
    type: 'NamespaceNotFound',
    message: `Namespace ${namespace} ${leaving ? 'is being deleted' : 'does not exist'}, and ${needs} belongs there.`,
    remedy: remedyFor(planning, namespace, leaving),
    object: `Namespace ${namespace}`,
    ...(first === undefined ? {} : { location: placeOf(planning, first.manifest) }),
  };
}

function remedyFor({ bundle }: Planning, namespace: string, leaving: boolean): string {
  if (leaving) return 'wait until it is gone, then sync again';
  const bundled = bundle.manifests.some(
    ({ object }) => object.kind === 'Namespace' && object.apiVersion === 'v1' && refOf(object).name === namespace,
  );
  if (bundled) return 'it is in the manifests, but not part of this sync: select it too';
  return `create it (kubectl create namespace ${namespace}), add it to the manifests, or use --create-namespace`;
}

function others(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' (and 1 more)' : ` (and ${String(count)} more)`;
}
