import type { Phase } from '../../core/phases.ts';
import type { Progress } from '../../core/sync/progress.ts';
import type {
  BatchStatus,
  HookStatus,
  StepState,
  SyncResult,
  SyncState,
  SyncStatus,
  WaveStatus,
} from '../../core/sync/status.ts';
import type { OmittedEntries, TimelineEntry } from '../../core/sync/timeline.ts';
import type { SyncView } from './view.ts';

/** Something that happened to a sync. */
export type SyncEvent =
  | { readonly kind: 'sync'; readonly at: number; readonly state: SyncState }
  | { readonly kind: 'phase'; readonly at: number; readonly phase: Phase; readonly state: StepState }
  | {
      readonly kind: 'wave';
      readonly at: number;
      readonly phase: Phase;
      readonly wave: number;
      readonly state: StepState;
    }
  | {
      readonly kind: 'hook';
      readonly at: number;
      readonly phase: Phase;
      readonly wave: number;
      readonly hook: HookStatus;
    }
  | {
      readonly kind: 'batch';
      readonly at: number;
      readonly phase: Phase;
      readonly wave: number;
      readonly batch: BatchStatus;
    }
  | { readonly kind: 'warning'; readonly at: number; readonly message: string }
  /** What a worker says of its work: the newest alone, and again to who comes back. */
  | { readonly kind: 'progress'; readonly phase?: Phase; readonly progress: Progress }
  | { readonly kind: 'ended'; readonly result: SyncResult };

/** An event as `watch` tells it. */
export type WatchedEvent = SyncEvent & {
  /** Where it stands in the sync's timeline: to go on after it, give it to `watch` as `after`. */
  readonly id: string;
};

/** An entry of a timeline as an event; undefined where the status does not know the step it names (yet). */
export function eventOf(entry: TimelineEntry, { phases }: SyncStatus): SyncEvent | undefined {
  if (entry.kind === 'sync' || entry.kind === 'phase' || entry.kind === 'warning') return entry;
  if (entry.kind === 'omitted') return { kind: 'warning', at: entry.at, message: wordsOfOmitted(entry) };
  const { at, phase, wave } = entry;
  const known = phases.find((each) => each.phase === phase)?.waves.find((each) => each.wave === wave);
  if (known === undefined) return undefined;
  if (entry.kind === 'wave') return entry;
  const step = known.steps[entry.step];
  if (entry.kind === 'hook') {
    if (step?.kind !== 'hook') return undefined;
    return { kind: 'hook', at, phase, wave, hook: { ...plannedHook(step), ...entry.change } };
  }
  if (step === undefined || step.kind === 'hook') return undefined;
  return { kind: 'batch', at, phase, wave, batch: { ...step, state: entry.state } };
}

function wordsOfOmitted({ phase, count }: OmittedEntries): string {
  return `${String(count)} events of ${phase} are left out here: more has happened in it than is kept`;
}

/** What is known of a hook whatever has become of it. */
function plannedHook({
  kind,
  id,
  ref,
  deadlineMs,
  guarantee,
  retries,
  state,
}: HookStatus & WaveStatus['steps'][number]) {
  return { kind, id, ref, deadlineMs, guarantee, state, ...(retries === undefined ? {} : { retries }) };
}

/** What workers say in a view that they did not say in the one before. */
export function progressIn(before: SyncView | undefined, after: SyncView): readonly SyncEvent[] {
  const known = new Set(before?.work.map((work) => JSON.stringify(work.progress)));
  return after.work.flatMap((work): readonly SyncEvent[] => {
    if (work.progress === undefined || known.has(JSON.stringify(work.progress))) return [];
    return [{ kind: 'progress', ...(work.phase === undefined ? {} : { phase: work.phase }), progress: work.progress }];
  });
}
