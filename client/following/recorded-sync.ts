import { WorkflowNotFoundError } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { Phase } from '../../core/phases.ts';
import { PHASES } from '../../core/phases.ts';
import type { CompactPlan } from '../../core/sync/compact-plan.ts';
import { initialStatus } from '../../core/sync/initial-status.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { PhaseStatus, SyncStatus } from '../../core/sync/status.ts';
import type { ClaimAnswer, PlanAnswer } from '../../workflows/activities.ts';
import type { PhaseOutcome } from '../../workflows/interpreter/phase.ts';
import { plannedStatus } from '../../workflows/planned-status.ts';
import type { Execution } from '../connection/first-event.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/** What the history of a sync's run tells of it: known also where no worker lives, and after it was closed by force. */
export interface RecordedSync {
  readonly request: SyncRequest;
  readonly plan?: CompactPlan;
  readonly number?: number;
  /** The phases that have begun, in their order; one that was run again is there again. */
  readonly begun: readonly BegunPhase[];
  /** Who has terminated it, and why, as Temporal was told; absent where nobody has. */
  readonly terminated?: Termination;
}

/** What Temporal was told by whoever has terminated a workflow: which program or person, and why; empty where it was told nothing. */
export interface Termination {
  readonly identity?: string | null;
  readonly reason?: string | null;
}

/** A phase that has begun: the run of its workflow, and how it ended where its sync has heard of that. `at` is ms since 1970. */
export interface BegunPhase {
  readonly phase: Phase;
  readonly at: number;
  readonly execution: Required<Execution>;
  readonly outcome?: PhaseOutcome;
}

type Events = NonNullable<
  Awaited<ReturnType<ReturnType<Temporal['client']['workflow']['getHandle']>['fetchHistory']>>['events']
>;
type Event = Events[number];

/** Reads what a run's history tells; undefined where there is none. Throws `TemporalUnreachable` after 10 s. */
export async function readRecorded(
  temporal: Temporal,
  { workflowId, runId }: Required<Execution>,
  signal: AbortSignal,
): Promise<RecordedSync | undefined> {
  const { client } = temporal;
  try {
    const history = await call(temporal, { signal, timeoutMs: 10_000 }, () =>
      client.workflow.getHandle(workflowId, runId).fetchHistory(),
    );
    return await recordedIn(history.events ?? [], client.options.loadedDataConverter);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** What the events of a run tell; undefined where the first one is not that of a sync. */
export async function recordedIn(events: Events, converter: LoadedDataConverter): Promise<RecordedSync | undefined> {
  const first = async (payloads: Payloads): Promise<unknown> => (await decodeArrayFromPayloads(converter, payloads))[0];
  const request = await first(events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads);
  if (request === undefined) return undefined;
  const planned = (await first(answerOf(events, 'planSync'))) as PlanAnswer | undefined;
  const claimed = (await first(answerOf(events, 'claimRecord'))) as ClaimAnswer | undefined;
  const begun = await Promise.all(
    events
      .flatMap((event) => phaseBegunBy(event) ?? [])
      .map(async (phase): Promise<BegunPhase> => {
        const outcome = (await first(outcomeOf(events, phase.execution.runId))) as PhaseOutcome | undefined;
        return outcome === undefined ? phase : { ...phase, outcome };
      }),
  );
  return {
    request: request as SyncRequest,
    ...(planned?.kind === 'planned' ? { plan: planned.plan } : {}),
    ...(claimed?.kind === 'claimed' ? { number: claimed.number } : {}),
    begun,
    ...terminationIn(events.at(-1)),
  };
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

/** The last answer of an activity. */
function answerOf(events: Events, activity: string): Payloads {
  const scheduled = events.filter(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity,
  );
  const ids = new Set(scheduled.map(({ eventId }) => String(eventId)));
  const completed = events.flatMap((event) => event.activityTaskCompletedEventAttributes ?? []);
  return completed.findLast(({ scheduledEventId }) => ids.has(String(scheduledEventId)))?.result?.payloads;
}

function phaseBegunBy({
  childWorkflowExecutionStartedEventAttributes: started,
  eventTime,
}: Event): BegunPhase | undefined {
  const { workflowId, runId } = started?.workflowExecution ?? {};
  const phase = PHASES.find((name) => started?.workflowType?.name === 'runPhase' && workflowId?.endsWith(`/${name}`));
  if (phase === undefined || !workflowId || !runId) return undefined;
  return { phase, at: tsToMs(eventTime), execution: { workflowId, runId } };
}

function outcomeOf(events: Events, runId: string): Payloads {
  const completed = events.flatMap((event) => event.childWorkflowExecutionCompletedEventAttributes ?? []);
  return completed.find(({ workflowExecution }) => workflowExecution?.runId === runId)?.result?.payloads;
}

function terminationIn(last: Event | undefined): Pick<RecordedSync, 'terminated'> {
  const attributes = last?.workflowExecutionTerminatedEventAttributes;
  return attributes ? { terminated: attributes } : {};
}

/** The status that what is recorded amounts to: of a phase that runs it is told only that it does. */
export function statusOfRecorded({ request, plan, number, begun }: RecordedSync): SyncStatus {
  const initial = initialStatus(request, request.requestedAt);
  if (plan === undefined) return initial;
  const planned = plannedStatus(plan);
  const phases = request.resume?.remainder.phases ?? planned.phases;
  const outcomes = begun.flatMap(({ outcome }) => outcome ?? []);
  return {
    ...{ ...initial, ...planned },
    ...(number === undefined ? {} : { number }),
    phases: phases.map((phase) => standing(phase, begun)),
    failures: outcomes.flatMap(({ failures }) => failures),
    warnings: [...plan.warnings, ...outcomes.flatMap(({ warnings }) => warnings)],
  };
}

function standing(phase: PhaseStatus, begun: readonly BegunPhase[]): PhaseStatus {
  const latest = begun.findLast((each) => each.phase === phase.phase);
  if (latest === undefined) return phase;
  return latest.outcome?.status ?? { ...phase, state: 'running', startedAt: latest.at };
}
