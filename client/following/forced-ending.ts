import type { WorkflowExecutionDescription, WorkflowFailedError } from '@temporalio/client';
import { isOpen } from '../../core/record/under-way.ts';
import { closedPhase } from '../../core/sync/closed-phase.ts';
import type { PhaseStatus, SyncResult, SyncStatus } from '../../core/sync/status.ts';
import type { PhaseOutcome } from '../../workflows/interpreter/phase.ts';
import { NO_COUNTS, abortedPhase, added } from '../../workflows/interpreter/phase-tracker.ts';
import { describeRun } from '../connection/describe-run.ts';
import { endingOf } from './ending.ts';
import type { Execution } from '../connection/first-event.ts';
import { QUERY_MS, answerIn } from '../connection/queries.ts';
import type { BegunPhase, RecordedSync } from './recorded-sync.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';

/**
 * The result of a sync that Temporal closed by force (terminated, timed out), so that it could not say one: what its history and
 * the workflows of its phases tell. Those outlive it for a moment, in which they stop their hooks: then a phase still runs in it.
 */
export async function forcedEnding(
  temporal: Temporal,
  { status, recorded }: { readonly status: SyncStatus; readonly recorded: RecordedSync },
  error: WorkflowFailedError,
  { closeTime }: WorkflowExecutionDescription,
  signal: AbortSignal,
): Promise<SyncResult> {
  const { outcome, failure } = endingOf(status, error, recorded.terminated);
  const finishedAt = closeTime?.getTime() ?? status.startedAt;
  const looks = await Promise.all(
    status.phases.map(async (phase): Promise<PhaseLook> => {
      if (phase.state !== 'running') return { status: phase };
      return lookAt(temporal, phase, latestOf(recorded, phase), finishedAt, signal);
    }),
  );
  const late = looks.flatMap(({ outcome: ended }) => ended ?? []);
  const heard = recorded.begun.flatMap((phase) => phase.outcome ?? []);
  return {
    ...status,
    ...{ state: outcome === 'Aborted' ? 'aborted' : 'failed', outcome, finishedAt },
    phases: looks.map((look) => closedPhase(look.status)),
    failures: [...status.failures, failure],
    warnings: [...status.warnings, ...late.flatMap(({ warnings }) => warnings)],
    counts: [...heard, ...late].reduce((sum, { counts }) => added(sum, counts), NO_COUNTS),
  };
}

function latestOf({ begun }: RecordedSync, { phase }: PhaseStatus): BegunPhase | undefined {
  return begun.findLast((each) => each.phase === phase);
}

interface PhaseLook {
  readonly status: PhaseStatus;
  /** How it ended, where it has and its sync never heard of that. */
  readonly outcome?: PhaseOutcome;
}

/** What has become of a phase that ran when its sync was closed. Of one that was ended by force itself nobody can say what its hooks do. */
async function lookAt(
  temporal: Temporal,
  known: PhaseStatus,
  begun: BegunPhase | undefined,
  at: number,
  signal: AbortSignal,
): Promise<PhaseLook> {
  if (begun === undefined) return { status: abortedPhase(known, at) };
  const outcome = await outcomeOf(temporal, begun.execution, signal);
  if (typeof outcome === 'object') return { status: outcome.status, outcome };
  const told = await answerIn<PhaseStatus>(temporal, begun.execution, 'status', QUERY_MS, signal);
  const status = told ?? known;
  // What it did is told at its end, so it runs until then.
  return { status: outcome === 'open' ? { ...status, state: 'running' } : abortedPhase(status, at) };
}

async function outcomeOf(
  temporal: Temporal,
  execution: Required<Execution>,
  signal: AbortSignal,
): Promise<PhaseOutcome | 'open' | 'none'> {
  const description = await describeRun(temporal, execution, signal);
  if (description === undefined) return 'none';
  if (isOpen(description.status)) return 'open';
  if (description.status.name !== 'COMPLETED') return 'none';
  const handle = temporal.client.workflow.getHandle(execution.workflowId, execution.runId);
  return (await call(temporal, { signal, timeoutMs: 5_000 }, () => handle.result())) as PhaseOutcome;
}
