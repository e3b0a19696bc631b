import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { DIGEST_ANNOTATION, OWNER_ANNOTATION } from '../markers.ts';
import type { KubernetesObject } from '../objects.ts';

/** What the API server alone writes. */
const SERVER_METADATA: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/** Annotations by which tools keep books of an object. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  OWNER_ANNOTATION,
  DIGEST_ANNOTATION,
  'kubectl.kubernetes.io/last-applied-configuration',
]);

/**
 * The part of an object that a comparison is about: without its status, what the API server alone writes into its metadata,
 * and the marks that Syncline and kubectl leave.
 */
export function comparable(object: KubernetesObject): KubernetesObject {
  const { status: _reported, metadata, ...rest } = object;
  if (!isJsonObject(metadata)) return rest;
  const { annotations, ...kept } = without(metadata, SERVER_METADATA);
  const written = isJsonObject(annotations) ? without(annotations, BOOKKEEPING) : {};
  return {
    ...rest,
    metadata: Object.keys(written).length === 0 ? kept : { ...kept, annotations: written },
  };
}

function without(object: JsonObject, fields: ReadonlySet<string>): JsonObject {
  const entries = Object.entries(object).filter((entry): entry is [string, Json] => !fields.has(entry[0]));
  return Object.fromEntries(entries);
}
