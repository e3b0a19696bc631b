import { randomUUID } from 'node:crypto';
import { failure } from '../core/failures.ts';
import { objectAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { refOf, resourceVersionOf, uidOf } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import { isApiError } from '../kubernetes/errors.ts';
import { RENEWAL, secretRef, STORED_AT } from './secrets.ts';

/** A namespace of a cluster that serves as a store. */
export interface SecretStore {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** The store's name in the configuration, for messages. */
  readonly description: string;
  /** Ms since 1970. */
  readonly now: () => number;
}

/** The Secret of a name; undefined where there is none. */
export function getSecret(
  store: SecretStore,
  name: string,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  return store.cluster.get(secretRef(store.namespace, name), signal);
}

/** Creates a Secret. False when one of that name exists. Throws `NamespaceNotFound` when the store's namespace does not. */
export async function createSecret(
  store: SecretStore,
  secret: KubernetesObject,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await store.cluster.create(secret, {}, signal);
    return true;
  } catch (error) {
    if (isApiError(error, 409)) return false;
    if (!isApiError(error, 404)) throw error;
    throw failure(
      'NamespaceNotFound',
      `The store ${store.description} can't be written: cluster ${store.cluster.name} has no namespace ${store.namespace}.`,
      { remedy: `kubectl create namespace ${store.namespace}` },
      { cause: error },
    );
  }
}

/**
 * Creates a Secret, or replaces the one of that name. Answers what it replaced. When several do so at once the last
 * one wins.
 */
export async function putSecret(
  store: SecretStore,
  secret: KubernetesObject,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  for (;;) {
    signal.throwIfAborted();
    if (await createSecret(store, secret, signal)) return undefined;
    const standing = await store.cluster.get(refOf(secret), signal);
    if (standing !== undefined && (await replaceSecret(store, standing, secret, signal))) return standing;
  }
}

async function replaceSecret(
  store: SecretStore,
  standing: KubernetesObject,
  secret: KubernetesObject,
  signal: AbortSignal,
): Promise<boolean> {
  const metadata = {
    ...objectAt(secret, 'metadata'),
    uid: uidOf(standing),
    resourceVersion: resourceVersionOf(standing),
  };
  try {
    await store.cluster.replace({ ...secret, metadata }, {}, signal);
    return true;
  } catch (error) {
    if (isApiError(error, 409) || isApiError(error, 404)) return false;
    throw error;
  }
}

/** Makes a Secret young again, which also changes its resourceVersion. False when there is none of that name. */
export async function renewSecret(store: SecretStore, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await store.cluster.patch(
      secretRef(store.namespace, name),
      [
        { op: 'add', path: annotationPath(STORED_AT), value: String(store.now()) },
        { op: 'add', path: annotationPath(RENEWAL), value: randomUUID() },
      ],
      signal,
    );
    return true;
  } catch (error) {
    if (isApiError(error, 404)) return false;
    throw error;
  }
}

/** Removes the Secret of a name; it may be gone already. */
export async function removeSecret(store: SecretStore, name: string, signal: AbortSignal): Promise<void> {
  await store.cluster.delete(secretRef(store.namespace, name), { propagation: 'Background' }, signal);
}

/** Removes a Secret unless it has changed since it was read, as its UID and resourceVersion tell. Tells whether it did. */
export async function removeUnchangedSecret(
  store: SecretStore,
  name: string,
  read: { readonly uid: string; readonly resourceVersion: string },
  signal: AbortSignal,
): Promise<boolean> {
  const options = { ...read, propagation: 'Background' as const };
  try {
    return await store.cluster.delete(secretRef(store.namespace, name), options, signal);
  } catch (error) {
    if (isApiError(error, 409)) return false;
    throw error;
  }
}

/** The path of an annotation in a JSON Patch (RFC 6901 escapes the slash). */
function annotationPath(annotation: string): string {
  return `/metadata/annotations/${annotation.replace('/', '~1')}`;
}
