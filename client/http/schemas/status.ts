import { z } from 'zod';
import type { SyncStateReport } from '../../reports/sync-state-report.ts';
import type { HookStatus, BatchStatus, SyncResult, WaveStatus } from '../../../core/sync/status.ts';
import { progress } from './progress.ts';
import { failure, moment, objectRef, phase } from './vocabulary.ts';

/** Where a phase, a wave or a step stands. */
export const stepState = z
  .enum(['pending', 'waiting', 'running', 'succeeded', 'failed', 'aborted', 'skipped'])
  .meta({ id: 'StepState' });

const skip = z.object({ by: z.string(), reason: z.string().exactOptional(), at: moment });

/** A hook's standing. */
export const hookStatus = z
  .object({
    kind: z.literal('hook'),
    id: z.string().describe('The step’s ID: it names the hook wherever a hook is asked for.'),
    ref: objectRef,
    state: stepState,
    deadlineMs: z.number(),
    guarantee: z.enum(['exactly-once', 'at-least-once']),
    attempt: z.number().int().exactOptional(),
    startedAt: moment.exactOptional(),
    finishedAt: moment.exactOptional(),
    message: z.string().exactOptional(),
    skipped: skip.exactOptional(),
    evidence: z.string().exactOptional(),
    retries: z.number().int().exactOptional(),
    spent: z
      .array(
        z.object({
          attempt: z.number().int(),
          startedAt: moment,
          finishedAt: moment,
          message: z.string(),
          evidence: z.string().exactOptional(),
        }),
      )
      .exactOptional(),
    nextAt: moment.exactOptional(),
  })
  .meta({ id: 'HookStatus' }) satisfies z.ZodType<HookStatus>;

/** The standing of a batch of applies or prunes. */
export const batchStatus = z
  .object({
    kind: z.enum(['apply', 'prune']),
    state: stepState,
    count: z.number().int(),
    changed: z.number().int(),
    titles: z.array(z.string()),
    skipped: skip.exactOptional(),
  })
  .meta({ id: 'BatchStatus' }) satisfies z.ZodType<BatchStatus>;

const decision = z.object({
  gate: z.string(),
  verdict: z.enum(['approved', 'rejected']),
  by: z.string(),
  reason: z.string().exactOptional(),
  at: moment,
});

const approval = z
  .object({
    reasons: z.array(z.string()),
    gate: z.string().describe('What a decision names: `<phase>/<wave>`.'),
    state: z.enum(['waiting', 'approved', 'rejected', 'expired']),
    since: moment,
    deadlineMs: z.number(),
    decision: decision.exactOptional(),
  })
  .meta({ id: 'Approval' });

const waveStatus = z
  .object({
    wave: z.number().int(),
    state: stepState,
    steps: z.array(z.union([hookStatus, batchStatus])),
    approval: approval.exactOptional(),
    startedAt: moment.exactOptional(),
    finishedAt: moment.exactOptional(),
  })
  .meta({ id: 'WaveStatus' }) satisfies z.ZodType<WaveStatus>;

const phaseStatus = z
  .object({
    phase,
    state: stepState,
    waves: z.array(waveStatus),
    startedAt: moment.exactOptional(),
    finishedAt: moment.exactOptional(),
  })
  .meta({ id: 'PhaseStatus' });

const count = z.number().int();

/** Objects of a diff by what becomes of them. */
export const diffCounts = z
  .object({
    ...{ added: count, changed: count, remade: count, removed: count, extra: count },
    ...{ unpredicted: count, marked: count, hook: count, unchanged: count },
  })
  .meta({ id: 'DiffCounts' });

/** A Kubernetes user as which requests are made. */
export const account = z.strictObject({
  user: z.string().min(1).max(320).describe('E.g. `system:serviceaccount:shop:deployer`.'),
  groups: z.array(z.string().min(1).max(320)).max(100).exactOptional(),
});

/** The part of an application that was asked for. */
export const selection = z.strictObject({
  resources: z.array(z.string()).exactOptional(),
  selector: z.string().exactOptional(),
  hooks: z.enum(['only', 'skip']).exactOptional(),
});

/** The sync that another one goes back to. */
export const rollback = z
  .object({ syncId: z.string(), number: z.number().int(), after: z.string().exactOptional() })
  .meta({ id: 'Rollback' });

