import type { WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { SynclineError } from '../../core/failures.ts';
import { phaseWorkflowIdOf } from '../../core/markers.ts';
import type { Phase } from '../../core/phases.ts';
import { PHASES } from '../../core/phases.ts';
import { isOpen } from '../../core/record/under-way.ts';
import type { PhaseStatus, SyncResult, SyncStatus } from '../../core/sync/status.ts';
import { resultIn } from './ending.ts';
import { describeRun } from '../connection/describe-run.ts';
import { NotFound } from '../errors.ts';
import type { Execution } from '../connection/first-event.ts';
import { forcedEnding } from './forced-ending.ts';
import { waitingFor } from '../line/line.ts';
import { QUERY_MS, answerIn } from '../connection/queries.ts';
import type { RecordedSync } from './recorded-sync.ts';
import { readRecorded, statusOfRecorded } from './recorded-sync.ts';
import { workOf } from './running-work.ts';
import type { Temporal } from '../connection/temporal.ts';
import { call } from '../connection/temporal.ts';
import type { SyncView, Work } from './view.ts';
import { isStopping, withPhases } from './view.ts';

/** Looks at one sync, again and again; remembers what it saw last for the times when no worker answers. */
export interface Observer {
  look(signal: AbortSignal): Promise<SyncView>;
}

/** Makes an observer of one run of a sync. Looking throws `InvalidRequest` where there is no such sync, and `TemporalUnreachable`. */
export function observerOf(temporal: Temporal, application: string, execution: Execution): Observer {
  let last: SyncStatus | undefined;
  let ended: SyncView | undefined;
  return {
    look: async (signal) => {
      if (ended !== undefined) return ended;
      const description = await describe(temporal, application, execution, signal);
      const seen = { workflowId: execution.workflowId, runId: description.runId };
      const asked = await askStatus(temporal, seen, signal);
      if (!isOpen(description.status)) {
        const result = await resultOf(temporal, application, seen, asked, description, signal);
        const view: SyncView = { ...seen, status: result, work: [], waiting: [], stale: false, result };
        if (!isStopping(view)) ended = view;
        return view;
      }
      const status = asked ?? last ?? statusOfRecorded(await recorded(temporal, seen, application, signal));
      const running = runningPhases(status, asked !== undefined);
      const [waiting, ...looks] = await Promise.all([
        waitingFor(temporal, status, signal),
        ...running.map((phase) => lookAtPhase(temporal, seen, status, phase, asked !== undefined, signal)),
      ]);
      // The root learns of a phase's waves only at its end: between its child's end and that, the last answer stands.
      const known = last?.phases.filter(({ phase, state }) => running.includes(phase) && state !== 'pending') ?? [];
      last = withPhases(status, [...known, ...looks.flatMap((look) => look.detail ?? [])]);
      const work = [...(await workOf(temporal, description)), ...looks.flatMap((look) => look.work)];
      return { ...seen, status: last, work, waiting, stale: asked === undefined };
    },
  };
}

async function describe(
  temporal: Temporal,
  application: string,
  execution: Execution,
  signal: AbortSignal,
): Promise<WorkflowExecutionDescription> {
  const description = await describeRun(temporal, execution, signal);
  if (description === undefined) throw unknownSync(application, temporal);
  return description;
}

function unknownSync(application: string, temporal: Temporal) {
  const place = `Temporal ${temporal.address}, namespace ${temporal.namespace}`;
  return new NotFound(`there is no sync of ${application} (${place})`, {
    remedy: 'see `syncline list`, and give the --cluster it was synced to',
  });
}

/** The answer of the workflow itself; undefined when no worker gives one in time. */
async function askStatus(
  temporal: Temporal,
  execution: Required<Execution>,
  signal: AbortSignal,
): Promise<SyncStatus | undefined> {
  return answerIn<SyncStatus>(temporal, execution, 'status', QUERY_MS, signal);
}

/** The phases that may run: any of them, where no worker has ever said which. */
function runningPhases(status: SyncStatus, answered: boolean): readonly Phase[] {
  if (!answered && status.phases.length === 0) return PHASES;
  return status.phases.filter((phase) => phase.state === 'running').map(({ phase }) => phase);
}

interface PhaseLook {
  readonly detail?: PhaseStatus;
  readonly work: readonly Work[];
}

/** What the workflow of a running phase says. Its ID is also that of earlier syncs' phases, so it must be a child of this very run. */
async function lookAtPhase(
  temporal: Temporal,
  root: Required<Execution>,
  status: SyncStatus,
  phase: Phase,
  answered: boolean,
  signal: AbortSignal,
): Promise<PhaseLook> {
  const workflowId = phaseWorkflowIdOf(status.cluster, status.application, phase);
  const description = await describe(temporal, status.application, { workflowId }, signal).catch((error: unknown) => {
    // The child may not have begun yet.
    if (error instanceof SynclineError && error.type === 'InvalidRequest') return undefined;
    throw error;
  });
  if (description === undefined || description.parentExecution?.runId !== root.runId) return { work: [] };
  const [detail, work] = await Promise.all([
    answered
      ? answerIn<PhaseStatus>(temporal, { workflowId, runId: description.runId }, 'status', QUERY_MS, signal)
      : undefined,
    workOf(temporal, description, phase),
  ]);
  return { ...(detail === undefined ? {} : { detail }), work };
}

/** What Temporal alone can say of a sync. */
async function recorded(
  temporal: Temporal,
  execution: Required<Execution>,
  application: string,
  signal: AbortSignal,
): Promise<RecordedSync> {
  const found = await readRecorded(temporal, execution, signal);
  if (found === undefined) throw unknownSync(application, temporal);
  return found;
}

async function resultOf(
  temporal: Temporal,
  application: string,
  execution: Required<Execution>,
  asked: SyncStatus | undefined,
  description: WorkflowExecutionDescription,
  signal: AbortSignal,
): Promise<SyncResult> {
  const handle = temporal.client.workflow.getHandle(execution.workflowId, execution.runId);
  try {
    return (await call(temporal, { signal }, () => handle.result())) as SyncResult;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const told = resultIn(error);
    if (told !== undefined) return told;
    const found = await recorded(temporal, execution, application, signal);
    const known = { status: asked ?? statusOfRecorded(found), recorded: found };
    return forcedEnding(temporal, known, error, description, signal);
  }
}
