import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../core/json.ts';
import { fieldEntries, unionOfFields } from '../../../core/managed-fields/entries.ts';
import { handedOver } from '../../../core/managed-fields/migration.ts';
import { isOfPredecessor } from '../../../core/managed-fields/predecessors.ts';

const entry = (manager: string, operation: string, fields: JsonObject, more: JsonObject = {}): JsonObject => ({
  manager,
  operation,
  apiVersion: 'v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...more,
});
const live = (...managedFields: readonly JsonObject[]) => ({ metadata: { managedFields } });
const successor = { fieldManager: 'syncline:shop', apiVersion: 'v1' };

const kubectl = entry('kubectl-client-side-apply', 'Update', { 'f:data': { '.': {}, 'f:a': {} } });
const helm = entry('helm', 'Update', { 'f:data': { 'f:b': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } });
const edit = entry('kubectl-edit', 'Update', { 'f:data': { 'f:c': {} } });
const status = entry('argocd-controller', 'Update', { 'f:status': {} }, { subresource: 'status' });
const own = entry('syncline:shop', 'Apply', { 'f:data': { 'f:z': {} } });

describe('the fields of predecessors', () => {
  it('become the application’s own, joined, and all other entries stay as they are', () => {
    expect(handedOver(live(edit, kubectl, status, helm), successor)).toEqual([
      entry('syncline:shop', 'Apply', {
        'f:data': { '.': {}, 'f:a': {}, 'f:b': {} },
        'f:metadata': { 'f:labels': { 'f:x': {} } },
      }),
      edit,
      status,
    ]);
  });

  it.each<[string, readonly JsonObject[]]>([
    ['nobody has written it from manifests', [edit, status]],
    ['the application has applied it before', [own, kubectl]],
    ['it has no managed fields', []],
  ])('stay where %s', (_, entries) => {
    expect(handedOver(live(...entries), successor)).toBeUndefined();
  });

  it('join what the application itself put there, whenever that was', () => {
    const put = entry('syncline:shop', 'Update', { 'f:data': { 'f:p': {} } });
    expect(handedOver(live(own, put, kubectl), successor)).toEqual([
      entry('syncline:shop', 'Apply', { 'f:data': { 'f:z': {}, 'f:p': {} } }),
      kubectl,
    ]);
  });

  it('include those of the application an object is taken from', () => {
    const theirs = entry('syncline:other', 'Apply', { 'f:data': { 'f:o': {} } });
    expect(handedOver(live(theirs), successor)).toBeUndefined();
    expect(handedOver(live(theirs), { ...successor, from: ['syncline:other'] })).toEqual([
      entry('syncline:shop', 'Apply', { 'f:data': { 'f:o': {} } }),
    ]);
  });

  it('are taken in the manifest’s version before any other, since trees of two versions can’t be joined', () => {
    const beta = entry('helm', 'Update', { 'f:spec': {} }, { apiVersion: 'v1beta1' });
    expect(handedOver(live(beta, kubectl), successor)).toEqual([
      entry('syncline:shop', 'Apply', { 'f:data': { '.': {}, 'f:a': {} } }),
      beta,
    ]);
    expect(handedOver(live(beta), successor)).toEqual([
      entry('syncline:shop', 'Apply', { 'f:spec': {} }, { apiVersion: 'v1beta1' }),
    ]);
  });

  it('keep entries of a format that is not known', () => {
    const future = { ...kubectl, fieldsType: 'FieldsV9' };
    expect(handedOver(live(kubectl, future), successor)?.[1]).toEqual(future);
  });
});

it.each<[string, string, boolean]>([
  ['kubectl-client-side-apply', 'Update', true],
  ['kubectl-create', 'Update', true],
  ['kubectl-replace', 'Update', true],
  ['before-first-apply', 'Update', true],
  ['kubectl', 'Apply', true],
  ['kubectl', 'Update', false],
  ['kubectl-last-applied', 'Apply', false],
  ['argocd-controller', 'Update', true],
  ['argocd-controller', 'Apply', true],
  ['argocd-application-controller', 'Update', true],
  ['helm', 'Update', true],
  ['helm', 'Apply', true],
  ['syncline', 'Update', true],
  ['syncline:other', 'Apply', false],
  ['kubectl-edit', 'Update', false],
  ['kubectl-patch', 'Update', false],
  ['kubectl-rollout', 'Update', false],
  ['kubectl-scale', 'Update', false],
  ['kube-controller-manager', 'Update', false],
  ['constructor', 'Update', false],
])('%s by %s writes from manifests: %s', (manager, operation, expected) => {
  const [read] = fieldEntries(live(entry(manager, operation, {})));
  expect(read !== undefined && isOfPredecessor(read)).toBe(expected);
});

it('joins trees of fields', () => {
  const joined = unionOfFields([{ 'f:a': { 'f:b': {} } }, { 'f:a': { '.': {}, 'f:c': {} }, 'k:{"name":"x"}': {} }]);
  expect(joined).toEqual({ 'f:a': { 'f:b': {}, '.': {}, 'f:c': {} }, 'k:{"name":"x"}': {} });
  expect(unionOfFields([])).toEqual({});
});
