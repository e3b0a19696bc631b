import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JudgedReference, KnownRun, RetentionFacts, Verdict } from '../../../core/retention/judgement.ts';
import { judgeReferences } from '../../../core/retention/judgement.ts';
import { placeOf } from '../../../core/retention/references.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_800_000_000_000;
const KEEP = { keepForMs: 30 * DAY, keepSyncs: 2 };

const aReference = (name: string, overrides: Partial<JudgedReference> = {}): JudgedReference => ({
  name,
  digests: ['sha256:b1'],
  writtenAt: NOW - 2 * HOUR,
  owner: 'us',
  ...overrides,
});

const aRun = (syncId: string, overrides: Partial<KnownRun> = {}): KnownRun => ({
  syncId,
  state: 'succeeded',
  startedAt: NOW - 3 * HOUR,
  endedAt: NOW - 2 * HOUR,
  ...overrides,
});

const facts = (overrides: Partial<RetentionFacts> = {}): RetentionFacts => ({
  now: NOW,
  owner: 'us',
  bundlesNamed: () => new Set(),
  runsOf: () => [],
  ...overrides,
});

function verdictOn(reference: JudgedReference, known: RetentionFacts): Verdict {
  return judgeReferences([reference], KEEP, known).get(reference)!;
}

/** A later sync, so that another one is not the latest. */
const LATER = aRun('s9', { startedAt: NOW - HOUR });

describe('the reference of a sync', () => {
  const runs = (...known: readonly KnownRun[]) => facts({ runsOf: () => [...known, LATER] });
  const s1 = 'sync/prod/shop/s1';

  it.each<[string, JudgedReference, RetentionFacts, string]>([
    ['runs, or holds', aReference(s1), runs(aRun('s1', { state: 'open' })), 'its sync runs'],
    ['is resumed', aReference(s1), runs(aRun('s1', { state: 'unsuccessful' }), aRun('s1', { state: 'open' })), 'runs'],
    ['failed a while ago', aReference(s1), runs(aRun('s1', { state: 'unsuccessful' })), 'may be resumed'],
    ['is the latest', aReference(s1), facts({ runsOf: () => [aRun('s1')] }), 'the latest sync'],
    ['was written just now', aReference(s1, { writtenAt: NOW - HOUR + 1 }), facts(), 'less than an hour ago'],
    ['another Temporal wrote', aReference(s1, { owner: 'them' }), runs(aRun('s1')), 'another Temporal'],
    ['nobody signed, and Temporal does not know', unsigned(s1), runs(), 'nobody knows whose'],
    ['waits in a queue', aReference(s1, { writtenAt: NOW - 29 * DAY }), runs(), 'Temporal does not know its sync'],
    [
      'the record names',
      aReference(s1, { digests: ['sha256:b1', 'sha256:p'] }),
      facts({ bundlesNamed: () => new Set(['sha256:b1']) }),
      "the application's record names it",
    ],
    [
      'belongs to a cluster that can’t be read',
      aReference(s1),
      facts({ bundlesNamed: () => undefined }),
      "records of cluster prod can't be read",
    ],
  ])('stays where it %s', (_, reference, known, why) => {
    expect(verdictOn(reference, known)).toEqual({ kind: 'keep', why: expect.stringContaining(why) as string });
  });

  it.each<[string, JudgedReference, RetentionFacts]>([
    ['succeeded and is not the latest', aReference(s1), runs(aRun('s1'))],
    ['succeeded, whoever wrote the reference', unsigned(s1), runs(aRun('s1'))],
    ['failed so long ago that nobody resumes it', aReference(s1), runs(longAgo('s1'))],
    ['is forgotten by Temporal', aReference(s1, { writtenAt: NOW - 30 * DAY }), runs()],
  ])('goes where it %s', (_, reference, known) => {
    expect(verdictOn(reference, known).kind).toBe('release');
  });

  it('stays for as long as its application has a line of requests, also where Temporal does not know it', () => {
    const old = aReference(s1, { writtenAt: NOW - 90 * DAY });
    const line = (state: KnownRun['state']) =>
      facts({ runsOf: (id) => (id === 'queue/prod/shop' ? [aRun('', { state })] : [LATER]) });
    expect(verdictOn(old, line('open')).kind).toBe('keep');
    expect(verdictOn(old, line('succeeded')).kind).toBe('release');
  });

  it('of its plan follows it', () => {
    const plan = aReference('sync/prod/shop/s1/0123abcd');
    expect(verdictOn(plan, runs(aRun('s1', { state: 'open' }))).kind).toBe('keep');
    expect(verdictOn(plan, runs(aRun('s1'))).kind).toBe('release');
  });

  it('is not judged before Temporal was asked', () => {
    const known = facts({ runsOf: () => undefined });
    expect(verdictOn(aReference(s1), known)).toEqual({ kind: 'ask', workflowId: 'sync/prod/shop' });
  });
});

