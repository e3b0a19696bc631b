import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BundleStore } from '../../bundles/bundle-store.ts';

/** A store for one test, over nothing stored. Several opened in one test share what is stored, as processes do. */
export interface StoreUnderTest {
  open(now: () => number): BundleStore;
  /** Spoils what is stored under a digest. */
  damage(digest: string): Promise<void>;
}

/** How much a driver can be asked for in reasonable time. */
export interface ContractSize {
  /** Runs of each property. */
  readonly runs: number;
}

const never = new AbortController().signal;
const HOUR = 3_600_000;
/** Properties and 20 MB take their time on a machine that is busy. */
const PATIENCE = { timeout: 60_000 };
const UNKNOWN = `sha256:${'0'.repeat(64)}`;

/** Says what every driver of the bundle store must do. */
export function describeBundleStore(
  driver: string,
  fresh: () => Promise<StoreUnderTest>,
  { runs }: ContractSize,
): void {
  let under: StoreUnderTest;
  let store: BundleStore;
  let now: number;
  const later = (ms: number): number => (now += ms);
  const names = async (prefix: string) => (await store.references(prefix, never)).map((each) => each.name);
  const text = (value: string): Uint8Array => Buffer.from(value);

  beforeEach(async () => {
    now = 1_800_000_000_000;
    under = await fresh();
    store = under.open(() => now);
  });

  describe(`a ${driver} store`, PATIENCE, () => {
    it('names bytes by their SHA-256 and gives them back', async () => {
      const digest = await store.put(text('hello'), never);

      expect(digest).toBe('sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
      expect(Buffer.from(await store.get(digest, never)).toString()).toBe('hello');
      expect(await store.has(digest, never)).toBe(true);
    });

    it('stores no bytes at all as well', async () => {
      expect(await store.get(await store.put(new Uint8Array(), never), never)).toHaveLength(0);
    });

    it('stores 20 MB that don’t compress', async () => {
      const bytes = randomBytes(20_000_000);

      const digest = await store.put(bytes, never);

      expect(Buffer.compare(await store.get(digest, never), bytes)).toBe(0);
      expect(await store.has(digest, never)).toBe(true);
    });

    it('keeps one entry of bytes that are stored twice', async () => {
      await store.put(text('same'), never);
      await store.put(text('same'), never);

      expect(await store.collect(0, never)).toBe(1);
      expect(await store.collect(0, never)).toBe(0);
    });

    it('says BundleNotFound of what it does not hold, and of what is no digest', async () => {
      await expect(store.get(UNKNOWN, never)).rejects.toMatchObject({ type: 'BundleNotFound' });
      await expect(store.get('sha256:../../etc/passwd', never)).rejects.toMatchObject({ type: 'BundleNotFound' });
      expect(await store.has(UNKNOWN, never)).toBe(false);
    });

    it('says BundleDigestMismatch of what is damaged, until it is stored again', async () => {
      const digest = await store.put(text('precious'), never);
      await under.damage(digest);
      await expect(store.get(digest, never)).rejects.toMatchObject({ type: 'BundleDigestMismatch' });

      await store.put(text('precious'), never);

      expect(Buffer.from(await store.get(digest, never)).toString()).toBe('precious');
    });

    it('is seen by whoever opens it next', async () => {
      const digest = await store.put(text('shared'), never);
      await store.refer('sync/a', [digest], never);

      const other = under.open(() => now);

      expect(await other.has(digest, never)).toBe(true);
      expect(await other.reference('sync/a', never)).toMatchObject({ digests: [digest] });
    });

    it('stops when its signal is aborted', async () => {
      const digest = await store.put(text('a'), never);
      const aborted = AbortSignal.abort(new Error('enough'));

      await expect(store.put(text('b'), aborted)).rejects.toThrow('enough');
      await expect(store.get(digest, aborted)).rejects.toThrow('enough');
      await expect(store.refer('r', [digest], aborted)).rejects.toThrow('enough');
      expect(await store.references('', never)).toEqual([]);
    });
  });

  describe(`references of a ${driver} store`, () => {
    it('are listed by prefix, moved and released', async () => {
      const [a, b] = [await store.put(text('a'), never), await store.put(text('b'), never)];
      await store.refer('sync/prod/shop/1', [a], never);
      await store.refer('sync/prod/shop/2', [a, b], never);
      await store.refer('sync/prod/shop-eu/1', [b], never);

      expect(await names('sync/prod/shop/')).toEqual(['sync/prod/shop/1', 'sync/prod/shop/2']);
      await store.refer('sync/prod/shop/1', [b], never);
      expect(await store.reference('sync/prod/shop/1', never)).toMatchObject({ digests: [b] });
      await store.release('sync/prod/shop/1', never);
      await store.release('sync/prod/shop/1', never);
      expect(await store.reference('sync/prod/shop/1', never)).toBeUndefined();
      expect(await names('')).toEqual(['sync/prod/shop-eu/1', 'sync/prod/shop/2']);
    });

    it('may have any name', async () => {
      const digest = await store.put(text('a'), never);
      const name = `sync/Ünïcode ../%2F/${'x'.repeat(300)}`;

      await store.refer(name, [digest], never);

      expect(await names('sync/Ü')).toEqual([name]);
    });

    it('say when they were written and, of an owned store, by whom', async () => {
      await store.refer('a', [], never);
      later(HOUR);
      await store.ownedBy('temporal-1').refer('b', [], never);

      expect(await store.references('', never)).toMatchObject([
        { name: 'a', writtenAt: now - HOUR },
        { name: 'b', writtenAt: now, owner: 'temporal-1' },
      ]);
      expect(await store.reference('a', never)).not.toHaveProperty('owner');
    });

    it('that were listed are released, unless they were written again meanwhile', async () => {
      const digest = await store.put(text('a'), never);
      await store.refer('again', [digest], never);
      await store.refer('left', [digest], never);
      const [again, left] = await store.references('', never);
      await store.refer('again', [digest], never);

      expect(await store.releaseUnchanged(again!, never)).toBe(false);
      expect(await store.releaseUnchanged(left!, never)).toBe(true);
      expect(await store.releaseUnchanged(left!, never)).toBe(false);

      expect(await names('')).toEqual(['again']);
    });

    it('to what is not stored are refused', async () => {
      await expect(store.refer('r', [UNKNOWN], never)).rejects.toMatchObject({ type: 'BundleNotFound' });
      expect(await store.references('', never)).toEqual([]);
    });
  });

  describe(`a collection of a ${driver} store`, PATIENCE, () => {
    it('removes what no reference names once the grace period is over', async () => {
      const [kept, dropped] = [await store.put(text('kept'), never), await store.put(text('dropped'), never)];
      await store.refer('r', [kept], never);

      expect([later(HOUR - 1), await store.collect(HOUR, never)][1]).toBe(0);
      expect([later(1), await store.collect(HOUR, never)][1]).toBe(1);

      expect(await store.has(dropped, never)).toBe(false);
      expect(await store.has(kept, never)).toBe(true);
    });

    it('counts the grace period from when the same bytes were last stored', async () => {
      const digest = await store.put(text('again'), never);
      later(HOUR);
      await store.put(text('again'), never);
      later(HOUR - 1);

      expect(await store.collect(HOUR, never)).toBe(0);
      expect(await store.has(digest, never)).toBe(true);
    });

    it('removes what was referred to once the reference is released or moved away', async () => {
      const [a, b] = [await store.put(text('a'), never), await store.put(text('b'), never)];
      await store.refer('moved', [a], never);
      await store.refer('released', [b], never);
      await store.refer('moved', [], never);
      await store.release('released', never);
      later(HOUR);

      expect(await store.collect(HOUR, never)).toBe(2);
    });

    it('keeps what is referred to, whatever happened before', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), (steps) => keepsWhatIsReferred(steps)),
        {
          numRuns: runs,
        },
      );
    });

    it('keeps what is referred to again while the old reference is being released', async () => {
      const others = [under.open(() => now), under.open(() => now), under.open(() => now)];
      for (let round = 0; round < 10; round += 1) {
        const digest = await store.put(text(`round ${String(round)}`), never);
        await store.refer('r', [digest], never);
        later(HOUR);
        const listed = (await store.reference('r', never))!;
        const [referred] = await Promise.allSettled([
          others[0]!.refer('r', [digest], never),
          others[1]!.releaseUnchanged(listed, never).then(() => others[1]!.collect(HOUR, never)),
          others[2]!.releaseUnchanged(listed, never).then(() => others[2]!.collect(HOUR, never)),
        ]);

        if (referred.status === 'rejected') expect(referred.reason).toMatchObject({ type: 'BundleNotFound' });
        else expect(await store.has(digest, never)).toBe(true);
      }
    });

    async function keepsWhatIsReferred(steps: readonly Step[]): Promise<void> {
      const fresher = await fresh();
      const opened = fresher.open(() => now);
      const model = { stored: new Map<string, number>(), references: new Map<string, readonly string[]>() };
      for (const step of steps) {
        later(MINUTE);
        await take(opened, model, step, now);
      }
      for (const digests of model.references.values()) {
        for (const digest of digests) expect(model.stored.get(digest)).toBe((await opened.get(digest, never))[0]);
      }
    }

    it('keeps a reference that is written, or bytes that are stored, by another process at the same time', async () => {
      const others = [under.open(() => now), under.open(() => now), under.open(() => now)];
      for (let round = 0; round < 10; round += 1) {
        const bytes = text(`round ${String(round)}`);
        const digest = await store.put(bytes, never);
        later(HOUR);
        const [referred, stored] = await Promise.allSettled([
          others[0]!.refer('late', [digest], never),
          others[1]!.put(bytes, never),
          others[2]!.collect(HOUR, never),
          store.collect(HOUR, never),
        ]);

        expect(stored).toMatchObject({ status: 'fulfilled' });
        if (referred.status === 'rejected') expect(referred.reason).toMatchObject({ type: 'BundleNotFound' });
        expect(Buffer.from(await store.get(digest, never))).toEqual(bytes);
      }
    });
  });
}

