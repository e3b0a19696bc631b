import { setHandler, workflowInfo } from '@temporalio/workflow';
import type { PhaseStatus, SyncStatus } from '../core/sync/status.ts';
import type { PhaseEntry, TimelineEntry, TimelinePart } from '../core/sync/timeline.ts';
import { phaseEntries, syncEntries } from '../core/sync/timeline.ts';
import { handedOver, pageOf } from '../core/sync/timeline-room.ts';
import type { PhaseOutcome } from './interpreter/phase.ts';
import { timelineQuery } from './messages.ts';

/** Keeps what happens in a phase, and answers who asks for it. */
export interface PhaseTimelineKeeper {
  changed(status: PhaseStatus): void;
  /** A phase's outcome with what is handed over to the sync at the phase's end. */
  with(outcome: PhaseOutcome): PhaseOutcome;
}

/** Begins the timeline of a phase that stands so. */
export function keepPhaseTimeline(status: PhaseStatus): PhaseTimelineKeeper {
  let known = status;
  const entries: PhaseEntry[] = [];
  setHandler(timelineQuery, (from = 0) => pageOf(entries, from));
  return {
    changed: (next) => {
      entries.push(...phaseEntries(known, next, Date.now()));
      known = next;
    },
    with: (outcome) => ({
      ...outcome,
      timeline: { run: workflowInfo().runId, entries: handedOver(entries, outcome) },
    }),
  };
}

/** Keeps what happens to a sync, with what its phases hand over. */
export interface SyncTimelineKeeper {
  changed(status: SyncStatus): void;
  /** Takes in what a phase has handed over. */
  took(outcome: PhaseOutcome): void;
  /** What has happened so far, from an index on. */
  part(from: number): TimelinePart;
}

/** Begins the timeline of a sync that stands so; `at` is ms since 1970. */
export function keepSyncTimeline(status: SyncStatus, at: number): SyncTimelineKeeper {
  let known = status;
  let lastRun: Pick<TimelinePart, 'lastRun'> = {};
  const entries: TimelineEntry[] = [...syncEntries(undefined, status, at)];
  return {
    changed: (next) => {
      entries.push(...syncEntries(known, next, Date.now()));
      known = next;
    },
    took: ({ timeline }) => {
      if (timeline === undefined) return;
      entries.push(...timeline.entries);
      lastRun = { lastRun: timeline.run };
    },
    part: (from) => ({ ...pageOf(entries, from), ...lastRun, ...runningPhase(known) }),
  };
}

function runningPhase({ phases, startedAt }: SyncStatus): Pick<TimelinePart, 'running'> {
  const running = phases.find(({ state }) => state === 'running');
  return running === undefined ? {} : { running: { phase: running.phase, since: running.startedAt ?? startedAt } };
}
