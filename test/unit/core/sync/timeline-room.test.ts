import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PhaseEntry, Position, TimelineEntry } from '../../../../core/sync/timeline.ts';
import { BEGINNING, runningAfter, takenAfter } from '../../../../core/sync/timeline.ts';
import { handedOver, pageOf } from '../../../../core/sync/timeline-room.ts';

const entries = (count: number): readonly PhaseEntry[] =>
  Array.from({ length: count }, (_, at) => ({ kind: 'wave', at, phase: 'Sync', wave: 0, state: 'running' }));

const SIZE = JSON.stringify(entries(1)[0]).length + 3;
const counted = (all: readonly TimelineEntry[]): number =>
  all.reduce((sum, entry) => sum + (entry.kind === 'omitted' ? entry.count : 1), 0);

describe('what a phase hands over of its timeline', () => {
  it('is all of it where there is room', () => {
    const all = entries(2_000);
    expect(handedOver(all, { outcome: 'succeeded' })).toBe(all);
  });

  it('is its first and its last entries where there is not, and how many are left out between them', () => {
    const all = entries(10);
    const [first, second, gap, ...last] = handedOver(all, {}, 4 * SIZE);
    expect([first, second]).toEqual(all.slice(0, 2));
    expect(gap).toEqual({ kind: 'omitted', at: 2, phase: 'Sync', count: 6 });
    expect(last).toEqual(all.slice(8));
  });

  it('is a count alone where the rest of the outcome leaves no room', () => {
    const outcome = { failures: 'x'.repeat(1_600_000) };
    expect(handedOver(entries(9), outcome)).toEqual([{ kind: 'omitted', at: 0, phase: 'Sync', count: 9 }]);
  });

  it.each([4_001, 20_000])('is within what Temporal takes as one payload, of %d entries', (count) => {
    const kept = handedOver(entries(count), {});
    expect(counted(kept)).toBe(count);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(1_100_000);
    expect(kept.length).toBeGreaterThan(4_000);
  });

  it('is measured in bytes, whatever alphabet its messages are in', () => {
    const change = { state: 'failed', message: 'ошибка — 失败 🚨'.repeat(1_000) } as const;
    const hooks = entries(100).map((entry): PhaseEntry => ({ ...entry, kind: 'hook', step: 0, change }));
    const bytes = Buffer.byteLength(JSON.stringify(handedOver(hooks, {})));
    expect(bytes).toBeGreaterThan(900_000);
    expect(bytes).toBeLessThan(1_000_000);
  });
});

describe('an answer to who asks for a timeline', () => {
  it('holds what is left, and says where to go on where that is too much', () => {
    const all = entries(5);
    expect(pageOf(all, 3)).toEqual({ entries: all.slice(3) });
    expect(pageOf(all, 5)).toEqual({ entries: [] });
    expect(pageOf(all, 1, 2 * SIZE)).toEqual({ entries: all.slice(1, 3), next: 3 });
    expect(pageOf(all, 3, 2 * SIZE)).toEqual({ entries: all.slice(3) });
  });

  it('holds one entry at least, so that it comes to its end', () => {
    expect(pageOf(entries(2), 0, 1)).toEqual({ entries: entries(1), next: 1 });
  });
});

it('a reader of a timeline that is too long is told of each entry once, by itself or among those left out', () => {
  const phases = fc.array(fc.record({ count: fc.nat(12), read: fc.nat(14), room: fc.nat(10) }), { maxLength: 4 });
  fc.assert(
    fc.property(phases, fc.nat(3), (all, readEvery) => {
      const taken: TimelineEntry[] = [];
      const told: TimelineEntry[] = [];
      let position: Position = BEGINNING;
      const read = (running: readonly TimelineEntry[]): void => {
        const reading = takenAfter(position, taken.slice(position.own));
        for (const each of [...reading.told, ...runningAfter(reading, running.slice(reading.runningFrom))]) {
          told.push(each.entry);
          position = each.position;
        }
      };
      for (const [index, { count, read: readAt, room }] of all.entries()) {
        const ofPhase = entries(count);
        if (readAt <= count) read(ofPhase.slice(0, readAt));
        taken.push(...handedOver(ofPhase, {}, room * SIZE));
        if (index % (readEvery + 1) === 0) read([]);
        taken.push({ kind: 'warning', at: index, message: 'between' });
      }
      read([]);
      expect(counted(told)).toBe(all.reduce((sum, { count }) => sum + count + 1, 0));
    }),
    { numRuns: 1_000 },
  );
});
