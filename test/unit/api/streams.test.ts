import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SyncHandle, WatchedEvent } from '../../../client/index.ts';
import { fakeClient, SHOP_RUN } from '../../fakes/syncline-client.ts';
import type { ApiLab } from './lab.ts';
import { openApiLab } from './lab.ts';

const STREAM = '/v1/clusters/prod/applications/shop/syncs/latest/stream';
const anEvent = (index: number): WatchedEvent => ({
  ...{ kind: 'warning', at: index, message: `warning ${String(index)}` },
  id: `${SHOP_RUN}.${String(index)}.0`,
});

/** A run whose events a test makes, and that counts how often it is read. */
class Script {
  readonly events: WatchedEvent[] = [];
  readings = 0;
  open = 0;
  private isOver = false;
  private wake = Promise.withResolvers<undefined>();

  tell(...events: readonly WatchedEvent[]): void {
    this.events.push(...events);
    this.more();
  }

  end(): void {
    this.isOver = true;
    this.more();
  }

  async *watch(signal: AbortSignal): AsyncGenerator<WatchedEvent> {
    this.readings += 1;
    this.open += 1;
    try {
      for (let at = 0; ; at += 1) {
        while (at >= this.events.length) {
          if (this.isOver) return;
          await Promise.race([this.wake.promise, aborted(signal)]);
          signal.throwIfAborted();
        }
        yield this.events[at]!;
      }
    } finally {
      this.open -= 1;
    }
  }

