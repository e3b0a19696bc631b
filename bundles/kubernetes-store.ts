import type { KubernetesObject } from '../core/objects.ts';
import { resourceVersionOf, uidOf } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import type { BundleStore, StoredReference } from './bundle-store.ts';
import { bundleNotFound } from './digest.ts';
import type { Reference } from './reference.ts';
import { byName } from './reference.ts';
import { getBundle, hasBundle, putBundle } from './secret-bundles.ts';
import { collectSecrets, listSecrets } from './secret-collection.ts';
import type { SecretStore } from './secret-storage.ts';
import { getSecret, putSecret, removeSecret, removeUnchangedSecret, renewSecret } from './secret-storage.ts';
import { manifestName, readReferenceSecret, referenceName, referenceSecret } from './secrets.ts';

/**
 * A store in the Secrets of a namespace, shared by all who reach the cluster, without a lock. `now` gives ms since
 * 1970; `owner` is whose references it writes. A bundle is one Secret that names it and chunks of at most 700 KiB; why that is safe beside a collection stands at `collectSecrets`.
 */
export function kubernetesStore(
  cluster: Cluster,
  namespace: string,
  now: () => number = Date.now,
  owner?: string,
): BundleStore {
  const store: SecretStore = { cluster, namespace, description: `kubernetes:${namespace}`, now };
  return {
    description: store.description,
    put: (bytes, signal) => putBundle(store, bytes, signal),
    get: (digest, signal) => getBundle(store, digest, signal),
    has: (digest, signal) => hasBundle(store, digest, signal),
    refer: (name, digests, signal) => {
      const reference = { name, digests, writtenAt: now(), ...(owner === undefined ? {} : { owner }) };
      return refer(store, reference, signal);
    },
    reference: async (name, signal) => {
      const secret = await getSecret(store, referenceName(name), signal);
      return secret === undefined ? undefined : storedReference(secret);
    },
    references: async (prefix, signal) => {
      const all = (await listSecrets(store, 'reference', signal)).map(storedReference);
      return byName(all.filter(({ name }) => name.startsWith(prefix)));
    },
    release: (name, signal) => removeSecret(store, referenceName(name), signal),
    releaseUnchanged: (reference, signal) => releaseUnchanged(store, reference, signal),
    collect: (graceMs, signal) => collectSecrets(store, graceMs, signal),
    ownedBy: (name) => kubernetesStore(cluster, namespace, now, name),
  };
}

async function refer(store: SecretStore, reference: Reference, signal: AbortSignal): Promise<void> {
  for (const digest of reference.digests) {
    if ((await getSecret(store, manifestName(digest), signal)) === undefined)
      throw bundleNotFound(digest, store.description);
  }
  await putSecret(store, referenceSecret(store.namespace, reference, store.now()), signal);
  // After the reference, never before it: see collectSecrets.
  for (const digest of reference.digests) {
    if (!(await renewSecret(store, manifestName(digest), signal))) throw bundleNotFound(digest, store.description);
  }
}

function storedReference(secret: KubernetesObject): StoredReference {
  return { ...readReferenceSecret(secret), version: `${uidOf(secret)}/${resourceVersionOf(secret)}` };
}

async function releaseUnchanged(store: SecretStore, reference: StoredReference, signal: AbortSignal): Promise<boolean> {
  const [uid = '', resourceVersion = ''] = reference.version.split('/');
  return removeUnchangedSecret(store, referenceName(reference.name), { uid, resourceVersion }, signal);
}
