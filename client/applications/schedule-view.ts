import type { ScheduleDescription, ScheduleSummary as KnownSchedule } from '@temporalio/client';
import type { Trigger } from '../../core/triggers/trigger.ts';
import type { ApplicationNames } from '../line/line.ts';

/** A schedule in a list. Times are ms since 1970. */
export interface ScheduleSummary extends ApplicationNames {
  /** Its cron expressions; fewer than it has where somebody has changed it in Temporal. */
  readonly crons: readonly string[];
  readonly timezone: string;
  readonly jitterMs?: number;
  readonly paused: boolean;
  /** Who has paused or resumed it, and why. */
  readonly note?: string;
  /** When it comes next; absent where it does not. */
  readonly nextAt?: number;
}

/** What became of a schedule's trigger: `asked`, its sync was put in line; `unknown`, Temporal keeps it no longer. */
export type RunState = 'running' | 'asked' | 'failed' | 'unknown';

/** A schedule. */
export interface Schedule extends ScheduleSummary {
  readonly ifRunning: 'queue' | 'supersede';
  /** Who has set it. */
  readonly by: string;
  /** Its latest triggers, newest first; their workflows tell why one has failed. */
  readonly recent: readonly { readonly at: number; readonly workflowId: string; readonly state: RunState }[];
}

const ID = /^schedule\/([^/]+)\/([^/]+)$/;

/** What Temporal's list tells of a schedule; undefined for one that is none of ours. */
export function summaryOf(known: KnownSchedule): ScheduleSummary | undefined {
  const [, cluster, application] = ID.exec(known.scheduleId) ?? [];
  if (cluster === undefined || application === undefined) return undefined;
  const { calendars = [], timezone = 'UTC', jitter } = known.spec ?? {};
  const { paused, note } = known.state;
  const [next] = known.info.nextActionTimes;
  return {
    ...{ cluster, application, timezone, paused },
    crons: calendars.flatMap(({ comment }) => (comment === undefined || comment === '' ? [] : [comment])),
    ...(jitter === undefined ? {} : { jitterMs: jitter }),
    ...(note === undefined || note === '' ? {} : { note }),
    ...(paused || next === undefined ? {} : { nextAt: next.getTime() }),
  };
}

/** More would tell nothing of now. */
const MOST_RUNS = 5;

/** What Temporal tells of a schedule; `stateOf` says how a workflow stands. */
export async function scheduleOf(
  known: ScheduleDescription,
  stateOf: (workflowId: string) => Promise<string | undefined>,
): Promise<Schedule> {
  const summary = summaryOf(known);
  if (summary === undefined) throw new Error(`${known.scheduleId} is no schedule of an application`);
  const cause = (known.action.args as readonly Partial<Trigger>[] | undefined)?.[0]?.cause;
  const latest = known.info.recentActions.toReversed().slice(0, MOST_RUNS);
  return {
    ...summary,
    ...(cause?.kind === 'schedule' ? { ifRunning: cause.ifRunning, by: cause.by } : { ifRunning: 'queue', by: '' }),
    recent: await Promise.all(
      latest.map(async ({ takenAt, action: { workflow } }) => ({
        at: takenAt.getTime(),
        workflowId: workflow.workflowId,
        state: runStateOf(await stateOf(workflow.workflowId)),
      })),
    ),
  };
}

function runStateOf(status: string | undefined): RunState {
  switch (status) {
    case undefined:
      return 'unknown';
    case 'COMPLETED':
      return 'asked';
    case 'RUNNING':
    case 'PAUSED':
      return 'running';
    default:
      return 'failed';
  }
}
