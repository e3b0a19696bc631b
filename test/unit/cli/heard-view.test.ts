import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SyncView } from '../../../client/following/view.ts';
import { heardView } from '../../../cli/heard-view.ts';
import { aView } from './sync-views.ts';

const answered = aView([]);
const unanswered: SyncView = { ...answered, stale: true };
const aWorker = { identity: 'w', lastSeenAt: 0 };
const signal = new AbortController().signal;

/** How long a look takes at a worker that does not answer, ms. */
const LOOK_MS = 4_000;

/** What is heard of a sync that looks so at each look (the last one for ever), with these workers, and how often it was looked at. */
async function hear(looks: readonly SyncView[], workers: readonly (typeof aWorker)[]) {
  let looked = 0;
  const status = () => {
    const view = looks[Math.min(looked++, looks.length - 1)] ?? unanswered;
    if (view.stale) vi.setSystemTime(Date.now() + LOOK_MS);
    return Promise.resolve(view);
  };
  const heard = await heardView({ workers: () => Promise.resolve(workers) }, { status }, signal);
  return { stale: heard.stale, looked };
}

describe('a command that decides by a view', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0, toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    ['looks once where a worker answers', [answered], [aWorker], { stale: false, looked: 1 }],
    [
      'looks until a busy worker has answered',
      [unanswered, unanswered, answered],
      [aWorker],
      { stale: false, looked: 3 },
    ],
    ['does not wait where no worker polls', [unanswered], [], { stale: true, looked: 1 }],
    ['gives up a worker that has not answered for 15 s', [unanswered], [aWorker], { stale: true, looked: 4 }],
  ])('%s', async (_, looks, workers, expected) => {
    expect(await hear(looks, workers)).toEqual(expected);
  });
});
