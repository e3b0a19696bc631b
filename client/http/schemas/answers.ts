import { z } from 'zod';
import type { SyncListing } from '../../listing/sync-listing.ts';
import type { HookRow, ResourceRow } from '../../reports/resource-rows.ts';
import type { ContainerEvidence, EventEvidence } from '../../../core/evidence/evidence.ts';
import { diffCounts, syncView } from './status.ts';
import { moment, objectRef, phase } from './vocabulary.ts';

const version = z.literal(1);

const listing = z
  .object({
    ...{ application: z.string(), cluster: z.string(), namespace: z.string() },
    ...{ syncId: z.string(), revision: z.string(), requestedBy: z.string() },
    selection: z.string().exactOptional(),
    outcome: z.enum(['Queued', 'Running', 'Succeeded', 'Failed', 'Aborted', 'Superseded']),
    waits: z
      .object({ for: z.enum(['approval', 'decision', 'window']), until: moment.exactOptional() })
      .exactOptional()
      .describe('What it waits for while it runs.'),
    startedAt: moment,
    finishedAt: moment.exactOptional(),
    ...{ workflowId: z.string(), runId: z.string() },
  })
  .meta({ id: 'SyncListing' }) satisfies z.ZodType<SyncListing>;

/** Syncs, newest first. */
export const syncList = z.object({ version, syncs: z.array(listing) }).meta({ id: 'SyncList' });

/** A sync that was accepted. */
export const accepted = z
  .object({
    version,
    ...{ application: z.string(), cluster: z.string(), workflowId: z.string() },
    runId: z.string().exactOptional(),
    syncId: z.string().exactOptional().describe('Names the sync for ever, also while it waits for its turn.'),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Accepted' });

/** The answer to a command that has no more to tell. */
export const done = z.object({ version, accepted: z.literal(true) }).meta({ id: 'Done' });

/** What is done about a webhook. */
export const heard = z
  .object({
    version,
    result: z
      .enum(['accepted', 'known', 'ignored'])
      .describe('`known`: the same delivery has come before; `ignored`: it starts nothing, and `reason` says why.'),
    workflowId: z.string().exactOptional().describe('Tells in Temporal what is started.'),
    reason: z.string().exactOptional(),
  })
  .meta({ id: 'Heard' });

const planStep = z.looseObject({
  ...{ id: z.string(), phase, wave: z.number().int(), deadlineMs: z.number() },
  action: z.enum(['apply', 'hook', 'prune']),
  ...{ apiVersion: z.string(), kind: z.string(), name: z.string().nullable() },
  namespace: z.string().exactOptional(),
  generateName: z.string().exactOptional(),
  approval: z.string().exactOptional(),
  after: z.array(z.string()).exactOptional(),
});

/** A plan: phases, waves and steps in the order in which they run. */
export const plan = z
  .object({
    version,
    phases: z.array(
      z.object({ phase, waves: z.array(z.object({ wave: z.number().int(), steps: z.array(planStep) })) }),
    ),
    skipped: z.array(
      z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string().nullable(), reason: z.string() }),
    ),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Plan' });

/** What a sync would change. */
export const comparison = z
  .object({
    version,
    view: syncView
      .omit({ version: true })
      .describe('The dry run at its end; its result says whether the API server accepts all of it.'),
    diff: z
      .object({
        version,
        counts: diffCounts,
        objects: z.array(
          z.looseObject({
            kind: z.enum(['added', 'changed', 'remade', 'removed', 'extra', 'unpredicted', 'marked', 'hook']),
            ref: objectRef,
          }),
        ),
      })
      .exactOptional()
      .describe('Absent where the dry run failed. Values of Secrets are masked.'),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Comparison' });

const stateOfRow = z.enum(['pending', 'waiting', 'running', 'succeeded', 'failed', 'aborted', 'skipped', 'unchanged']);

/** The resources of a sync. */
export const resourceList = z
  .object({
    version,
    resources: z.array(
      z.object({
        ...objectRef.shape,
        ...{ phase, wave: z.number().int(), action: z.enum(['apply', 'prune']), state: stateOfRow },
      }) satisfies z.ZodType<ResourceRow>,
    ),
  })
  .meta({ id: 'ResourceList' });

/** The hooks of a sync. */
export const hookList = z
  .object({
    version,
    hooks: z.array(
      z.object({
        ...{ phase, wave: z.number().int(), id: z.string(), ref: objectRef },
        state: z.enum(['pending', 'waiting', 'running', 'succeeded', 'failed', 'aborted', 'skipped']),
        attempts: z.number().int().exactOptional(),
        startedAt: moment.exactOptional(),
        finishedAt: moment.exactOptional(),
        message: z.string().exactOptional(),
        guarantee: z.string(),
        evidence: z.string().exactOptional(),
        object: z.string(),
      }) satisfies z.ZodType<HookRow>,
    ),
  })
  .meta({ id: 'HookList' });

const logTail = z.object({
  lines: z.array(z.string()),
  total: z.number().int().exactOptional(),
  truncated: z.boolean(),
});

const containerEvidence = z.object({
  ...{ pod: z.string(), container: z.string(), init: z.boolean(), state: z.string() },
  exitCode: z.number().int().exactOptional(),
  reason: z.string().exactOptional(),
  log: logTail,
}) satisfies z.ZodType<ContainerEvidence>;

const eventEvidence = z.object({
  ...{ at: z.string(), type: z.string(), reason: z.string(), object: z.string(), message: z.string() },
  count: z.number().int(),
}) satisfies z.ZodType<EventEvidence>;

/** A hook's log: live while it runs, as it was kept afterwards. */
export const hookLog = z
  .discriminatedUnion('live', [
    z.object({
      ...{ version, live: z.literal(true), attempt: z.number().int(), state: z.string() },
      containers: z.array(z.object({ container: z.string(), lines: z.array(z.string()) })),
    }),
    z.object({
      ...{ version, live: z.literal(false), attempt: z.number().int(), message: z.string() },
      containers: z.array(containerEvidence),
    }),
  ])
  .meta({ id: 'HookLog' });

/** What Kubernetes said of a hook and its pods. */
export const hookEvents = z
  .object({ version, live: z.boolean(), events: z.array(eventEvidence) })
  .meta({ id: 'HookEvents' });

/** All that was kept of one attempt of a hook. */
export const hookEvidence = z
  .object({
    ...{ version, hook: objectRef, uid: z.string(), attempt: z.number().int() },
    ...{ outcome: z.enum(['succeeded', 'failed', 'aborted']), message: z.string(), capturedAt: z.string() },
    containers: z.array(containerEvidence),
    events: z.array(eventEvidence),
  })
  .meta({ id: 'HookEvidence' });

/** The workers that poll for syncs. */
export const workerList = z
  .object({ version, workers: z.array(z.object({ identity: z.string(), lastSeenAt: moment })) })
  .meta({ id: 'WorkerList' });

/** Whether the server can work. */
export const health = z.object({ status: z.enum(['ok', 'unavailable']), temporal: z.boolean().exactOptional() });
