import { describe, expect, it } from 'vitest';
import { definitionsAmong } from '../../../../core/apply/definitions.ts';
import { prerequisitesOf } from '../../../../core/apply/prerequisites.ts';
import type { KubernetesObject } from '../../../../core/objects.ts';
import { describeRef } from '../../../../core/objects.ts';

const location = { file: 'f', line: 1 };
const definition: KubernetesObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Widget' },
    versions: [
      { name: 'v1', served: true },
      { name: 'v0', served: false },
    ],
  },
};
const definitionOf = definitionsAmong([{ object: definition, location }]);
const rbac = 'rbac.authorization.k8s.io/v1';

describe('what must be there before an object is admitted', () => {
  it.each<[string, KubernetesObject, string | undefined, readonly string[]]>([
    ['a cluster-scoped object', { apiVersion: 'v1', kind: 'Namespace' }, undefined, []],
    ['an object in a namespace', { apiVersion: 'v1', kind: 'ConfigMap' }, 'shop', ['Namespace shop']],
    [
      'an object of a kind of the bundle',
      { apiVersion: 'example.com/v1', kind: 'Widget' },
      'shop',
      ['Namespace shop', 'CustomResourceDefinition widgets.example.com!'],
    ],
    ['an object of a version that is not served', { apiVersion: 'example.com/v0', kind: 'Widget' }, undefined, []],
    [
      'a Pod',
      {
        apiVersion: 'v1',
        kind: 'Pod',
        spec: { serviceAccountName: 'sa', priorityClassName: 'high', runtimeClassName: 'kata' },
      },
      'shop',
      ['Namespace shop', 'ServiceAccount shop/sa', 'PriorityClass high', 'RuntimeClass kata'],
    ],
    [
      'a binding of a Role',
      { apiVersion: rbac, kind: 'RoleBinding', roleRef: { kind: 'Role', name: 'r' } },
      'shop',
      ['Namespace shop', 'Role shop/r!'],
    ],
    [
      'a binding of a ClusterRole',
      { apiVersion: rbac, kind: 'ClusterRoleBinding', roleRef: { kind: 'ClusterRole', name: 'r' } },
      undefined,
      ['ClusterRole r!'],
    ],
  ])('%s', (_, object, namespace, expected) => {
    const found = prerequisitesOf(object, namespace, definitionOf);
    expect(found.map(({ ref, content }) => `${describeRef(ref)}${content ? '!' : ''}`)).toEqual(expected);
  });
});
