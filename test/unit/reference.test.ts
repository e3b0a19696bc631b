import { describe, expect, it } from 'vitest';
import type { ObjectRef } from '../../core/objects.ts';
import { parseReference, referenceTo, refersTo } from '../../core/reference.ts';

const web: ObjectRef = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const role: ObjectRef = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'shop:admin' };

describe('a reference', () => {
  it.each([
    ['apps:Deployment:web', { group: 'apps', kind: 'Deployment', name: 'web' }],
    [':Service:web', { group: '', kind: 'Service', name: 'web' }],
    [' argoproj.io:Rollout:shop/web ', { group: 'argoproj.io', kind: 'Rollout', namespace: 'shop', name: 'web' }],
    ['*:*:*', { group: '*', kind: '*', name: '*' }],
    ['rbac.io:ClusterRole:shop:admin', { group: 'rbac.io', kind: 'ClusterRole', name: 'shop:admin' }],
  ])('%s is read', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it.each([
    '',
    'web',
    'Deployment/web',
    'apps:Deployment',
    'apps:Deployment:',
    'apps::web',
    'apps:Deployment:a/b/c',
    'apps:Deployment:/web',
    'a b:Deployment:web',
  ])('%j is none', (text) => {
    expect(parseReference(text)).toBeUndefined();
  });

  it.each([
    ['apps:Deployment:web', web, true],
    ['apps:Deployment:shop/web', web, true],
    ['apps:Deployment:other/web', web, false],
    [':Deployment:web', web, false],
    ['apps:deployment:web', web, false],
    ['apps:Deployment:we', web, false],
    ['*:*:*', web, true],
    ['*:Deployment:w*', web, true],
    ['*:Deployment:*e*', web, true],
    ['*:Deployment:*/web', web, true],
    ['*:Deployment:x*', web, false],
    ['*:Deployment:**web**', web, true],
    ['*:ClusterRole:shop:*', role, true],
    ['*:ClusterRole:shop/shop:admin', role, false],
    ['*.k8s.io:*:*', role, true],
    ['*xk8s.io:*:*', role, false],
  ] as const)('%s names %j: %s', (text, ref, expected) => {
    const reference = parseReference(text);
    expect(reference !== undefined && refersTo(reference, ref)).toBe(expected);
  });

  it('that an object is given is read as that object', () => {
    expect(referenceTo(web)).toBe('apps:Deployment:web');
    expect(refersTo(parseReference(referenceTo(role))!, role)).toBe(true);
  });
});
