import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BundleStore } from '../../../bundles/bundle-store.ts';
import { digestOf } from '../../../bundles/digest.ts';
import { kubernetesStore } from '../../../bundles/kubernetes-store.ts';
import { objectAt, stringAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { labelsOf, refOf } from '../../../core/objects.ts';
import type { MemoryCluster } from '../../fakes/memory-cluster.ts';
import { memoryCluster } from '../../fakes/memory-cluster.ts';
import { describeBundleStore } from '../../fakes/store-contract.ts';

const never = new AbortController().signal;
const HOUR = 3_600_000;
let cluster: MemoryCluster;
let now: number;
let store: BundleStore;

beforeEach(() => {
  now = 1_800_000_000_000;
  cluster = memoryCluster(['syncline-system']);
  store = kubernetesStore(cluster, 'syncline-system', () => now);
});

function secrets(role: string): readonly KubernetesObject[] {
  return cluster.objects().filter((object) => labelsOf(object)['syncline.dev/store'] === role);
}

describeBundleStore(
  'kubernetes',
  () => {
    const fresh = memoryCluster(['syncline-system']);
    return Promise.resolve({
      open: (clock) => kubernetesStore(fresh, 'syncline-system', clock),
      damage: (digest) => {
        const chunk = fresh.objects().find((object) => refOf(object).name.includes(`chunk-${digest.slice(7, 19)}`))!;
        fresh.plant({ ...chunk, data: { content: Buffer.from('spoilt').toString('base64') } });
        return Promise.resolve();
      },
    });
  },
  { runs: 100 },
);

describe('the Secrets of a store', () => {
  it('say what they are, and hold at most 700 KiB each', async () => {
    const digest = await store.put(randomBytes(2_000_000), never);
    await store.refer('r', [digest], never);

    expect([secrets('bundle').length, secrets('chunk').length, secrets('reference').length]).toEqual([1, 3, 1]);
    for (const secret of cluster.objects()) {
      expect(labelsOf(secret)['app.kubernetes.io/managed-by']).toBe('syncline');
      expect(refOf(secret).namespace).toBe('syncline-system');
      const content = stringAt(secret, 'data', 'content') ?? '';
      expect(Buffer.from(content, 'base64').byteLength).toBeLessThanOrEqual(700 * 1024);
    }
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'show nothing of a bundle whose upload was cut at request %i, and the next upload succeeds',
    async (last) => {
      const bytes = randomBytes(2_000_000);
      let requests = 0;
      cluster.before = () => {
        requests += 1;
        if (requests === last) throw new Error('cut');
      };
      const cut = store.put(bytes, never);

      // A look at what is there, 3 chunks, and the manifest: the sixth request is none of the upload's.
      if (last === 6) await cut;
      else await expect(cut).rejects.toThrow('cut');
      cluster.before = () => undefined;
      expect(await store.has(digestOf(bytes), never)).toBe(last === 6);
      expect(await store.put(bytes, never)).toBe(digestOf(bytes));
      expect(await store.has(digestOf(bytes), never)).toBe(true);
    },
  );

  it('that a cut upload left go an hour later, and not those of an upload that still runs', async () => {
    cluster.before = (operation, name) => {
      if (operation === 'create' && name.startsWith('syncline-bundle')) throw new Error('cut');
    };
    await expect(store.put(randomBytes(1_000_000), never)).rejects.toThrow('cut');
    cluster.before = () => undefined;

    now += HOUR - 1;
    await store.collect(0, never);
    expect(secrets('chunk')).toHaveLength(2);
    now += 1;
    await store.collect(0, never);
    expect(secrets('chunk')).toHaveLength(0);
  });

  it('are all removed with their bundle', async () => {
    await store.put(randomBytes(2_000_000), never);

    await store.collect(0, never);

    expect(cluster.objects()).toEqual([]);
  });

  it('are written once for bytes that are stored again', async () => {
    await store.put(Buffer.from('same'), never);
    const before = secrets('chunk').map((secret) => refOf(secret).name);
    await store.put(Buffer.from('same'), never);

    expect(secrets('chunk').map((secret) => refOf(secret).name)).toEqual(before);
  });

  it('of chunks are listed without their data', async () => {
    await store.put(Buffer.from('x'), never);
    const listed: KubernetesObject[] = [];
    const list = cluster.list.bind(cluster);
    cluster.list = async (query, signal) => {
      const found = await list(query, signal);
      if (query.labelSelector?.includes('chunk') === true) listed.push(...found);
      return found;
    };

    await store.collect(HOUR, never);

    expect(listed).toHaveLength(1);
    expect(objectAt(listed[0], 'data')).toBeUndefined();
  });

  it('can’t be written into a namespace that does not exist, and the failure says how to make it', async () => {
    const lost = kubernetesStore(cluster, 'nowhere');

    await expect(lost.put(Buffer.from('x'), never)).rejects.toMatchObject({
      type: 'NamespaceNotFound',
      message: expect.stringContaining('kubectl create namespace nowhere') as string,
    });
  });
});

describe('a bundle with a missing chunk', () => {
  it('is damaged, is not whole, and is mended by storing it again', async () => {
    const digest = await store.put(Buffer.from('x'), never);
    const { name } = refOf(secrets('chunk')[0]!);
    await cluster.delete(
      { apiVersion: 'v1', kind: 'Secret', namespace: 'syncline-system', name },
      { propagation: 'Background' },
      never,
    );

    expect(await store.has(digest, never)).toBe(false);
    await expect(store.get(digest, never)).rejects.toMatchObject({ type: 'BundleDigestMismatch' });
    await store.put(Buffer.from('x'), never);
    expect(Buffer.from(await store.get(digest, never)).toString()).toBe('x');
  });
});

describe('a bundle that is replaced while it is read', () => {
  it('is read from what replaced it', async () => {
    const digest = await store.put(Buffer.from('x'), never);
    const [chunk] = secrets('chunk');
    const replaceDuringRead = async (operation: string, name: string): Promise<void> => {
      if (operation !== 'get' || name !== refOf(chunk!).name) return;
      cluster.before = () => undefined;
      cluster.plant({ ...chunk, data: { content: '' } });
      await store.put(Buffer.from('x'), never);
    };
    cluster.before = replaceDuringRead;

    expect(Buffer.from(await store.get(digest, never)).toString()).toBe('x');
    expect(secrets('chunk').map((secret) => refOf(secret).name)).not.toContain(refOf(chunk!).name);
  });
});

describe('in whatever order the requests of several processes reach the API server', { timeout: 60_000 }, () => {
  it('a reference that was written protects, also during a collection without a grace period', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { shared, open, digest } = await prepared(scheduler);
        const referring = open().refer('r', [digest], never);
        const [referred] = await settled({ scheduler, shared }, [
          referring,
          open().collect(0, never),
          open().collect(0, never),
        ]);

        await expectProtected(open(), digest, referred!);
      }),
      { numRuns: 300 },
    );
  });

  it('a reference that is written again protects, while two others release the old one and collect', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { shared, open, digest } = await prepared(scheduler);
        shared.before = () => undefined;
        await open().refer('r', [digest], never);
        const listed = (await open().reference('r', never))!;
        shared.before = (operation, name) => scheduler.schedule(Promise.resolve(), `${operation} ${name}`);
        const release = async () => {
          const store = open();
          await store.releaseUnchanged(listed, never);
          await store.collect(0, never);
        };
        const [referred] = await settled({ scheduler, shared }, [
          open().refer('r', [digest], never),
          release(),
          release(),
        ]);

        await expectProtected(open(), digest, referred!);
      }),
      { numRuns: 300 },
    );
  });

  it('bytes that were stored again are there within the grace period', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { shared, open, digest } = await prepared(scheduler);
        now += HOUR;
        const puts = [open().put(Buffer.from('old'), never), open().put(Buffer.from('old'), never)];
        const results = await settled({ scheduler, shared }, [...puts, open().collect(HOUR, never)]);

        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
        expect(await open().get(digest, never)).toHaveLength(3);
      }),
      { numRuns: 300 },
    );
  });

  it('bytes that several store at once are read whole or not found, never damaged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { shared, open } = await prepared(scheduler);
        const bytes = Buffer.from('new');
        const puts = [open().put(bytes, never), open().put(bytes, never)];
        const gets = [open().get(digestOf(bytes), never), open().get(digestOf(bytes), never)];
        const results = await settled({ scheduler, shared }, [...puts, ...gets]);

        expect(results.slice(0, 2).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
        for (const result of results.slice(2)) {
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ type: 'BundleNotFound' });
        }
        expect(await open().has(digestOf(bytes), never)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** A cluster that holds `old`, unreferenced, and on which from now on the scheduler decides the order of requests. */
async function prepared(
  scheduler: fc.Scheduler,
): Promise<{ shared: MemoryCluster; open: () => BundleStore; digest: string }> {
  const shared = memoryCluster(['syncline-system']);
  const open = (): BundleStore => kubernetesStore(shared, 'syncline-system', () => now);
  const digest = await open().put(Buffer.from('old'), never);
  shared.before = (operation, name) => scheduler.schedule(Promise.resolve(), `${operation} ${name}`);
  return { shared, open, digest };
}

/** Lets the scheduler choose the order until all work is settled; requests after that take place at once. */
async function settled(
  { scheduler, shared }: { scheduler: fc.Scheduler; shared: MemoryCluster },
  work: readonly Promise<unknown>[],
): Promise<readonly PromiseSettledResult<unknown>[]> {
  const results = await scheduler.waitFor(Promise.allSettled(work));
  shared.before = () => undefined;
  return results;
}

/** What was referred to with success is there, also after one more collection; what was not was said to be missing. */
async function expectProtected(
  store: BundleStore,
  digest: string,
  referred: PromiseSettledResult<unknown>,
): Promise<void> {
  if (referred.status === 'rejected') {
    expect(referred.reason).toMatchObject({ type: 'BundleNotFound' });
    return;
  }
  await store.collect(0, never);
  expect(await store.get(digest, never)).toHaveLength(3);
}
