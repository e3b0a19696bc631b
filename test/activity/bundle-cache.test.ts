import { describe, expect, it } from 'vitest';
import { loadBundle, loadPlan } from '../../activities/bundle-cache.ts';
import { encodeBundle } from '../../core/manifests/bundle.ts';
import { memoryStore } from '../support/planned-sync.ts';

const signal = new AbortController().signal;

function secret(password: string): Uint8Array {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { password } };
  return new TextEncoder().encode(encodeBundle([{ object, location: { file: 'f', line: 1 } }]));
}

describe('the cache of bundles and plans', () => {
  it('reads a bundle once, and takes its secrets out of texts', async () => {
    const bundles = memoryStore();
    const digest = await bundles.put(secret('hunter2hunter2'), signal);
    const loaded = await loadBundle({ bundles }, digest, signal);
    expect(await loadBundle({ bundles }, digest, signal)).toBe(loaded);
    expect(bundles.reads).toEqual([digest]);
    expect(loaded.redact('it is hunter2hunter2')).toBe('it is [redacted]');
  });

  it('tells a plan from a bundle, and one store from another', async () => {
    const one = memoryStore();
    const other = memoryStore();
    const digest = await one.put(new TextEncoder().encode('{"version":1}'), signal);
    await other.put(new TextEncoder().encode('{"version":1}'), signal);
    expect(await loadPlan({ bundles: one }, digest, signal)).toEqual({ version: 1 });
    await loadPlan({ bundles: other }, digest, signal);
    expect([one.reads.length, other.reads.length]).toEqual([1, 1]);
  });

  it('forgets what was used least recently when it holds too much', async () => {
    const bundles = memoryStore();
    const large = 'x'.repeat(25 * 1024 * 1024);
    const plan = (name: string): Uint8Array => new TextEncoder().encode(JSON.stringify({ name, large }));
    const [one, two, three] = [
      await bundles.put(plan('one'), signal),
      await bundles.put(plan('two'), signal),
      await bundles.put(plan('three'), signal),
    ];
    for (const digest of [one, two, one, three, one, two]) await loadPlan({ bundles }, digest, signal);
    expect(bundles.reads).toEqual([one, two, three, two]);
  });

  it('does not keep a failure to read', async () => {
    const bundles = memoryStore();
    const bytes = secret('hunter2hunter2');
    const digest = await memoryStore().put(bytes, signal);
    await expect(loadBundle({ bundles }, digest, signal)).rejects.toThrow();
    await bundles.put(bytes, signal);
    await expect(loadBundle({ bundles }, digest, signal)).resolves.toHaveProperty('manifests.length', 1);
  });
});