const MINUTE = 60_000;

type Step =
  | { readonly do: 'put'; readonly content: number }
  | { readonly do: 'refer'; readonly name: string; readonly contents: readonly number[] }
  | { readonly do: 'release'; readonly name: string }
  | { readonly do: 'collect'; readonly graceMs: number };

const content = fc.nat({ max: 5 });
const name = fc.constantFrom('a', 'a/b', 'c');
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), content }),
  fc.record({ do: fc.constant('refer' as const), name, contents: fc.uniqueArray(content, { maxLength: 3 }) }),
  fc.record({ do: fc.constant('release' as const), name }),
  fc.record({ do: fc.constant('collect' as const), graceMs: fc.constantFrom(0, 3 * MINUTE) }),
);

interface Model {
  readonly stored: Map<string, number>;
  readonly references: Map<string, readonly string[]>;
}

async function take(store: BundleStore, model: Model, step: Step, now: number): Promise<void> {
  switch (step.do) {
    case 'put':
      model.stored.set(await store.put(Uint8Array.of(step.content), never), step.content);
      return;
    case 'refer': {
      const digests = [...model.stored].filter(([, value]) => step.contents.includes(value)).map(([digest]) => digest);
      const there = await Promise.all(digests.map((digest) => store.has(digest, never)));
      const present = digests.filter((_, index) => there[index]);
      await store.refer(step.name, present, never);
      model.references.set(step.name, present);
      return;
    }
    case 'release':
      await store.release(step.name, never);
      model.references.delete(step.name);
      return;
    case 'collect': {
      const removed = await store.collect(step.graceMs, never);
      expect(removed, `at ${String(now)}`).toBeLessThanOrEqual(model.stored.size);
      return;
    }
  }
}
