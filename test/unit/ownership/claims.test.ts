import { expect, it } from 'vitest';
import type { JsonObject } from '../../../core/json.ts';
import type { Claim } from '../../../core/ownership/claims.ts';
import { claimOn, describeClaim } from '../../../core/ownership/claims.ts';

const OURS = 'shop/shop';

function deployment(metadata: JsonObject): JsonObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'shop', name: 'web', ...metadata } };
}

const annotated = (annotations: JsonObject, more: JsonObject = {}) => deployment({ annotations, ...more });
const writtenBy = (manager: string) => ({
  managedFields: [{ manager, operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: {} }],
});
const TRACKING = 'argocd.argoproj.io/tracking-id';

it.each<[string, JsonObject, Claim | undefined]>([
  ['no mark', deployment({}), undefined],
  ['our own mark', annotated({ 'syncline.dev/owner': OURS }), undefined],
  ['another application’s mark', annotated({ 'syncline.dev/owner': 'x/y' }), { by: 'syncline', owner: 'x/y' }],
  [
    'our own mark beside one that Argo CD has left',
    annotated({ 'syncline.dev/owner': OURS, [TRACKING]: 'guestbook:apps/Deployment:shop/web' }),
    undefined,
  ],
  [
    'Argo CD’s tracking annotation',
    annotated({ [TRACKING]: 'guestbook:apps/Deployment:shop/web' }),
    { by: 'argo-cd', application: 'guestbook' },
  ],
  [
    'Argo CD’s tracking annotation of an application in another namespace',
    annotated({ [TRACKING]: 'team_guestbook:apps/Deployment:shop/web' }),
    { by: 'argo-cd', application: 'team_guestbook' },
  ],
  [
    'a tracking annotation that was copied from another object',
    annotated({ [TRACKING]: 'guestbook:apps/Deployment:shop/other' }),
    undefined,
  ],
  ['an unreadable tracking annotation', annotated({ [TRACKING]: 'guestbook' }), undefined],
  ['an instance label alone', deployment({ labels: { 'app.kubernetes.io/instance': 'guestbook' } }), undefined],
  [
    'an instance label on what Argo CD has written',
    deployment({ labels: { 'app.kubernetes.io/instance': 'guestbook' }, ...writtenBy('argocd-controller') }),
    { by: 'argo-cd', application: 'guestbook' },
  ],
  [
    'an instance label on what others have written',
    deployment({ labels: { 'app.kubernetes.io/instance': 'guestbook' }, ...writtenBy('helm') }),
    undefined,
  ],
  [
    'Helm’s release annotations',
    annotated({ 'meta.helm.sh/release-name': 'rel', 'meta.helm.sh/release-namespace': 'prod' }),
    { by: 'helm', release: 'prod/rel' },
  ],
])('%s says whose an object is', (_, object, claim) => {
  expect(claimOn(object, OURS)).toEqual(claim);
});

it.each<[Claim, string]>([
  [{ by: 'syncline', owner: 'x/y' }, 'application x/y'],
  [{ by: 'argo-cd', application: 'a' }, "Argo CD's application a"],
  [{ by: 'helm', release: 'n/r' }, "Helm's release n/r"],
])('%o is told in words', (claim, words) => {
  expect(describeClaim(claim)).toBe(words);
});
