import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../activities/concurrency.ts';

const signal = new AbortController().signal;

describe('mapping concurrently', () => {
  it('keeps the order of items and never has more calls under way than allowed', async () => {
    let running = 0;
    let most = 0;
    const answers = await mapConcurrently([...Array(50).keys()], 4, signal, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      return item * 2;
    });
    expect(answers).toEqual([...Array(50).keys()].map((item) => item * 2));
    expect(most).toBe(4);
  });

  it('begins nothing after a rejection, and rejects once what was under way has ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const slow = Promise.withResolvers<undefined>();
    const mapping = mapConcurrently([0, 1, 2, 3], 2, signal, async (item) => {
      begun.push(item);
      if (item === 0) throw new Error('first');
      await slow.promise;
      ended.push(item);
    });
    queueMicrotask(() => slow.resolve(undefined));
    await expect(mapping).rejects.toThrow('first');
    expect({ begun, ended }).toEqual({ begun: [0, 1], ended: [1] });
  });

  it('begins nothing once it is aborted', async () => {
    const controller = new AbortController();
    const begun: number[] = [];
    const mapping = mapConcurrently([0, 1, 2], 1, controller.signal, async (item) => {
      begun.push(item);
      controller.abort(new Error('enough'));
    });
    await expect(mapping).rejects.toThrow('enough');
    expect(begun).toEqual([0]);
  });

  it('maps nothing to nothing', async () => {
    expect(await mapConcurrently([], 4, signal, async () => 1)).toEqual([]);
  });
});