  private more(): void {
    this.wake.resolve(undefined);
    this.wake = Promise.withResolvers<undefined>();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** The most streams that one token may have open here. */
const MOST = 3;

let script: Script;
let lab: ApiLab;
let url: string;
beforeEach(async () => {
  script = new Script();
  const plain = fakeClient();
  const handle: typeof plain.handle = (application, options): SyncHandle => ({
    ...plain.handle(application, options),
    watch: ({ signal = new AbortController().signal } = {}) => script.watch(signal),
  });
  lab = await openApiLab({ client: { ...plain, handle }, streamsPerToken: MOST });
  await lab.server.http.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${String((lab.server.http.server.address() as AddressInfo).port)}${STREAM}`;
});
afterEach(() => lab.server.stop());

interface Follower {
  /** The texts of IDs and kinds of the next events. */
  next(count: number): Promise<readonly string[]>;
  /** All until the stream ends. */
  rest(): Promise<readonly string[]>;
  leave(): void;
  readonly status: number;
}

async function follow(lastEventId?: string, token = lab.token(['viewer'])): Promise<Follower> {
  const leaving = new AbortController();
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  const answer = await fetch(url, { headers, signal: leaving.signal });
  const reader = (answer.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const take = (): readonly string[] =>
    [...text.matchAll(/id: (.*)\nevent: (.*)\ndata: (.*)\n\n/g)].map(
      ([, id = '', kind = '']) => `${kind} ${id.split('.').slice(1).join('.')}`,
    );
  let taken = 0;
  const until = async (isEnough: (found: number) => boolean): Promise<readonly string[]> => {
    while (!isEnough(take().length - taken)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    const found = take().slice(taken);
    taken += found.length;
    return found;
  };
  return {
    next: (count) => until((found) => found >= count),
    rest: () => until(() => false),
    leave: () => leaving.abort(),
    status: answer.status,
  };
}

describe('a stream of events', () => {
  test('tells what was and what comes, each with its ID, and ends with the sync', async () => {
    script.tell(anEvent(1), anEvent(2));
    const follower = await follow();
    expect(await follower.next(2)).toEqual(['warning 1.0', 'warning 2.0']);
    script.tell(anEvent(3));
    script.end();
    expect(await follower.rest()).toEqual(['warning 3.0']);
  });

  test('goes on after the last event that was seen, also one that came meanwhile', async () => {
    script.tell(anEvent(1), anEvent(2));
    const first = await follow();
    await first.next(2);
    first.leave();
    script.tell(anEvent(3), anEvent(4));
    const again = await follow(`${SHOP_RUN}.2.0`);
    expect(await again.next(2)).toEqual(['warning 3.0', 'warning 4.0']);
    again.leave();
  });

  test.each([`${SHOP_RUN.replace('a001', 'b002')}.9.0`, 'nonsense', ''])(
    'begins anew for the ID %j, which is not of this run',
    async (id) => {
      script.tell(anEvent(1));
      const follower = await follow(id);
      expect(await follower.next(1)).toEqual(['warning 1.0']);
      follower.leave();
    },
  );

  test('is not begun again for who has seen the end', async () => {
    expect((await follow(`${SHOP_RUN}.ended`)).status).toBe(204);
    expect(script.readings).toBe(0);
  });

  test('says of what workers tell where the follower stands, so that whoever comes back after it is told nothing twice', async () => {
    const progress = { kind: 'progress', progress: { kind: 'batch', done: 1, total: 2 } } as const;
    // Another server has just begun to read the run, and a worker speaks before its timeline is there.
    script.tell(anEvent(1), { ...progress, id: `${SHOP_RUN}.1.0` });
    const follower = await follow(`${SHOP_RUN}.2.0`);
    expect(await follower.next(1)).toEqual(['progress 2.0']);
    script.tell(anEvent(2), anEvent(3), { ...progress, id: `${SHOP_RUN}.9.0` });
    expect(await follower.next(2)).toEqual(['warning 3.0', 'progress 3.0']);
    follower.leave();
  });

  test('is read once for all who follow, and no longer than somebody does', async () => {
    script.tell(anEvent(1));
    const followers = await Promise.all(Array.from({ length: 20 }, () => follow()));
    for (const follower of followers) expect(await follower.next(1)).toEqual(['warning 1.0']);
    expect(script.readings).toBe(1);
    script.tell(anEvent(2));
    for (const follower of followers) expect(await follower.next(1)).toEqual(['warning 2.0']);
    for (const follower of followers) follower.leave();
    await expect.poll(() => script.open).toBe(0);
    const late = await follow();
    expect(await late.next(2)).toEqual(['warning 1.0', 'warning 2.0']);
    expect(script.readings).toBe(2);
    late.leave();
  });

  test('tells who does not keep pace all of the timeline, and of the progress the newest', async () => {
    const slow = await follow();
    const progress = (done: number): WatchedEvent => ({
      ...{ kind: 'progress', progress: { kind: 'batch', done, total: 9 } },
      id: `${SHOP_RUN}.0.0`,
    });
    script.tell(
      ...Array.from({ length: 9 }, (_, done) => progress(done)),
      ...Array.from({ length: 5_000 }, (_, at) => anEvent(at + 1)),
    );
    script.end();
    const told = await slow.rest();
    expect(told.filter((each) => each.startsWith('warning'))).toEqual(
      Array.from({ length: 5_000 }, (_, at) => `warning ${String(at + 1)}.0`),
    );
  });

  test('is refused to a token that has as many open as one may have, until one of them ends', async () => {
    script.tell(anEvent(1));
    const token = lab.token(['viewer']);
    const followers = await Promise.all(Array.from({ length: MOST }, () => follow(undefined, token)));
    for (const follower of followers) await follower.next(1);
    expect((await follow(undefined, token)).status).toBe(429);
    const other = await follow();
    expect(other.status).toBe(200);
    followers[0]?.leave();
    const statusOfAnother = async () => {
      const another = await follow(undefined, token);
      another.leave();
      return another.status;
    };
    await expect.poll(statusOfAnother).toBe(200);
    for (const follower of [...followers, other]) follower.leave();
  });

  test('ends when the server stops, so that its client goes elsewhere', async () => {
    script.tell(anEvent(1));
    const follower = await follow();
    await follower.next(1);
    const stopped = lab.server.stop();
    expect(await follower.rest()).toEqual([]);
    await stopped;
    await expect.poll(() => script.open).toBe(0);
  });

  test('of a sync that can’t be read any more breaks off, without taking the server with it', async () => {
    script.watch = async function* () {
      yield anEvent(1);
      throw new Error('Temporal is gone');
    };
    const follower = await follow();
    expect(await follower.rest()).toEqual(['warning 1.0']);
    expect((await lab.send({ url: '/healthz' }, null)).statusCode).toBe(200);
  });
});
