import { createHash } from 'node:crypto';
import type { BundleStore } from '../../../bundles/bundle-store.ts';
import { failure } from '../../../core/failures.ts';
import { encodeBundle } from '../../../core/manifests/bundle.ts';
import type { KubernetesObject, ObjectRef } from '../../../core/objects.ts';
import type { SyncRequest } from '../../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../core/sync/request.ts';
import type { Call } from '../engine/call.ts';
import { referencesIn } from '../../fakes/memory-store.ts';
import { APPLICATION, NAMESPACE } from '../names.ts';
import type { HookSpec, Schedule, SyncSpec } from './schedule.ts';

/** The application as a schedule has it. */
type Application = Pick<Schedule, 'hooks' | 'gated'>;

/** Asks for an approval before anything of the wave. */
const GATE = { 'syncline.dev/approval': 'required' };

/** The manifests that a sync is to bring about. The second ConfigMap comes in a wave of its own. */
function manifestsOf({ hooks, gated }: Application, { value, wide }: SyncSpec): readonly KubernetesObject[] {
  const settings = configMap('settings', value, gated ? GATE : {});
  const extra = configMap('extra', value, { 'argocd.argoproj.io/sync-wave': '1' });
  return [...hooks.map(hookManifest), settings, ...(wide ? [extra] : [])];
}

/** Where a ConfigMap of the application stands. */
export function configMapRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name };
}

function configMap(name: string, value: string, annotations: Readonly<Record<string, string>>): KubernetesObject {
  const metadata = { name, namespace: NAMESPACE, annotations };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } };
}

function hookManifest(hook: HookSpec): KubernetesObject {
  const { kind, name, phase, policies, ttlSeconds, deadlineMs, wave, approval, retries } = hook;
  const metadata = {
    name,
    namespace: NAMESPACE,
    annotations: {
      'argocd.argoproj.io/hook': phase,
      'argocd.argoproj.io/hook-delete-policy': policies.join(','),
      'syncline.dev/timeout': `${String(deadlineMs / 1000)}s`,
      ...(wave === 0 ? {} : { 'argocd.argoproj.io/sync-wave': String(wave) }),
      ...(approval ? GATE : {}),
      ...(retries === 0 ? {} : { 'syncline.dev/retries': String(retries) }),
    },
  };
  const pod = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work' }] };
  if (kind === 'Pod') return { apiVersion: 'v1', kind, metadata, spec: pod };
  const ttl = ttlSeconds === undefined ? {} : { ttlSecondsAfterFinished: ttlSeconds };
  return { apiVersion: 'batch/v1', kind, metadata, spec: { backoffLimit: 0, template: { spec: pod }, ...ttl } };
}

/** How long a gate and a hold wait for somebody, ms. */
export const PATIENCE_MS = 60_000;

/** The request of a sync whose bundle is stored under a digest. */
export function requestOf({ syncId, takeOver, holds }: SyncSpec, bundle: string, requestedAt: number): SyncRequest {
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
    options: {
      ...DEFAULT_SYNC_OPTIONS,
      ...{ takeOver, prune: true, approvalTimeoutMs: PATIENCE_MS, holdForMs: PATIENCE_MS },
      ...(holds ? { onFailure: 'hold' } : {}),
    },
  };
}

/** Bundles that are stored before anything begins, whoever asks. */
const bundles = new Map<string, { readonly digest: string; readonly bytes: Uint8Array }>();

/** The stored form of manifests, made once a process. */
export function bundleOf(
  application: Application,
  sync: SyncSpec,
): { readonly digest: string; readonly bytes: Uint8Array } {
  const manifests = manifestsOf(application, sync);
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

/** What a bundle store keeps, and how it is called. */
interface Keeping {
  readonly call: Call;
  readonly stored: Map<string, Uint8Array>;
  readonly named: Map<string, readonly string[]>;
}

/** Bundle stores by whose they are. A worker remembers what it has read by its store, so that one serves all schedules of a process. */
const stores = new Map<string, { readonly store: BundleStore; keeping: Keeping }>();

/** A bundle store whose calls the scheduler lets take effect; the one of its name from before, which forgets what it kept. */
export function bundleStorePort(name: string, call: Call, stored: Map<string, Uint8Array>): BundleStore {
  const keeping: Keeping = { call, stored, named: new Map() };
  const known = stores.get(name);
  if (known === undefined) {
    const made: { readonly store: BundleStore; keeping: Keeping } = { store: storeOf(() => made.keeping), keeping };
    stores.set(name, made);
    return made.store;
  }
  known.keeping = keeping;
  return known.store;
}

function storeOf(keeping: () => Keeping): BundleStore {
  const never = new AbortController().signal;
  const store: BundleStore = {
    description: 'model:',
    put: (bytes, signal) => {
      const { call, stored } = keeping();
      const digest = digestOf(bytes);
      return call('put', digest.slice(7, 14), signal, () => {
        stored.set(digest, bytes);
        return digest;
      });
    },
    async get(digest) {
      const bytes = keeping().stored.get(digest);
      if (bytes === undefined) throw failure('BundleNotFound', `${digest} is not stored`);
      return bytes;
    },
    has: async (digest) => keeping().stored.has(digest),
    refer: (name, digests, signal) => {
      const { call, named } = keeping();
      return call('refer', name, signal, () => void named.set(name, digests));
    },
    reference: async (name) => referencesIn(keeping().named, name).find((each) => each.name === name),
    references: async (prefix) => referencesIn(keeping().named, prefix),
    release: (name) => {
      const { call, named } = keeping();
      return call('release', name, never, () => void named.delete(name));
    },
    releaseUnchanged: () => Promise.reject(new Error('Nothing is collected here.')),
    collect: () => Promise.reject(new Error('Nothing is collected here.')),
    ownedBy: () => store,
  };
  return store;
}