const requested = { syncId: z.string(), revision: z.string(), requestedBy: z.string() };

/** The newer sync that a sync gives way to. */
const supersession = z.object({
  ...{ syncId: z.string(), revision: z.string(), by: z.string(), at: moment },
  withinMs: z.number().describe('How long it may take to its next safe point.'),
});

/** The place of a sync that waits for its turn. */
const queued = z.object({
  since: moment,
  before: z.number().int().describe('How many are before it in the line.'),
  ifRunning: z.enum(['queue', 'supersede']),
  behind: z.object(requested).exactOptional(),
});

/** The status of a sync; of one that is over also its outcome and counts. */
export const syncStatus = z
  .object({
    version: z.literal(1),
    ...{ application: z.string(), cluster: z.string(), namespace: z.string() },
    syncId: z.string(),
    number: z.number().int().exactOptional(),
    revision: z.string(),
    bundle: z.string(),
    plan: z.string().exactOptional(),
    diff: z.object({ digest: z.string(), counts: diffCounts }).exactOptional(),
    destination: z.object({ server: z.string(), context: z.string().exactOptional() }).exactOptional(),
    selection: z.object(selection.shape).exactOptional(),
    as: z.object(account.shape).exactOptional().describe('As which account the application’s objects are written.'),
    state: z.enum(['queued', 'planning', 'running', 'holding', 'succeeded', 'failed', 'aborted', 'superseded']),
    operation: z.literal('delete').exactOptional(),
    rollback: rollback.exactOptional(),
    requestedBy: z.string(),
    startedAt: moment,
    finishedAt: moment.exactOptional(),
    phases: z.array(phaseStatus),
    failures: z.array(failure),
    warnings: z.array(z.string()),
    hold: z.object({ since: moment, deadlineMs: z.number() }).exactOptional(),
    interventions: z
      .array(z.object({ what: z.string(), by: z.string(), reason: z.string().exactOptional(), at: moment }))
      .exactOptional(),
    round: z.number().int().exactOptional(),
    supersededBy: supersession.exactOptional(),
    window: z
      .object({ opensAt: moment, why: z.string() })
      .exactOptional()
      .describe('Present while a window holds it back.'),
    queued: queued.exactOptional(),
    from: z.object({ place: z.string(), leftOut: z.array(z.string()) }).exactOptional(),
  })
  .meta({ id: 'SyncStatus' });

/** How a sync ended. */
export const outcome = z.enum(['Succeeded', 'Failed', 'Aborted', 'Superseded']).meta({ id: 'Outcome' });

/** The result of a sync. */
export const syncResult = z
  .object({
    ...syncStatus.shape,
    outcome,
    finishedAt: moment,
    counts: z.object({ applied: count, unchanged: count, pruned: count, hooks: count }),
  })
  .meta({ id: 'SyncResult' }) satisfies z.ZodType<SyncResult>;

/** All that is known of a sync at one moment: the library's `SyncView`. */
export const syncView = z
  .object({
    version: z.literal(1),
    ...{ workflowId: z.string(), runId: z.string() },
    status: syncStatus,
    work: z
      .array(
        z.object({
          phase: phase.exactOptional(),
          activity: z.string(),
          tries: z.number().int(),
          progress: progress.exactOptional(),
          trouble: z.string().exactOptional(),
        }),
      )
      .describe('What workers have in hand for it.'),
    waiting: z
      .array(z.object({ ...requested, ifRunning: z.enum(['queue', 'supersede']), since: moment }))
      .describe('The requests that wait for its end, in their order.'),
    stale: z.boolean().describe('True where no worker answered, so that the status is what Temporal alone could tell.'),
    result: syncResult.exactOptional(),
  })
  .meta({ id: 'SyncView' });

/** How an application stands to the manifests of its latest sync. */
export const syncState = z
  .object({
    version: z.literal(1),
    syncState: z.discriminatedUnion('state', [
      z.object({ state: z.literal('in-sync') }),
      z.object({
        state: z.literal('out-of-sync'),
        ...{ differing: z.array(objectRef), missing: z.array(objectRef), extra: z.array(objectRef) },
      }),
      z.object({ state: z.literal('unknown'), reason: z.string() }),
    ]) satisfies z.ZodType<SyncStateReport>,
  })
  .meta({ id: 'SyncState' });
