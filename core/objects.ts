import type { JsonObject } from './json.ts';
import { arrayAt, stringAt, stringMapAt } from './json.ts';

/** A Kubernetes object as JSON. Accessors below read it; nothing writes to it. */
export type KubernetesObject = JsonObject;

/** Names one object of a cluster. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** The API group of an apiVersion; the core group is the empty string. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The version of an apiVersion. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

/** A reference alone, without what else a step or an entry says. */
export function bareRef({ apiVersion, kind, namespace, name }: ObjectRef): ObjectRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** A key that is equal for two references to one object, whatever API version they name. */
export function refKey(ref: ObjectRef): string {
  return `${groupOf(ref.apiVersion)}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** A reference as people read it: `Job/db-migrate`. */
export function titleOf(ref: Pick<ObjectRef, 'kind' | 'name'>): string {
  return `${ref.kind}/${ref.name}`;
}

/** A reference with its namespace, for error messages: `Job shop/db-migrate`. */
export function describeRef(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
}

/** The reference of an object as it is written; missing parts read as empty strings. */
export function refOf(object: KubernetesObject): ObjectRef {
  const namespace = stringAt(object, 'metadata', 'namespace');
  return {
    apiVersion: stringAt(object, 'apiVersion') ?? '',
    kind: stringAt(object, 'kind') ?? '',
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    name: stringAt(object, 'metadata', 'name') ?? '',
  };
}

/** Whether an object is a Secret, whose values nobody may see. */
export function isSecret(object: KubernetesObject): boolean {
  return stringAt(object, 'kind') === 'Secret' && stringAt(object, 'apiVersion') === 'v1';
}

/** The UID of a live object; the empty string where it has none. */
export function uidOf(object: KubernetesObject): string {
  return stringAt(object, 'metadata', 'uid') ?? '';
}

/** The resourceVersion of a live object; the empty string where it has none. */
export function resourceVersionOf(object: KubernetesObject): string {
  return stringAt(object, 'metadata', 'resourceVersion') ?? '';
}

/** The annotations of an object. */
export function annotationsOf(object: KubernetesObject): Readonly<Record<string, string>> {
  return stringMapAt(object, 'metadata', 'annotations');
}

/** The labels of an object. */
export function labelsOf(object: KubernetesObject): Readonly<Record<string, string>> {
  return stringMapAt(object, 'metadata', 'labels');
}

/** When a live object was created, as Kubernetes writes it (RFC 3339, so that texts sort as times); empty where it is not live. */
export function createdAtOf(object: KubernetesObject): string {
  return stringAt(object, 'metadata', 'creationTimestamp') ?? '';
}

/** Whether an object names an owner of this UID: what Kubernetes' garbage collection goes by, where labels can be changed. */
export function isOwnedBy(object: KubernetesObject, ownerUid: string): boolean {
  return arrayAt(object, 'metadata', 'ownerReferences').some((owner) => stringAt(owner, 'uid') === ownerUid);
}
