import type { InLine } from '../line/line.ts';
import type { Phase } from '../../core/phases.ts';
import type { Progress } from '../../core/sync/progress.ts';
import type { PhaseStatus, SyncResult, SyncStatus } from '../../core/sync/status.ts';

/** One piece of work that a worker has in hand for a sync, as Temporal sees it. */
export interface Work {
  /** The phase it belongs to; absent for planning, claiming and finishing. */
  readonly phase?: Phase;
  /** Name of the activity: `planSync`, `runHook`, … */
  readonly activity: string;
  /** Temporal's count of tries, from 1: above 1 it was repeated. It is not the attempt of a hook. */
  readonly tries: number;
  /** What it last said of itself. */
  readonly progress?: Progress;
  /** Why the last try failed, where it is being repeated. */
  readonly trouble?: string;
}

/** All that is known of a sync at one moment. */
export interface SyncView {
  readonly workflowId: string;
  readonly runId: string;
  /** The sync's status, with the detail of running phases filled in. */
  readonly status: SyncStatus;
  readonly work: readonly Work[];
  /** Requests that wait for the end of this sync, in their order. */
  readonly waiting: readonly InLine[];
  /** True where no worker answered, so that the status is what Temporal alone could tell. */
  readonly stale: boolean;
  /** Present once the sync is over. */
  readonly result?: SyncResult;
}

/** The status with each phase replaced by what its own workflow says of it. Phases without such an answer stay. */
export function withPhases(status: SyncStatus, details: readonly PhaseStatus[]): SyncStatus {
  const known = new Map(details.map((detail) => [detail.phase, detail]));
  return { ...status, phases: status.phases.map((phase) => known.get(phase.phase) ?? phase) };
}

/** Whether a sync is over. */
export function isOver(status: Pick<SyncStatus, 'state'>): boolean {
  return (
    status.state === 'succeeded' ||
    status.state === 'failed' ||
    status.state === 'aborted' ||
    status.state === 'superseded'
  );
}

/** Whether a sync was closed by force and its phases still stop their hooks: its result tells more in a moment. */
export function isStopping({ result }: Pick<SyncView, 'result'>): boolean {
  return result?.phases.some(({ state }) => state === 'running') ?? false;
}
