import { expect, it } from 'vitest';
import { yieldsToManifests } from '../../../core/managed-fields/yielding.ts';

it.each([
  ['kubectl', true],
  ['kubectl-edit', true],
  ['kubectl-client-side-apply', true],
  ['helm', true],
  ['argocd-controller', true],
  ['argocd-application-controller', true],
  ['syncline', true],
  ['before-first-apply', true],
  ['kubectlish', false],
  ['kube-controller-manager', false],
  ['syncline:other', false],
  ['my-helm', false],
])('the field manager %s gives way to manifests: %s', (manager, yields) => {
  expect(yieldsToManifests(manager)).toBe(yields);
});
