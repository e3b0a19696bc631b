import type { Failure } from '../../core/failures.ts';
import { effectiveSyncOptions, readSyncOptions } from '../../core/annotations/sync-options.ts';
import type { ScopeOf } from '../../core/manifests/scopes.ts';
import type { DefinitionOf } from '../../core/apply/definitions.ts';
import { definitionsAmong } from '../../core/apply/definitions.ts';
import { annotationsOf, describeRef, refOf } from '../../core/objects.ts';
import type { ServedKind } from '../../kubernetes/cluster.ts';
import type { NamedManifestStep, Planning } from './planning.ts';
import { placeOf } from './planning.ts';

/** The kinds of a bundle, as the cluster serves them. */
export interface Kinds {
  readonly isNamespaced: ScopeOf;
  isServed(kind: { readonly apiVersion: string; readonly kind: string }): boolean;
}

/** Asks discovery for every kind of a bundle. */
export async function discoverKinds({ cluster, bundle, runtime }: Planning): Promise<Kinds> {
  const refs = new Map(bundle.manifests.map(({ object }) => [keyOf(refOf(object)), refOf(object)]));
  const answers = await Promise.all(
    [...refs].map(async ([key, { apiVersion, kind }]): Promise<[string, ServedKind | undefined]> => [
      key,
      await cluster.servedKind(apiVersion, kind, runtime.signal),
    ]),
  );
  const served = new Map(answers);
  return {
    isNamespaced: (apiVersion, kind) => served.get(keyOf({ apiVersion, kind }))?.namespaced,
    isServed: (kind) => served.get(keyOf(kind)) !== undefined,
  };
}

/** The definitions that steps apply themselves. */
export function plannedDefinitions({ bundle }: Planning, steps: readonly NamedManifestStep[]): DefinitionOf {
  return definitionsAmong(steps.flatMap(({ manifest }) => bundle.manifests[manifest] ?? []));
}

/**
 * A failure for each step whose kind the cluster does not serve and no step defines. As in Argo CD,
 * `SkipDryRunOnMissingResource=true` says that something else will define it in time.
 */
export function unservedFailures(
  planning: Planning,
  kinds: Kinds,
  steps: readonly NamedManifestStep[],
): readonly Failure[] {
  const planned = plannedDefinitions(planning, steps);
  const bundled = definitionsAmong(planning.bundle.manifests);
  return steps
    .filter((step) => !kinds.isServed(step) && planned(step.apiVersion, step.kind) === undefined)
    .filter((step) => !maySkipDryRun(planning, step))
    .map((step) => ({
      type: 'KindNotServed',
      message: `${describeRef(step)} can't be applied: ${planning.cluster.name} does not serve kind ${step.kind} of ${step.apiVersion}.`,
      remedy:
        bundled(step.apiVersion, step.kind) === undefined
          ? 'install its CustomResourceDefinition first or add it to the manifests, or correct apiVersion and kind'
          : 'its CustomResourceDefinition is in the manifests, but not part of this sync: select it too',
      object: describeRef(step),
      location: placeOf(planning, step.manifest),
    }));
}

function maySkipDryRun({ bundle, request }: Planning, step: NamedManifestStep): boolean {
  const object = bundle.manifests[step.manifest]?.object ?? {};
  const { options } = readSyncOptions(annotationsOf(object));
  return effectiveSyncOptions(request.options.syncOptions, options).SkipDryRunOnMissingResource === 'true';
}

function keyOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string {
  return `${apiVersion}/${kind}`;
}
