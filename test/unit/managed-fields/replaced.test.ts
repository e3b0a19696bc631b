import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../core/json.ts';
import { replacedUnchanged } from '../../../core/managed-fields/replaced.ts';
import type { KubernetesObject } from '../../../core/objects.ts';

const MANAGER = 'syncline:shop';
const annotations = { 'syncline.dev/digest': 'd1' };
const desired = (more: JsonObject = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'x', namespace: 'n', annotations },
  ...more,
});
const entry = (manager: string, fields: JsonObject, more: JsonObject = {}): JsonObject => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...more,
});
const live = (more: JsonObject, ...managedFields: readonly JsonObject[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'x', namespace: 'n', uid: 'u', resourceVersion: '7', annotations, managedFields },
  ...more,
});

describe('an object that is replaced', () => {
  it.each<[string, JsonObject, KubernetesObject]>([
    [
      'it has the values',
      { spec: { a: 1, list: ['x', { b: true }] } },
      live({ spec: { a: 1, list: ['x', { b: true }] } }),
    ],
    ['the server has added to it', { spec: { a: 1 } }, live({ spec: { a: 1, defaulted: 2 }, status: { ok: true } })],
    [
      'the server writes its value another way',
      { spec: { cpu: '1000m' } },
      live({ spec: { cpu: '1' } }, entry(MANAGER, { 'f:spec': { 'f:cpu': {} } })),
    ],
    [
      'and so in an item of a list',
      { spec: { list: [{ name: 'a', cpu: '1000m' }] } },
      live(
        { spec: { list: [{ name: 'a', cpu: '1' }] } },
        entry(MANAGER, { 'f:spec': { 'f:list': { 'k:{"name":"a"}': { 'f:cpu': {} } } } }),
      ),
    ],
    ['what is empty or null need not be there', { spec: { a: null, b: {}, c: [] } }, live({})],
    ['its status is not the manifest’s', { status: { ok: false } }, live({ status: { ok: true } })],
    [
      'a controller has added to it',
      { spec: { a: 1 } },
      live({ spec: { a: 1, x: 1 } }, entry('some-controller', { 'f:spec': { 'f:x': {} } })),
    ],
    [
      'kubectl once created it with defaults',
      { spec: { a: 1 } },
      live({ spec: { a: 1, x: 1 } }, entry('kubectl-create', { 'f:spec': { 'f:a': {}, 'f:x': {} } })),
    ],
    [
      'a person scaled a subresource',
      { spec: {} },
      live(
        { spec: { replicas: 3 } },
        entry('kubectl-scale', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' }),
      ),
    ],
  ])('is unchanged where %s', (_, manifest, object) => {
    expect(replacedUnchanged(desired(manifest), object, MANAGER)).toBe(true);
  });

  it.each<[string, JsonObject, KubernetesObject]>([
    ['a value differs', { spec: { a: 1 } }, live({ spec: { a: 2 } })],
    ['a field is gone', { spec: { a: 1 } }, live({ spec: {} }, entry(MANAGER, { 'f:spec': { 'f:a': {} } }))],
    ['a list has another length', { spec: { l: ['a'] } }, live({ spec: { l: ['a', 'b'] } })],
    ['a list has another order', { spec: { l: ['a', 'b'] } }, live({ spec: { l: ['b', 'a'] } })],
    ['a list is no list', { spec: { l: ['a'] } }, live({ spec: { l: 'a' } })],
    [
      'a person has edited a value',
      { spec: { cpu: '1000m' } },
      live({ spec: { cpu: '2' } }, entry('kubectl-edit', { 'f:spec': { 'f:cpu': {} } })),
    ],
    [
      'a person has added a field',
      { spec: { a: 1 } },
      live({ spec: { a: 1, x: 1 } }, entry('kubectl-edit', { 'f:spec': { 'f:x': {} } })),
    ],
    [
      'a person has added an item',
      { spec: { l: [{ name: 'a' }] } },
      live({ spec: { l: [{ name: 'a' }] } }, entry('kubectl-patch', { 'f:spec': { 'f:l': { 'k:{"name":"b"}': {} } } })),
    ],
  ])('is changed where %s', (_, manifest, object) => {
    expect(replacedUnchanged(desired(manifest), object, MANAGER)).toBe(false);
  });

  it('is changed where the manifest is another, or was never written', () => {
    const other = { ...desired(), metadata: { name: 'x', annotations: { 'syncline.dev/digest': 'd2' } } };
    expect(replacedUnchanged(other, live({}), MANAGER)).toBe(false);
    expect(replacedUnchanged({ kind: 'Thing', metadata: { name: 'x' } }, live({}), MANAGER)).toBe(false);
  });

  it('is told by its data where it is a Secret with stringData', () => {
    const secret = { ...desired({ stringData: { a: 'b' } }), kind: 'Secret' };
    expect(replacedUnchanged(secret, { ...live({ data: { a: 'Yg==' } }), kind: 'Secret' }, MANAGER)).toBe(true);
    expect(replacedUnchanged(secret, { ...live({ data: { a: 'Yw==' } }), kind: 'Secret' }, MANAGER)).toBe(false);
  });
});
