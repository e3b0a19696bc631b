import { stringAt } from '../json.ts';
import type { KubernetesObject, ObjectRef } from '../objects.ts';
import { groupOf } from '../objects.ts';
import type { DefinitionOf } from './definitions.ts';

/** An object without which another is not admitted. */
export interface Prerequisite {
  readonly ref: ObjectRef;
  /** Whether an old state of it is not enough: a new field of a definition, a new rule of a role. */
  readonly content: boolean;
}

/**
 * The objects the API server looks up while it admits an object: its Namespace, its definition, a Pod's service account
 * and classes, a binding's role (whose rules a user who grants it must have). A dry run of the object says nothing before
 * they are there. Takes the object as written, the namespace it goes to, and the definitions of the bundle.
 */
export function prerequisitesOf(
  object: KubernetesObject,
  namespace: string | undefined,
  definitionOf: DefinitionOf,
): readonly Prerequisite[] {
  const apiVersion = stringAt(object, 'apiVersion') ?? '';
  const kind = stringAt(object, 'kind') ?? '';
  const definition = definitionOf(apiVersion, kind);
  return [
    ...(namespace === undefined ? [] : [existing('v1', 'Namespace', namespace)]),
    ...(definition === undefined ? [] : [{ ref: definition, content: true }]),
    ...admissionNeeds(object, `${groupOf(apiVersion)}/${kind}`, namespace),
  ];
}

function admissionNeeds(
  object: KubernetesObject,
  kind: string,
  namespace: string | undefined,
): readonly Prerequisite[] {
  switch (kind) {
    case '/Pod':
      return podNeeds(object, namespace);
    case 'rbac.authorization.k8s.io/RoleBinding':
    case 'rbac.authorization.k8s.io/ClusterRoleBinding':
      return roleNeeds(object, namespace);
    default:
      return [];
  }
}

function podNeeds(pod: KubernetesObject, namespace: string | undefined): readonly Prerequisite[] {
  const named = (field: string, apiVersion: string, kind: string, home?: string): readonly Prerequisite[] => {
    const name = stringAt(pod, 'spec', field);
    return name === undefined || name === '' ? [] : [existing(apiVersion, kind, name, home)];
  };
  return [
    ...named('serviceAccountName', 'v1', 'ServiceAccount', namespace),
    ...named('priorityClassName', 'scheduling.k8s.io/v1', 'PriorityClass'),
    ...named('runtimeClassName', 'node.k8s.io/v1', 'RuntimeClass'),
  ];
}

function roleNeeds(binding: KubernetesObject, namespace: string | undefined): readonly Prerequisite[] {
  const kind = stringAt(binding, 'roleRef', 'kind') ?? '';
  const name = stringAt(binding, 'roleRef', 'name') ?? '';
  const home = kind === 'Role' ? namespace : undefined;
  return [{ ...existing('rbac.authorization.k8s.io/v1', kind, name, home), content: true }];
}

function existing(apiVersion: string, kind: string, name: string, namespace?: string): Prerequisite {
  return { ref: { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name }, content: false };
}