function unsigned(name: string): JudgedReference {
  const { owner: _, ...reference } = aReference(name);
  return reference;
}

function longAgo(syncId: string): KnownRun {
  return aRun(syncId, { state: 'unsuccessful', startedAt: NOW - 40 * DAY, endedAt: NOW - 31 * DAY });
}

describe('the reference of a dry run', () => {
  const name = 'dry-run/prod/shop/s1';

  it('is asked for under the dry run’s own workflow', () => {
    const known = facts({ runsOf: () => undefined });
    expect(verdictOn(aReference(name), known)).toEqual({ kind: 'ask', workflowId: 'dry-run/prod/shop/s1' });
  });

  it('stays while the dry run is under way, and goes afterwards', () => {
    const runsOf = () => [aRun('s1', { state: 'open' })];
    expect(verdictOn(aReference(name), facts({ runsOf })).kind).toBe('keep');
    expect(verdictOn(aReference(name), facts({ runsOf: () => [aRun('s1')] })).kind).toBe('release');
    expect(verdictOn(aReference(name), facts()).kind).toBe('release');
  });
});

describe('the reference of evidence', () => {
  const evidence = (syncId: string, daysAgo: number) =>
    aReference(`evidence/prod/shop/${syncId}/uid.1`, { writtenAt: NOW - daysAgo * DAY });
  const judged = (references: readonly JudgedReference[], known = facts({ runsOf: () => [LATER] })) =>
    [...judgeReferences(references, KEEP, known).values()].map(({ kind }) => kind);

  it('stays for its time, although Temporal has forgotten the sync', () => {
    expect(judged([evidence('s1', 29)])).toEqual(['keep']);
  });

  it('of the newest syncs of each application stays longer', () => {
    const others = aReference('evidence/prod/shop-eu/s1/uid.1', { writtenAt: NOW - 90 * DAY });
    expect(judged([evidence('s1', 80), evidence('s2', 70), evidence('s3', 60), others])).toEqual([
      'release',
      'keep',
      'keep',
      'keep',
    ]);
  });

  it('of all hooks of a sync counts as that of one sync', () => {
    const second = aReference('evidence/prod/shop/s2/other.1', { writtenAt: NOW - 70 * DAY });
    expect(judged([evidence('s1', 80), evidence('s2', 70), second])).toEqual(['keep', 'keep', 'keep']);
  });

  it('stays while its sync runs or may be resumed', () => {
    const old = [evidence('s1', 80), evidence('s2', 50), evidence('s3', 40)];
    const running = facts({ runsOf: () => [aRun('s1', { state: 'open' }), LATER] });
    const resumable = facts({ runsOf: () => [aRun('s1', { state: 'unsuccessful' }), LATER] });
    expect(judged(old, running)[0]).toBe('keep');
    expect(judged(old, resumable)[0]).toBe('keep');
    expect(judged(old)[0]).toBe('release');
  });
});

