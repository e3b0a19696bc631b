import { describe, expect, it } from 'vitest';
import type { Holder, LedgerEntry, SyncRecord, Verdict } from '../../../core/record/record.ts';
import type { Claim } from '../../../core/record/transitions.ts';
import {
  applied,
  decideClaim,
  findInLedger,
  holds,
  released,
  withEntry,
  withVerdict,
} from '../../../core/record/transitions.ts';

function aHolder(overrides: Partial<Holder> = {}): Holder {
  return {
    syncId: 's1',
    temporal: 't1/sync',
    temporalName: 'default at t1',
    rootRun: 'root',
    run: 'root',
    ...overrides,
  };
}

function aRecord(overrides: Partial<SyncRecord> = {}): SyncRecord {
  return {
    version: 1,
    application: 'shop',
    epoch: 4,
    number: 9,
    holder: aHolder(),
    lastClaim: { temporal: 't1/sync', at: 1_000 },
    syncId: 's1',
    ledger: { hook: [anEntry()] },
    ...overrides,
  };
}

function anEntry(overrides: Partial<LedgerEntry> = {}): LedgerEntry {
  return { attempt: 1, uid: 'u1', run: 'phase', ask: 1, intentAt: 500, gated: true, ...overrides };
}

function aVerdict(outcome: Verdict['outcome'] = 'succeeded'): Verdict {
  return { outcome, at: 700, message: 'done' };
}

function aClaim(overrides: Partial<Omit<Claim, 'holder'>> = {}, holder: Partial<Holder> = {}): Claim {
  return {
    application: 'shop',
    claimant: 'root',
    at: 2_000,
    takeOver: false,
    renews: false,
    holder: aHolder(holder),
    ...overrides,
  };
}

