import { describe, expect, it } from 'vitest';
import { volumeBindings } from '../../activities/health/volume-binding.ts';
import type { JsonObject } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { ApiError } from '../../kubernetes/errors.ts';

const { signal } = new AbortController();
const FORBIDDEN = { code: 403, reason: 'Forbidden', causes: [], retryAfterSeconds: undefined };
const LAZY = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', volumeBindingMode: 'WaitForFirstConsumer' };

function aClaim(spec: JsonObject, metadata: JsonObject = {}, phase = 'Pending'): KubernetesObject {
  const named = { name: 'data', namespace: 'shop', uid: 'u1', ...metadata };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: named, spec, status: { phase } };
}

/** A cluster with one storage class and the events of one claim; undefined = they may not be read. */
function aCluster(storageClass: KubernetesObject | undefined, reasons: readonly string[] | undefined) {
  const asked: string[] = [];
  const refuse = (): never => {
    throw new ApiError('no', FORBIDDEN);
  };
  const cluster: Pick<Cluster, 'get' | 'list'> = {
    get: async (ref) => {
      asked.push(ref.name);
      return storageClass ?? refuse();
    },
    list: async () => {
      if (reasons === undefined) refuse();
      return (reasons ?? []).map((reason, index) => ({
        apiVersion: 'v1',
        kind: 'Event',
        reason,
        involvedObject: { uid: 'u1' },
        lastTimestamp: `2026-01-01T00:00:0${String(index)}Z`,
      }));
    },
  };
  return { cluster, asked };
}

describe('the binding mode of a pending claim [argo 4.PersistentVolumeClaim]', () => {
  const spec = { storageClassName: 'lazy' };
  it.each<[string, KubernetesObject, KubernetesObject | undefined, readonly string[] | undefined, string | undefined]>([
    ['is that of its class', aClaim(spec), LAZY, undefined, 'WaitForFirstConsumer'],
    [
      'is what the class says, whatever the events do',
      aClaim(spec),
      { ...LAZY, volumeBindingMode: 'Immediate' },
      ['WaitForFirstConsumer'],
      'Immediate',
    ],
    [
      'is that of the class of its old annotation',
      aClaim({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'lazy' } }),
      LAZY,
      undefined,
      'WaitForFirstConsumer',
    ],
    [
      'is told by its newest event where the class may not be read',
      aClaim(spec),
      undefined,
      ['Provisioning', 'WaitForFirstConsumer'],
      'WaitForFirstConsumer',
    ],
    [
      'is unknown once a newer event says something else',
      aClaim(spec),
      undefined,
      ['WaitForFirstConsumer', 'ProvisioningFailed'],
      undefined,
    ],
    ['is unknown where nothing may be read', aClaim(spec), undefined, undefined, undefined],
    ['is none without a class', aClaim({ storageClassName: '' }), LAZY, ['WaitForFirstConsumer'], undefined],
    ['is not asked for of one that is bound', aClaim(spec, {}, 'Bound'), LAZY, undefined, undefined],
    ['is not asked for of another kind', { kind: 'Pod', status: { phase: 'Pending' } }, LAZY, undefined, undefined],
  ])('%s', async (_, claim, storageClass, reasons, expected) => {
    expect(await volumeBindings(aCluster(storageClass, reasons).cluster)(claim, signal)).toBe(expected);
  });

  it('costs one read a class', async () => {
    const { cluster, asked } = aCluster(LAZY, []);
    const modeOf = volumeBindings(cluster);
    await modeOf(aClaim(spec), signal);
    await modeOf(aClaim(spec, { name: 'more' }), signal);
    expect(asked).toEqual(['lazy']);
  });
});