describe('the references of an application', () => {
  it('stay while the record names their bundle', () => {
    const reference = aReference('application/prod/shop/b1', { writtenAt: NOW - 90 * DAY });
    const named = facts({ bundlesNamed: () => new Set(['sha256:b1']) });
    expect(verdictOn(reference, named).kind).toBe('keep');
    expect(verdictOn(reference, facts()).kind).toBe('release');
  });

  it('stay where the record can’t be read, or their writer is unknown', () => {
    expect(verdictOn(aReference('application/prod/shop/b1'), facts({ bundlesNamed: () => undefined })).kind).toBe(
      'keep',
    );
    expect(verdictOn(unsigned('application/prod/shop/b1'), facts()).kind).toBe('keep');
  });
});

describe('a reference of an unknown kind', () => {
  it.each(['history/prod/shop/s1', 'sync/prod', "sync/prod/sh'op/s1", 'anything'])('stays: %s', (name) => {
    expect(verdictOn(aReference(name, { writtenAt: 0 }), facts()).kind).toBe('keep');
  });
});

describe('whatever the store holds and Temporal says', () => {
  const syncId = fc.constantFrom('s1', 's2', 's3');
  const ageMs = fc.integer({ min: 0, max: 100 }).map((days) => days * DAY);
  const reference = fc
    .record({
      kind: fc.constantFrom('sync', 'evidence', 'dry-run', 'application', 'history', 'collected'),
      syncId,
      ageMs,
      owner: fc.constantFrom('us', 'them', undefined),
      digests: fc.uniqueArray(fc.constantFrom('sha256:b1', 'sha256:b2', 'sha256:b3')),
    })
    .map(({ kind, owner, ...rest }): JudgedReference => ({
      name: `${kind}/prod/shop/${rest.syncId}`,
      digests: rest.digests,
      writtenAt: NOW - rest.ageMs,
      ...(owner === undefined ? {} : { owner }),
    }));
  const run = fc.record({
    syncId,
    state: fc.constantFrom('open' as const, 'succeeded' as const, 'unsuccessful' as const),
    startedAt: ageMs.map((ms) => NOW - ms),
    endedAt: ageMs.map((ms) => NOW - ms),
  });

  it('nothing is released that something under way needs, or that others may need', () => {
    fc.assert(
      fc.property(
        fc.array(reference),
        fc.array(run),
        fc.option(fc.uniqueArray(fc.constantFrom<string>('sha256:b1', 'sha256:b2'))),
        (references, runs, named) => {
          const known = facts({
            runsOf: () => runs,
            bundlesNamed: () => (named === null ? undefined : new Set(named)),
          });
          const latest = Math.max(...runs.map(({ startedAt }) => startedAt));
          for (const [{ name, owner, digests, writtenAt }, { kind }] of judgeReferences(references, KEEP, known)) {
            if (kind !== 'release') continue;
            const place = placeOf(name)!;
            const own = runs.filter((each) => each.syncId === place.syncId);
            expect(owner).not.toBe('them');
            expect(NOW - writtenAt).toBeGreaterThanOrEqual(HOUR);
            if (place.kind === 'application' || place.kind === 'sync') {
              expect(digests.filter((digest) => named?.includes(digest) ?? true)).toEqual([]);
            }
            if (place.kind === 'evidence') expect(NOW - writtenAt).toBeGreaterThanOrEqual(KEEP.keepForMs);
            if (place.kind !== 'sync' && place.kind !== 'evidence') continue;
            expect(own.filter(({ state }) => state === 'open')).toEqual([]);
            expect(own.filter((each) => each.state === 'unsuccessful' && NOW - each.endedAt < KEEP.keepForMs)).toEqual(
              [],
            );
            if (place.kind !== 'sync') continue;
            expect(runs.length > 0 && own.some(({ startedAt }) => startedAt === latest) && isOnly(runs, latest)).toBe(
              false,
            );
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** Of several that began in one millisecond any may count as the latest. */
function isOnly(runs: readonly KnownRun[], startedAt: number): boolean {
  return runs.filter((each) => each.startedAt === startedAt).length === 1;
}
