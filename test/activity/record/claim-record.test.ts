import { describe, expect, it } from 'vitest';
import { claimRecord } from '../../../activities/record/claim-record.ts';
import { openRecord } from '../../../activities/record/record-store.ts';
import { ApiError } from '../../../kubernetes/errors.ts';
import { dying, momentsOf } from '../../support/disturbances.ts';
import type { HookLab } from '../../support/hook-lab.ts';
import { hookLab } from '../../support/hook-lab.ts';

const signal = new AbortController().signal;
const SHOP = { application: 'shop', namespace: 'shop' };

function claimRoot(lab: HookLab, createNamespace: boolean) {
  const { request, plan } = lab.scope();
  const input = { request: { ...request, createNamespace }, plan, rootRun: 'root', claimant: 'root' } as const;
  return claimRecord(input, lab.runtime({ run: 'root' }), lab.dependencies());
}

describe('the claim of a root', () => {
  it('is refused where the namespace does not exist and nobody asked to make it [argo 5.24]', async () => {
    const lab = await hookLab();
    lab.cluster.remove('Namespace', 'shop');
    await expect(claimRoot(lab, false)).rejects.toMatchObject({ failures: [{ type: 'NamespaceNotFound' }] });
    expect(lab.cluster.objects('ConfigMap')).toEqual([]);
  });

  it('makes the namespace where that was asked for [argo 2.1.CreateNamespace] [argo 3.CreateNamespace] [argo 5.24]', async () => {
    const lab = await hookLab();
    lab.cluster.remove('Namespace', 'shop');
    expect(await claimRoot(lab, true)).toMatchObject({ kind: 'claimed', epoch: 1, number: 1 });
    expect(lab.cluster.find('Namespace', 'shop')).toBeDefined();
  });

  it('is given back where the user must mend something first', async () => {
    const lab = await hookLab();
    const { request, plan } = lab.scope();
    const metadata = { name: 'syncline.shop.inventory', namespace: 'shop' };
    lab.cluster.plant({ apiVersion: 'v1', kind: 'ConfigMap', metadata, binaryData: { inventory: 'spoilt' } });
    const input = { request, plan, rootRun: 'root', claimant: 'root' } as const;
    const claim = claimRecord(input, lab.runtime({ run: 'root' }), lab.dependencies());
    await expect(claim).rejects.toMatchObject({ failures: [{ type: 'InvalidRequest' }] });
    expect((await openRecord(lab.cluster, SHOP).read(signal))?.holder).toBeNull();
  });

  it('holds in the end, whenever its worker dies on the way', async () => {
    const moments = await momentsOf(async (through) => (await hookLab()).claim({ through }));
    for (const moment of moments) {
      const lab = await hookLab();
      await lab.claim({ through: dying(moment) }).catch(() => undefined);
      expect(await lab.claim(), JSON.stringify(moment)).toMatchObject({ kind: 'claimed', number: 1 });
      expect((await lab.run()).kind).toBe('settled');
      expect(lab.releases()).toHaveLength(1);
    }
  });

  it('is not stopped by a namespace that somebody else makes at the same moment', async () => {
    const lab = await hookLab();
    lab.cluster.remove('Namespace', 'shop');
    const { request, plan } = lab.scope();
    const before = (call: string) => {
      if (call === 'cluster.create' && lab.cluster.find('Namespace', 'shop') === undefined) {
        lab.cluster.plant({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
      }
    };
    const input = { request: { ...request, createNamespace: true }, plan, rootRun: 'root', claimant: 'root' } as const;
    const claimed = await claimRecord(input, lab.runtime({ run: 'root' }), lab.dependencies({ through: { before } }));
    expect(claimed.kind).toBe('claimed');
  });

  it('throws on what may pass by itself', async () => {
    const lab = await hookLab();
    const before = (call: string) => {
      if (call === 'cluster.list')
        throw new ApiError('later', { code: 503, reason: '', causes: [], retryAfterSeconds: undefined });
    };
    await expect(lab.claim({ through: { before } })).rejects.toThrow('later');
  });
});
