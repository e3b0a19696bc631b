import { arrayAt, booleanAt, stringAt } from '../json.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { KubernetesObject, ObjectRef } from '../objects.ts';
import { groupOf, refOf } from '../objects.ts';

/** Names the CustomResourceDefinition of a kind, or undefined where none is known. */
export type DefinitionOf = (apiVersion: string, kind: string) => ObjectRef | undefined;

/** The definitions among manifests: answers for a kind the reference of the one that serves it. */
export function definitionsAmong(manifests: readonly Manifest[]): DefinitionOf {
  const known = new Map(
    manifests.flatMap(({ object }) => {
      const ref = refOf(object);
      if (ref.kind !== 'CustomResourceDefinition' || groupOf(ref.apiVersion) !== 'apiextensions.k8s.io') return [];
      return definedKinds(object).map(({ apiVersion, kind }): [string, ObjectRef] => [
        `${apiVersion}/${kind}`,
        { apiVersion: ref.apiVersion, kind: ref.kind, name: ref.name },
      ]);
    }),
  );
  return (apiVersion, kind) => known.get(`${apiVersion}/${kind}`);
}

/** The kinds a CustomResourceDefinition serves, one a served version. */
export function definedKinds(
  definition: KubernetesObject,
): readonly { readonly apiVersion: string; readonly kind: string }[] {
  const group = stringAt(definition, 'spec', 'group') ?? '';
  const kind = stringAt(definition, 'spec', 'names', 'kind') ?? '';
  return arrayAt(definition, 'spec', 'versions')
    .filter((version) => booleanAt(version, 'served') === true)
    .map((version) => ({ apiVersion: `${group}/${stringAt(version, 'name') ?? ''}`, kind }));
}
