import { expect, test } from 'vitest';
import { managedPaths } from '../../../core/ignored/managed-paths.ts';
import { withoutPaths } from '../../../core/ignored/paths.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';

function managedBy(manager: string, fieldsV1: JsonObject, spec: JsonObject): KubernetesObject {
  const entry = { manager, operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1 };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { managedFields: [entry] }, spec };
}

const containers = (fields: JsonObject): JsonObject => ({ 'f:spec': { 'f:containers': fields } });
const two = {
  replicas: 3,
  containers: [
    { name: 'web', image: 'a' },
    { name: 'log', image: 'b' },
  ],
};

test.each<[string, JsonObject, JsonObject]>([
  ['a field', { 'f:spec': { 'f:replicas': {} } }, { containers: two.containers }],
  [
    'a field of an item, whose key stays',
    containers({ 'k:{"name":"log"}': { '.': {}, 'f:name': {}, 'f:image': {} } }),
    { ...two, containers: [two.containers[0] ?? {}, { name: 'log' }] },
  ],
  ['a whole item', containers({ 'k:{"name":"web"}': {} }), { ...two, containers: [two.containers[1] ?? {}] }],
  ['a list', { 'f:spec': { 'f:containers': {} } }, { replicas: 3 }],
  ['nothing that is not there', { 'f:spec': { 'f:paused': {} }, 'f:status': { 'f:x': {} } }, two],
])("a manager's fields are left out: %s", (_what, fields, spec) => {
  const live = managedBy('autoscaler', fields, two);
  const object = { spec: two };
  expect(withoutPaths(object, managedPaths(live, ['autoscaler'], object))).toEqual({ spec });
  expect(managedPaths(live, ['somebody else'], object)).toEqual([]);
});

test('an item is found where it stands in the object, not where it stands in the live one', () => {
  const live = managedBy('injector', containers({ 'k:{"name":"log"}': { 'f:image': {} } }), two);
  const object = { spec: { containers: two.containers.toReversed() } };
  expect(managedPaths(live, ['injector'], object)).toEqual([['spec', 'containers', 0, 'image']]);
});
