import { createHash } from 'node:crypto';
import type { BundleStore } from '../../../bundles/bundle-store.ts';
import { failure } from '../../../core/failures.ts';
import { encodeBundle } from '../../../core/manifests/bundle.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import type { SyncRequest } from '../../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../core/sync/request.ts';
import type { Call } from '../engine/call.ts';
import { referencesIn } from '../../fakes/memory-store.ts';
import { APPLICATION, NAMESPACE } from '../names.ts';
import type { HookSpec, SyncSpec } from './schedule.ts';

/** The manifests that a sync is to bring about. */
export function manifestsOf(hooks: readonly HookSpec[], { value, wide }: SyncSpec): readonly KubernetesObject[] {
  return [...hooks.map(hookManifest), configMap('settings', value), ...(wide ? [configMap('extra', value)] : [])];
}

function configMap(name: string, value: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE }, data: { value } };
}

function hookManifest({ kind, name, phase, policies, ttlSeconds, deadlineMs }: HookSpec): KubernetesObject {
  const metadata = {
    name,
    namespace: NAMESPACE,
    annotations: {
      'argocd.argoproj.io/hook': phase,
      'argocd.argoproj.io/hook-delete-policy': policies.join(','),
      'syncline.dev/timeout': `${String(deadlineMs / 1000)}s`,
    },
  };
  const pod = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work' }] };
  if (kind === 'Pod') return { apiVersion: 'v1', kind, metadata, spec: pod };
  const ttl = ttlSeconds === undefined ? {} : { ttlSecondsAfterFinished: ttlSeconds };
  return { apiVersion: 'batch/v1', kind, metadata, spec: { backoffLimit: 0, template: { spec: pod }, ...ttl } };
}

/** The request of a sync whose bundle is stored under a digest. */
export function requestOf({ syncId, takeOver }: SyncSpec, bundle: string, requestedAt: number): SyncRequest {
  return {
    version: 1,
    syncId,
    application: APPLICATION,
    cluster: 'model',
    namespace: NAMESPACE,
    createNamespace: false,
    bundle,
    revision: bundle.slice(7, 14),
    requestedBy: 'simulation',
    requestedAt,
    indexed: false,
    options: { ...DEFAULT_SYNC_OPTIONS, takeOver, prune: true },
  };
}

/** Bundles that are stored before anything begins, whoever asks. */
const bundles = new Map<string, { readonly digest: string; readonly bytes: Uint8Array }>();

/** The stored form of manifests, made once a process. */
export function bundleOf(
  hooks: readonly HookSpec[],
  sync: SyncSpec,
): { readonly digest: string; readonly bytes: Uint8Array } {
  const manifests = manifestsOf(hooks, sync);
  const key = JSON.stringify(manifests);
  const known = bundles.get(key);
  if (known !== undefined) return known;
  const location = { file: 'app.yaml', line: 1 };
  const bytes = new TextEncoder().encode(encodeBundle(manifests.map((object) => ({ object, location }))));
  const made = { digest: digestOf(bytes), bytes };
  bundles.set(key, made);
  return made;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A bundle store whose calls the scheduler lets take effect. */
export function bundleStorePort(call: Call, stored: Map<string, Uint8Array>): BundleStore {
  const named = new Map<string, readonly string[]>();
  const never = new AbortController().signal;
  const store: BundleStore = {
    description: 'model:',
    put: (bytes, signal) => {
      const digest = digestOf(bytes);
      return call('put', digest.slice(7, 14), signal, () => {
        stored.set(digest, bytes);
        return digest;
      });
    },
    async get(digest) {
      const bytes = stored.get(digest);
      if (bytes === undefined) throw failure('BundleNotFound', `${digest} is not stored`);
      return bytes;
    },
    has: async (digest) => stored.has(digest),
    refer: (name, digests, signal) => call('refer', name, signal, () => void named.set(name, digests)),
    reference: async (name) => referencesIn(named, name).find((each) => each.name === name),
    references: async (prefix) => referencesIn(named, prefix),
    release: (name) => call('release', name, never, () => void named.delete(name)),
    releaseUnchanged: () => Promise.reject(new Error('Nothing is collected here.')),
    collect: () => Promise.reject(new Error('Nothing is collected here.')),
    ownedBy: () => store,
  };
  return store;
}
