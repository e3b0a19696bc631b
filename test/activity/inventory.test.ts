import { describe, expect, it } from 'vitest';
import type { InventoryEntry } from '../../activities/inventory/inventory.ts';
import { announceInventory, readInventory, writeInventory } from '../../activities/inventory/inventory.ts';
import { memoryCluster } from '../fakes/memory-cluster.ts';

const owner = { application: 'shop', namespace: 'ns' };
const signal = new AbortController().signal;
const entry = (name: string, uid?: string): InventoryEntry => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'ns',
  name,
  ...(uid === undefined ? {} : { uid }),
});

/** A cluster that lists the writes it is asked for. */
function recordingCluster() {
  const cluster = memoryCluster(['ns']);
  const writes: string[] = [];
  cluster.before = (operation) => {
    if (operation !== 'get') writes.push(operation);
  };
  return { cluster, writes };
}

describe('the inventory of an application', () => {
  it('is empty where there is none', async () => {
    expect(await readInventory(memoryCluster(['ns']), owner, signal)).toEqual([]);
  });

  it('keeps what it knew when more is announced, UIDs included', async () => {
    const { cluster } = recordingCluster();
    await writeInventory(cluster, owner, [entry('a', 'u1')], signal);
    await announceInventory(cluster, owner, [entry('a'), entry('b')], signal);
    expect(await readInventory(cluster, owner, signal)).toEqual([entry('a', 'u1'), entry('b')]);
  });

  it('knows an object also under another version of its API', async () => {
    const { cluster, writes } = recordingCluster();
    const hpa = { ...entry('a'), apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler' };
    await announceInventory(cluster, owner, [hpa], signal);
    await announceInventory(cluster, owner, [{ ...hpa, apiVersion: 'autoscaling/v2' }], signal);
    expect(writes).toEqual(['create']);
  });

  it('is written neither when nothing new is announced nor when it says the same in another order', async () => {
    const { cluster, writes } = recordingCluster();
    await announceInventory(cluster, owner, [entry('a'), entry('b')], signal);
    await announceInventory(cluster, owner, [entry('b')], signal);
    await writeInventory(cluster, owner, [entry('b'), entry('a')], signal);
    expect(writes).toEqual(['create']);
  });

  it('loses no entry when two announce at once', async () => {
    const { cluster, writes } = recordingCluster();
    await announceInventory(cluster, owner, [entry('a')], signal);
    await Promise.all([
      announceInventory(cluster, owner, [entry('b')], signal),
      announceInventory(cluster, owner, [entry('c')], signal),
    ]);
    expect((await readInventory(cluster, owner, signal)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(writes.length).toBeGreaterThan(3);
  });

  it('is labelled as what it is, compressed, and no larger than a ConfigMap may be for 10,000 objects', async () => {
    const { cluster } = recordingCluster();
    const entries = Array.from({ length: 10_000 }, (_, index) => entry(`object-${index}`, crypto.randomUUID()));
    await writeInventory(cluster, owner, entries, signal);
    const [stored] = cluster.objects();
    expect(stored).toMatchObject({
      metadata: { name: 'syncline.shop.inventory', labels: { 'syncline.dev/role': 'inventory' } },
    });
    expect(JSON.stringify(stored).length).toBeLessThan(1024 * 1024);
  });

  it('that can not be read is an error that names it and says what helps', async () => {
    const { cluster } = recordingCluster();
    cluster.plant({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'syncline.shop.inventory', namespace: 'ns' },
      binaryData: { inventory: 'bm90IGd6aXA=' },
    });
    await expect(readInventory(cluster, owner, signal)).rejects.toMatchObject({
      type: 'InvalidRequest',
      failures: [
        { object: 'ConfigMap ns/syncline.shop.inventory', remedy: expect.stringContaining('delete it') as string },
      ],
    });
  });
});