describe('a claim', () => {
  const free = aRecord({ holder: null });
  const other: Partial<Holder> = { temporal: 't2/sync' };
  it.each<[string, SyncRecord | undefined, Claim, string]>([
    ['of a root, of nothing', undefined, aClaim(), 'granted'],
    ['of a root, of a record that nobody holds', free, aClaim({}, { syncId: 's2' }), 'granted'],
    ['of a root, of its own', aRecord(), aClaim(), 'granted'],
    ['of a root that follows a reset', aRecord(), aClaim({}, { rootRun: 'root-2', run: 'root-2' }), 'granted'],
    ['of a root, of an older sync under the same workflow ID', aRecord(), aClaim({}, { syncId: 's2' }), 'granted'],
    ['of a root that renews, of its own', aRecord({ holder: null }), aClaim({ renews: true }), 'granted'],
    ['of a root that renews what is gone', undefined, aClaim({ renews: true }), 'granted'],
    ['of a root that renews what another sync has had', free, aClaim({ renews: true }, { syncId: 's2' }), 'Superseded'],
    ['of a root of another Temporal', aRecord(), aClaim({}, other), 'HeldElsewhere'],
    ['of a root of another Temporal that takes over', aRecord(), aClaim({ takeOver: true }, other), 'granted'],
    ['of a root of another Temporal, of a record that nobody holds', free, aClaim({}, other), 'granted'],
    ['of a root, scheduled with the one that stands', aRecord(), aClaim({ at: 1_000 }), 'granted'],
    ['of a root, scheduled before the one that stands', aRecord(), aClaim({ at: 999 }), 'Superseded'],
    ['of a root, late, once the next sync is over', free, aClaim({ at: 999 }), 'Superseded'],
    ['of a root by another clock', free, aClaim({ at: 1 }, other), 'granted'],
    ['of a phase of the root that holds', aRecord(), aClaim({ claimant: 'phase' }, { run: 'phase' }), 'granted'],
    ['of a phase, late', aRecord(), aClaim({ claimant: 'phase', at: 999 }, { run: 'phase' }), 'Superseded'],
    ['of a phase of an older root', aRecord(), aClaim({ claimant: 'phase' }, { rootRun: 'old' }), 'Superseded'],
    ['of a phase of an older sync', aRecord(), aClaim({ claimant: 'phase' }, { syncId: 's0' }), 'Superseded'],
    ['of a phase, of a record that nobody holds', free, aClaim({ claimant: 'phase' }), 'Superseded'],
    ['of a phase, of nothing', undefined, aClaim({ claimant: 'phase' }), 'Superseded'],
    [
      'of a phase that may take over, of an older root',
      aRecord(),
      aClaim({ claimant: 'phase', takeOver: true }, { rootRun: 'old' }),
      'Superseded',
    ],
  ])('%s', (_, record, claim, expected) => {
    const decision = decideClaim(record, claim);
    expect(decision.kind === 'granted' ? 'granted' : decision.failure.type).toBe(expected);
  });

  it.each<[string, Partial<Claim>, Partial<Holder>, string]>([
    ['is compared with roots alone, not with a phase that an older root has left behind', { at: 1_500 }, {}, 'granted'],
    ['is late after a root that asked later, whatever a phase does', { at: 1_399 }, {}, 'Superseded'],
    ['is late by its own Temporal, whoever has claimed since', { at: 2_999 }, other, 'Superseded'],
    ['is in time by its own Temporal, whoever has claimed since', { at: 3_000 }, other, 'granted'],
  ])('of a root %s', (_, claim, holder, expected) => {
    const rootClaims = { 't1/sync': 1_400, 't2/sync': 3_000 };
    const record = aRecord({ holder: null, lastClaim: { temporal: 't1/sync', at: 1_600 }, rootClaims });
    const decision = decideClaim(record, aClaim(claim, holder));
    expect(decision.kind === 'granted' ? 'granted' : decision.failure.type).toBe(expected);
  });

  it('of a root is remembered by its Temporal, of a phase it is not', () => {
    const rootClaims = { 't2/sync': 3_000 };
    const root = decideClaim(aRecord({ rootClaims }), aClaim());
    const phase = decideClaim(aRecord({ rootClaims }), aClaim({ claimant: 'phase' }, { run: 'phase' }));
    expect(root).toMatchObject({ record: { rootClaims: { 't1/sync': 2_000, 't2/sync': 3_000 } } });
    expect(phase.kind === 'granted' && phase.record.rootClaims).toEqual(rootClaims);
  });

  it('raises the epoch and keeps the ledger of the same sync', () => {
    const decision = decideClaim(aRecord(), aClaim({}, { run: 'root-2', rootRun: 'root-2' }));
    expect(decision).toMatchObject({
      record: { epoch: 5, number: 9, syncId: 's1', holder: { run: 'root-2' }, ledger: { hook: [{ uid: 'u1' }] } },
    });
  });

  it('of another sync counts it and begins a new ledger', () => {
    const decision = decideClaim(aRecord(), aClaim({}, { syncId: 's2' }));
    expect(decision).toMatchObject({ record: { epoch: 5, number: 10, syncId: 's2', lastClaim: { at: 2_000 } } });
    expect(decision.kind === 'granted' && decision.record.ledger).toEqual({});
  });

  it('of the first sync is number 1 in epoch 1', () => {
    expect(decideClaim(undefined, aClaim())).toMatchObject({ record: { epoch: 1, number: 1, ledger: {} } });
  });

  it('that is refused names who holds the record and what helps', () => {
    const decision = decideClaim(aRecord(), aClaim({}, other));
    expect(decision).toMatchObject({
      failure: { message: expect.stringContaining('default at t1, sync s1') as string },
    });
    expect(decision).toMatchObject({ failure: { remedy: expect.stringContaining('--take-over') as string } });
  });
});

