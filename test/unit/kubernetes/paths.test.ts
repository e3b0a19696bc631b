import { describe, expect, it } from 'vitest';
import { collectionPath, objectPath, withQuery } from '../../../kubernetes/paths.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true, verbs: [] };
const configMap = { ...deployment, apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };
const role = { ...deployment, apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'clusterroles', namespaced: false };

describe('paths', () => {
  it.each([
    ['an object of the core group', objectPath(configMap, 'shop', 'web'), '/api/v1/namespaces/shop/configmaps/web'],
    ['an object of a group', objectPath(deployment, 'shop', 'web'), '/apis/apps/v1/namespaces/shop/deployments/web'],
    ['a collection of all namespaces', collectionPath(deployment, undefined), '/apis/apps/v1/deployments'],
    [
      'a cluster-scoped object',
      objectPath(role, undefined, 'MyRole:Edit'),
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/MyRole%3AEdit',
    ],
    [
      'a cluster-scoped object with a namespace',
      objectPath(role, 'shop', 'a'),
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/a',
    ],
    [
      'a name that tries to leave its place',
      objectPath(configMap, 'a/b', '../x?y#z'),
      '/api/v1/namespaces/a%2Fb/configmaps/..%2Fx%3Fy%23z',
    ],
  ])('name %s', (_what, path, expected) => {
    expect(path).toBe(expected);
  });

  it('carry a query, encoded, without what is undefined', () => {
    expect(withQuery('/x', { a: 'b=c,d', n: 5, none: undefined })).toBe('/x?a=b%3Dc%2Cd&n=5');
    expect(withQuery('/x', { none: undefined })).toBe('/x');
  });
});
