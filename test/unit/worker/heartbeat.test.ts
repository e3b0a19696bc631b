import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ActivityRuntime } from '../../../activities/runtime.ts';
import type { Progress } from '../../../core/sync/progress.ts';
import { heartbeats } from '../../../worker/heartbeat.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const batch = (done: number): Progress => ({ kind: 'batch', done, total: 100 });
const hook = (state: string): Progress => ({ kind: 'hook', id: 'h', uid: 'u', attempt: 1, since: 0, state });

interface Running {
  readonly said: (readonly [seconds: number, progress: Progress])[];
  readonly beat: (progress: Progress) => void;
  readonly end: () => Promise<void>;
}

function start(heartbeating: ReturnType<typeof heartbeats>): Running {
  const said: (readonly [number, Progress])[] = [];
  const runtime: ActivityRuntime = {
    now: Date.now,
    heartbeat: (progress: Progress) => said.push([Date.now() / 1000, progress]),
    signal: new AbortController().signal,
  } as unknown as ActivityRuntime;
  let beat: (progress: Progress) => void = () => undefined;
  let end: () => void = () => undefined;
  const running = heartbeating(runtime, (beating) => {
    beat = (progress) => beating.heartbeat(progress);
    return new Promise<void>((resolve) => (end = resolve));
  });
  return {
    said,
    beat: (progress) => beat(progress),
    end: () => {
      end();
      return running;
    },
  };
}

describe('heartbeats', () => {
  it('say what is new at once, repeat it every 2 s, and end with the activity', async () => {
    const { said, beat, end } = start(heartbeats());
    beat(hook('Pending'));
    await vi.advanceTimersByTimeAsync(2_500);
    beat(hook('Pending'));
    beat(hook('Running'));
    await vi.advanceTimersByTimeAsync(2_000);
    await end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(said).toEqual([
      [0, hook('Pending')],
      [2, hook('Pending')],
      [2.5, hook('Running')],
      [4.5, hook('Running')],
    ]);
  });

  it('of a batch are said four times a second at most, the last one soon after', async () => {
    const { said, beat, end } = start(heartbeats());
    for (let done = 0; done < 100; done += 1) {
      beat(batch(done));
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(2_000);
    await end();
    expect(said).toEqual([
      [0, batch(0)],
      [0.25, batch(25)],
      [0.5, batch(50)],
      [0.75, batch(75)],
      [2.75, batch(99)],
    ]);
  });

  it.each([
    [1, 2],
    [200, 2],
    [400, 4],
    [600, 6],
    [5_000, 6],
  ])('of %i activities that wait are repeated every %i s', async (count, seconds) => {
    const heartbeating = heartbeats();
    const all = Array.from({ length: count }, () => start(heartbeating));
    all[0]!.beat(hook('Running'));
    // The first pause of the earliest may be shorter: fewer ran then.
    await vi.advanceTimersByTimeAsync(30_000);
    const times = all[0]!.said.map(([at]) => at);
    expect(times.slice(2).map((at, index) => at - times[index + 1]!)).toEqual(
      Array.from({ length: times.length - 2 }, () => seconds),
    );
    await Promise.all(all.map((each) => each.end()));
  });
});