describe('a fence', () => {
  const fence = { syncId: 's1', epoch: 4, run: 'root' };
  it.each([
    ['stands', aRecord(), fence, true],
    ['falls without a record', undefined, fence, false],
    ['falls with a newer epoch', aRecord({ epoch: 5 }), fence, false],
    ['falls with an older epoch', aRecord({ epoch: 3 }), fence, false],
    ['falls when nobody holds the record', released(aRecord()), fence, false],
    ['falls with another sync', aRecord(), { ...fence, syncId: 's2' }, false],
    ['falls with another run', aRecord(), { ...fence, run: 'phase' }, false],
  ])('%s', (_, record, asked, expected) => {
    expect(holds(record, asked)).toBe(expected);
  });
});

describe('the ledger', () => {
  it('keeps attempts oldest first, one entry each', () => {
    const record = withEntry(withEntry(aRecord(), 'hook', anEntry({ attempt: 3 })), 'hook', anEntry({ attempt: 2 }));
    const replaced = withEntry(record, 'hook', anEntry({ attempt: 2, uid: 'u2' }));
    expect(replaced.ledger['hook']?.map(({ attempt, uid }) => `${String(attempt)} ${uid}`)).toEqual([
      '1 u1',
      '2 u2',
      '3 u1',
    ]);
    expect(aRecord().ledger['hook']).toHaveLength(1);
  });

  it('does not change another hook', () => {
    expect(withEntry(aRecord(), 'other', anEntry()).ledger['hook']).toEqual(aRecord().ledger['hook']);
  });

  it('takes the first verdict of an attempt and no other', () => {
    const once = withVerdict(aRecord(), 'hook', 1, aVerdict('failed'));
    expect(once.ledger['hook']?.[0]?.verdict?.outcome).toBe('failed');
    expect(withVerdict(once, 'hook', 1, aVerdict())).toBe(once);
  });

  it('takes no verdict of an attempt it does not know', () => {
    const record = aRecord();
    expect(withVerdict(record, 'hook', 2, aVerdict())).toBe(record);
    expect(withVerdict(record, 'other', 1, aVerdict())).toBe(record);
  });

  it('stays when the record is released', () => {
    expect(released(aRecord())).toEqual({ ...aRecord(), holder: null });
  });
});

describe('a request for a hook', () => {
  const request = { run: 'phase', ask: 1 };
  const record = (...entries: readonly LedgerEntry[]) => aRecord({ ledger: { hook: entries } });
  it.each([
    ['finds nothing: attempt 1 is free', record(), request, { kind: 'free', attempt: 1 }],
    ['finds an intent', record(anEntry()), request, { kind: 'intended' }],
    ['finds the intent of another run', record(anEntry({ run: 'old' })), request, { kind: 'intended' }],
    ['finds its success', record(anEntry({ verdict: aVerdict() })), request, { kind: 'settled' }],
    [
      'finds the success of another run',
      record(anEntry({ run: 'old', verdict: aVerdict() })),
      request,
      { kind: 'settled' },
    ],
    ['finds its own failure', record(anEntry({ verdict: aVerdict('failed') })), request, { kind: 'settled' }],
    ['finds that it was stopped', record(anEntry({ verdict: aVerdict('aborted') })), request, { kind: 'settled' }],
    [
      'asks again after its failure',
      record(anEntry({ verdict: aVerdict('failed') })),
      { run: 'phase', ask: 2 },
      { kind: 'free', attempt: 2 },
    ],
    [
      'comes after the failure of another run',
      record(anEntry({ run: 'old', verdict: aVerdict('failed') })),
      request,
      { kind: 'free', attempt: 2 },
    ],
    [
      'comes after the abort of another run',
      record(anEntry({ run: 'old', verdict: aVerdict('aborted') })),
      request,
      { kind: 'free', attempt: 2 },
    ],
    [
      'looks at the latest attempt',
      record(anEntry({ verdict: aVerdict('failed') }), anEntry({ attempt: 2 })),
      request,
      { kind: 'intended', entry: { attempt: 2 } },
    ],
  ])('%s', (_, ledger, asked, expected) => {
    expect(findInLedger(ledger, 'hook', asked)).toMatchObject(expected);
  });
});

