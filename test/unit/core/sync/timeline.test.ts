import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Position, TimelineEntry } from '../../../../core/sync/timeline.ts';
import {
  BEGINNING,
  isAfter,
  phaseEntries,
  runningAfter,
  syncEntries,
  takenAfter,
} from '../../../../core/sync/timeline.ts';
import { aBatch, aHook, aPhase, aView, aWave } from '../../cli/sync-views.ts';

/** What happens in the model of a sync: entries of its own, phases that run, end, are ended from outside, and are run again. */
type Happening = 'own' | 'phase' | 'end' | 'killed' | 'read';

const own = (at: number): TimelineEntry => ({ kind: 'warning', at, message: String(at) });
const ofPhase = (at: number): TimelineEntry => ({ kind: 'wave', at, phase: 'Sync', wave: 0, state: 'running' });

test('a reader that comes and goes is told each entry once, in order, whether before or after its phase is over', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<Happening>('own', 'phase', 'phase', 'phase', 'end', 'killed', 'read'), {
        maxLength: 60,
      }),
      fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      (happenings, interruptions) => {
        const taken: TimelineEntry[] = [];
        let running: readonly TimelineEntry[] = [];
        let lost: readonly TimelineEntry[] = [];
        const happened: TimelineEntry[] = [];
        const told: TimelineEntry[] = [];
        let position: Position = BEGINNING;
        const read = (isCutShort: boolean): void => {
          const reading = takenAfter(position, taken.slice(position.own));
          const all = [...reading.told, ...runningAfter(reading, running.slice(reading.runningFrom))];
          const before = position;
          // Who is cut off goes on from the last that has arrived.
          for (const each of isCutShort ? all.slice(0, Math.ceil(all.length / 2)) : all) {
            expect(isAfter(each.position, position)).toBe(true);
            told.push(each.entry);
            position = each.position;
          }
          if (all.length === 0) expect(position).toEqual(before);
        };
        for (const [step, happening] of [...happenings, 'end' as const, 'own' as const].entries()) {
          const entry = happening === 'phase' ? ofPhase(step) : own(step);
          if (happening === 'read') read(interruptions[step] ?? false);
          else if (happening === 'phase') running = [...running, entry];
          else {
            // A sync tells nothing of its own while a phase runs; the end of a phase from outside is told.
            if (happening === 'killed') lost = [...lost, ...running];
            else taken.push(...running);
            running = [];
            if (happening !== 'end') taken.push(entry);
          }
          if (happening !== 'read' && happening !== 'end') happened.push(entry);
        }
        read(false);
        // Of a phase that was ended from outside only what was read before can have been told.
        expect(told.filter((entry) => !lost.includes(entry))).toEqual(
          happened.filter((entry) => !lost.includes(entry)),
        );
        expect(told).toEqual(happened.filter((entry) => told.includes(entry)));
      },
    ),
    { numRuns: 2_000 },
  );
});

const pending = aPhase('PreSync', [aWave(0, 'pending', [aHook('m', 'pending'), aBatch(['a'], 'pending')])]);
const running = aPhase('PreSync', [aWave(0, 'running', [aHook('m', 'running'), aBatch(['a'], 'pending')])]);
const ended = aPhase('PreSync', [aWave(0, 'succeeded', [aHook('m', 'succeeded'), aBatch(['a'], 'succeeded')])]);

test('a wave is told before its steps when it begins, and after them when it ends', () => {
  expect(phaseEntries(pending, running, 5).map(({ kind }) => kind)).toEqual(['wave', 'hook']);
  expect(phaseEntries(running, ended, 6).map(({ kind }) => kind)).toEqual(['hook', 'batch', 'wave']);
});

test('what stays as it is is no entry, and a new attempt is one', () => {
  expect(phaseEntries(running, running, 5)).toEqual([]);
  const again = aPhase('PreSync', [
    aWave(0, 'running', [aHook('m', 'running', { attempt: 2 }), aBatch(['a'], 'pending')]),
  ]);
  expect(phaseEntries(running, again, 5)).toMatchObject([{ kind: 'hook', step: 0, change: { attempt: 2 } }]);
});

test('a sync keeps its own state, its phases and its warnings, and its end last', () => {
  const before = aView([pending]).status;
  const after = aView([{ ...ended, state: 'succeeded' }], { state: 'succeeded', warnings: ['w'] }).status;
  expect(syncEntries(undefined, before, 1)).toEqual([{ kind: 'sync', at: 1, state: 'running' }]);
  expect(syncEntries(before, after, 2)).toEqual([
    { kind: 'warning', at: 2, message: 'w' },
    { kind: 'phase', at: 2, phase: 'PreSync', state: 'succeeded' },
    { kind: 'sync', at: 2, state: 'succeeded' },
  ]);
});
