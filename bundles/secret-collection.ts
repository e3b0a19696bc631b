import type { KubernetesObject } from '../core/objects.ts';
import { refOf, resourceVersionOf, uidOf } from '../core/objects.ts';
import { removeChunks } from './secret-bundles.ts';
import type { SecretStore } from './secret-storage.ts';
import { removeUnchangedSecret } from './secret-storage.ts';
import type { SecretRole } from './secrets.ts';
import { manifestName, readManifest, readReferenceSecret, roleSelector, storedAt } from './secrets.ts';

/** A chunk that is older and that no manifest names was left by a process that died while it uploaded. */
const UPLOAD_LIFE_MS = 3_600_000;

/**
 * Removes the bundles that no reference names and that were stored or renewed at least `graceMs` ago, and what broken
 * uploads left. Answers how many bundles went.
 *
 * The order makes it safe beside other processes: manifests are listed first, references are read then, and a manifest is
 * deleted only at the resourceVersion that was listed. `refer` writes its reference first and renews the manifests
 * then. So a reference written before the listing is seen here, and one written later has changed the manifest's resourceVersion.
 */
export async function collectSecrets(store: SecretStore, graceMs: number, signal: AbortSignal): Promise<number> {
  const chunks = await listSecrets(store, 'chunk', signal, true);
  const manifests = await listSecrets(store, 'bundle', signal);
  const references = (await listSecrets(store, 'reference', signal)).map(readReferenceSecret);
  const referred = new Set(references.flatMap(({ digests }) => digests).map(manifestName));
  const now = store.now();
  let collected = 0;
  for (const manifest of manifests) {
    if (referred.has(refOf(manifest).name) || now - storedAt(manifest) < graceMs) continue;
    if (!(await removeListed(store, manifest, signal))) continue;
    await removeChunks(store, manifest, signal);
    collected += 1;
  }
  const named = new Set(manifests.flatMap((manifest) => readManifest(manifest)?.chunks ?? []));
  for (const chunk of chunks) {
    const left = !named.has(refOf(chunk).name) && now - storedAt(chunk) >= Math.max(graceMs, UPLOAD_LIFE_MS);
    if (left) await removeListed(store, chunk, signal);
  }
  return collected;
}

function removeListed(store: SecretStore, secret: KubernetesObject, signal: AbortSignal): Promise<boolean> {
  const read = { uid: uidOf(secret), resourceVersion: resourceVersionOf(secret) };
  return removeUnchangedSecret(store, refOf(secret).name, read, signal);
}

/** The store's Secrets of one role. Chunks are asked for without their data, which may be hundreds of megabytes. */
export function listSecrets(
  store: SecretStore,
  role: SecretRole,
  signal: AbortSignal,
  metadataOnly = false,
): Promise<readonly KubernetesObject[]> {
  const query = { apiVersion: 'v1', kind: 'Secret', namespace: store.namespace, labelSelector: roleSelector(role) };
  return store.cluster.list({ ...query, metadataOnly }, signal);
}