describe('a success of an earlier round', () => {
  const succeeded = { ...anEntry(), verdict: { outcome: 'succeeded', at: 9, message: '' } } as const;
  const record = withEntry(aRecord(), 'hook', succeeded);

  it('counts for a sync that goes on at its failed step', () => {
    expect(findInLedger(record, 'hook', { run: 'later', ask: 1, since: 1 })).toMatchObject({ kind: 'settled' });
  });

  it('does not count where the hook is to run again', () => {
    expect(findInLedger(record, 'hook', { run: 'later', ask: 1, since: 2 })).toEqual({ kind: 'free', attempt: 2 });
  });

  it('of that round counts, whoever asks', () => {
    const again = withEntry(record, 'hook', { ...succeeded, attempt: 2, round: 2 });
    expect(findInLedger(again, 'hook', { run: 'later', ask: 1, since: 2 })).toMatchObject({ kind: 'settled' });
  });
});

describe('the bundle that an application’s deletion would need', () => {
  const sync = (bundle: string) => ({ operation: 'sync' as const, bundle });
  const deletion = (bundle: string) => ({ operation: 'delete' as const, bundle });
  const claimed = (record: SyncRecord | undefined, work: Claim['work'], syncId: string): SyncRecord => {
    const decision = decideClaim(record, aClaim(work === undefined ? {} : { work }, { syncId }));
    if (decision.kind !== 'granted') throw new Error('refused');
    return decision.record;
  };
  const before = aRecord({ bundle: 'old', syncId: 's1' });

  it('is that of the sync that has applied something, once it has ended', () => {
    const running = claimed(before, sync('new'), 's2');
    expect(running).toMatchObject({ bundle: 'old', pendingBundle: 'new' });
    expect(released(applied(running))).toMatchObject({ bundle: 'new' });
    expect(released(applied(running))).not.toHaveProperty('pendingBundle');
  });

  it('stays that of the sync before, where one has applied nothing', () => {
    expect(released(claimed(before, sync('new'), 's2'))).toMatchObject({ bundle: 'old' });
  });

  it('is that of a sync which never ended, since it may have applied any of it', () => {
    const terminated = claimed(before, sync('new'), 's2');
    expect(claimed(terminated, sync('newer'), 's3')).toMatchObject({ bundle: 'new', pendingBundle: 'newer' });
    expect(claimed(terminated, deletion('new'), 's3')).toMatchObject({ bundle: 'new', deletion: 'new' });
  });

  it('is kept when the same sync claims again', () => {
    const running = claimed(before, sync('new'), 's2');
    expect(claimed(running, undefined, 's2')).toMatchObject({ bundle: 'old', pendingBundle: 'new' });
  });
});

describe('the ledger of a deletion', () => {
  const ledger = {
    good: [anEntry({ verdict: aVerdict() })],
    bad: [anEntry({ verdict: aVerdict('failed') })],
    open: [anEntry()],
  };
  const claimOf = (operation: 'sync' | 'delete', bundle: string) =>
    aClaim({ work: { operation, bundle } }, { syncId: 's2' });

  it.each<[string, Partial<SyncRecord>, Claim, readonly string[]]>([
    ['keeps successes of a failed deletion of the same bundle', { deletion: 'b' }, claimOf('delete', 'b'), ['good']],
    ['begins anew with another bundle', { deletion: 'a' }, claimOf('delete', 'b'), []],
    ['begins anew after a sync', {}, claimOf('delete', 'b'), []],
    ['is forgotten by a sync', { deletion: 'b' }, claimOf('sync', 'b'), []],
  ])('%s', (_, record, claim, hooks) => {
    const decision = decideClaim(aRecord({ ...record, ledger }), claim);
    expect(decision.kind === 'granted' ? Object.keys(decision.record.ledger) : []).toEqual(hooks);
  });
});
