import { describe, expect, it } from 'vitest';
import type { Joining, Line } from '../../../../core/queue/line.ts';
import { EMPTY_LINE, departedId, joined, started, withdrawn } from '../../../../core/queue/line.ts';
import { resultInLine, statusInLine } from '../../../../core/queue/standing.ts';
import type { SyncRequest } from '../../../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../../../core/sync/request.ts';

const request = (syncId: string): SyncRequest => ({
  version: 1,
  syncId,
  application: 'shop',
  cluster: 'prod',
  namespace: 'shop',
  createNamespace: false,
  bundle: 'sha256:b',
  revision: `rev-${syncId}`,
  requestedBy: 'ann',
  requestedAt: 0,
  indexed: true,
  options: DEFAULT_SYNC_OPTIONS,
});
const asking = (syncId: string, ifRunning: Joining['ifRunning'] = 'queue'): Joining => ({
  request: request(syncId),
  ifRunning,
});
const lineOf = (...ids: readonly string[]): Line =>
  ids.reduce((line, id, at) => joined(line, asking(id), at), EMPTY_LINE);
const ids = ({ waiting }: Line) => waiting.map(({ request: { syncId } }) => syncId);

describe('a line of requests', () => {
  it('keeps their order, and since when each waits', () => {
    const line = lineOf('a', 'b', 'c');
    expect(ids(line)).toEqual(['a', 'b', 'c']);
    expect(line.waiting.map(({ since }) => since)).toEqual([0, 1, 2]);
  });

  it('has one request of a series at most, since another would do nothing more', () => {
    const round = (id: string): Joining => ({ ...asking(id), series: 'the schedule' });
    const line = joined(joined(joined(EMPTY_LINE, round('a'), 1), asking('b'), 2), round('c'), 3);
    expect(ids(line)).toEqual(['a', 'b']);
    expect(line.departed).toMatchObject([
      { kind: 'withdrawn', by: 'Syncline', reason: 'another request of the schedule waits already' },
    ]);
    expect(ids(joined(started(line, 'a', 'run-1'), round('d'), 4))).toEqual(['b', 'd']);
  });

  it('has each sync once: one that waits, was started or has been withdrawn joins no second time', () => {
    const line = withdrawn(started(lineOf('a', 'b', 'c'), 'a', 'run-1'), { syncId: 'b', by: 'bob' }, 9);
    for (const id of ['a', 'b', 'c']) expect(joined(line, asking(id), 10)).toBe(line);
    expect(ids(line)).toEqual(['c']);
  });

  it('gives the place of all that wait to one that supersedes', () => {
    const line = joined(lineOf('a', 'b'), asking('c', 'supersede'), 5);
    expect(ids(line)).toEqual(['c']);
    expect(line.departed.map((each) => `${departedId(each)} ${each.kind}`)).toEqual(['a superseded', 'b superseded']);
  });

  it('stays as it is where somebody withdraws what does not wait', () => {
    const line = lineOf('a');
    expect(withdrawn(line, { syncId: 'b', by: 'bob' }, 1)).toBe(line);
  });

  it('grows to 100 and no more, and remembers 50 that have left', () => {
    const many = lineOf(...Array.from({ length: 160 }, (_, at) => `s${at}`));
    expect(many.waiting).toHaveLength(100);
    expect(many.departed).toHaveLength(50);
    expect(many.departed.at(-1)).toMatchObject({ kind: 'withdrawn', reason: '100 requests wait already' });
  });
});

describe('what a request in the line is told', () => {
  const behind = { syncId: 'x', revision: 'r0', requestedBy: 'ci' };

  it('is its place, and behind which sync', () => {
    expect(statusInLine(lineOf('a', 'b'), 'b', behind)).toMatchObject({
      state: 'queued',
      revision: 'rev-b',
      startedAt: 1,
      queued: { since: 1, before: 1, ifRunning: 'queue', behind },
    });
    expect(statusInLine(lineOf('a'), 'b', behind)).toBeUndefined();
  });

  it('is by whom it was superseded or withdrawn, once it has left without a sync', () => {
    const line = joined(
      withdrawn(lineOf('a', 'b'), { syncId: 'a', by: 'bob', reason: 'late' }, 7),
      asking('c', 'supersede'),
      8,
    );
    const results = line.departed.flatMap((each) => (each.kind === 'started' ? [] : [resultInLine(each)]));
    expect(results).toMatchObject([
      {
        outcome: 'Aborted',
        state: 'aborted',
        finishedAt: 7,
        failures: [{ message: expect.stringContaining('by bob') as string }],
      },
      { outcome: 'Superseded', state: 'superseded', supersededBy: { syncId: 'c', revision: 'rev-c', by: 'ann' } },
    ]);
  });
});
