import type { JsonObject } from '../core/json.ts';
import { objectAt, stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';

/** What a script finds in the place of a Secret's value. */
const WITHHELD = '++++++++';

/**
 * An object as a script may see it: of a Secret only the names of its values, so that none can get into a message. The
 * annotations go with them, since a client-side apply keeps a copy of the manifest there.
 */
export function withoutSecretValues(object: KubernetesObject): KubernetesObject {
  if (stringAt(object, 'kind') !== 'Secret' || stringAt(object, 'apiVersion') !== 'v1') return object;
  const { annotations: _annotations, managedFields: _managedFields, ...metadata } = objectAt(object, 'metadata') ?? {};
  return { ...object, metadata, ...withheld(object, 'data'), ...withheld(object, 'stringData') };
}

function withheld(object: KubernetesObject, field: 'data' | 'stringData'): JsonObject {
  const values = objectAt(object, field);
  if (values === undefined) return {};
  return { [field]: Object.fromEntries(Object.keys(values).map((key) => [key, WITHHELD])) };
}
