import { randomUUID } from 'node:crypto';
import { isJsonObject, stringAt } from '../core/json.ts';
import type { KubernetesObject, ObjectRef } from '../core/objects.ts';
import { annotationsOf, refOf } from '../core/objects.ts';
import { hexOf } from './digest.ts';
import type { Reference } from './reference.ts';
import { formatReference, parseReference, referenceKey } from './reference.ts';

/** What a Secret of the store is. */
export type SecretRole = 'bundle' | 'chunk' | 'reference';

/** The most bytes of one chunk: a Secret holds 1 MiB, and its request must stay under that in base64 too. */
export const CHUNK_BYTES = 700 * 1024;

/** When the Secret was stored or last renewed, ms since 1970 by its writer's clock. */
export const STORED_AT = 'syncline.dev/stored-at';
/** A value that is new at each renewal: without it two renewals in one millisecond would not change the Secret, nor its resourceVersion. */
export const RENEWAL = 'syncline.dev/renewal';

const ROLE = 'syncline.dev/store';

/** A stored bundle: names the Secrets that hold it. Written after them, so that a bundle that can be seen is whole. */
export interface BundleManifest {
  readonly digest: string;
  readonly chunks: readonly string[];
}

/** The reference of a Secret by name. */
export function secretRef(namespace: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', namespace, name };
}

/** The name of the Secret that makes a digest visible. Throws `BundleNotFound` for a text that is no digest. */
export function manifestName(digest: string): string {
  return `syncline-bundle-${hexOf(digest)}`;
}

/** The name of the Secret that holds a reference. */
export function referenceName(name: string): string {
  return `syncline-reference-${referenceKey(name)}`;
}

/** Selects the store's Secrets of one role. */
export function roleSelector(role: SecretRole): string {
  return `app.kubernetes.io/managed-by=syncline,${ROLE}=${role}`;
}

/** The Secret that makes a bundle visible. */
export function manifestSecret(namespace: string, manifest: BundleManifest, now: number): KubernetesObject {
  return storeSecret(
    secretRef(namespace, manifestName(manifest.digest)),
    'bundle',
    Buffer.from(JSON.stringify(manifest)),
    now,
  );
}

/** Reads the Secret of a bundle; undefined when it is damaged. */
export function readManifest(secret: KubernetesObject): BundleManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(readContent(secret)).toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || typeof value.digest !== 'string' || !Array.isArray(value.chunks)) return undefined;
  const chunks = (value.chunks as readonly unknown[]).filter((name) => typeof name === 'string');
  return { digest: value.digest, chunks };
}

/** The Secret of one chunk. It never changes; `name` is never used for another upload. */
export function chunkSecret(namespace: string, name: string, bytes: Uint8Array, now: number): KubernetesObject {
  return { ...storeSecret(secretRef(namespace, name), 'chunk', bytes, now), immutable: true };
}

/** The Secret of a reference. */
export function referenceSecret(namespace: string, reference: Reference, now: number): KubernetesObject {
  const ref = secretRef(namespace, referenceName(reference.name));
  return storeSecret(ref, 'reference', Buffer.from(formatReference(reference)), now);
}

/** Reads the Secret of a reference. Throws when it is unreadable. */
export function readReferenceSecret(secret: KubernetesObject): Reference {
  const { namespace, name } = refOf(secret);
  return parseReference(Buffer.from(readContent(secret)).toString('utf8'), `Secret ${namespace ?? ''}/${name}`);
}

/** What a Secret of the store holds; empty where it holds nothing. */
export function readContent(secret: KubernetesObject): Uint8Array {
  return Buffer.from(stringAt(secret, 'data', 'content') ?? '', 'base64');
}

/** When a Secret was stored or renewed, ms since 1970. Infinity (for ever young) where it does not say so. */
export function storedAt(secret: KubernetesObject): number {
  const stamp = annotationsOf(secret)[STORED_AT] ?? '';
  return /^\d+$/.test(stamp) ? Number(stamp) : Infinity;
}

function storeSecret(ref: ObjectRef, role: SecretRole, content: Uint8Array, now: number): KubernetesObject {
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'syncline', [ROLE]: role },
      annotations: { [STORED_AT]: String(now), [RENEWAL]: randomUUID() },
    },
    type: 'syncline.dev/store',
    data: { content: Buffer.from(content).toString('base64') },
  };
}
