import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  log,
  proxyActivities,
} from '@temporalio/workflow';
import type { Failure } from '../core/failures.ts';
import { triggerIdOf } from '../core/markers.ts';
import { SYNC_QUEUE } from '../core/sync/queues.ts';
import type { Push } from '../core/triggers/push.ts';
import { describePush } from '../core/triggers/push.ts';
import type { TriggerOutcome } from '../core/triggers/trigger.ts';
import type { FindAnswer, TriggerActivities } from './activities.ts';
import { WORK_OPTIONS } from './activity-options.ts';
import { attempt } from './fenced-activities.ts';
import { withoutStack } from './refusal.ts';
import { attributesOfApplication } from './sync-description.ts';
import type { triggerSync } from './trigger-sync.ts';
import { TRIGGER_FAILED } from './trigger-sync.ts';

/** What the workflow of a push is given. */
export interface PushInput {
  readonly version: 1;
  readonly push: Push;
  /** The clusters whose applications may listen to it. */
  readonly clusters: readonly string[];
  /** Whether Temporal knows Syncline's search attributes. */
  readonly indexed: boolean;
}

/** An application that a push is about. */
interface Named {
  readonly cluster: string;
  readonly application: string;
}

/** What a push has come to. */
export interface PushResult {
  readonly version: 1;
  readonly triggered: readonly (Named & { readonly outcome: TriggerOutcome })[];
  /** The applications of its repository that it does not start. */
  readonly ignored: readonly (Named & { readonly why: string })[];
  /** What kept it from finding applications. */
  readonly failures: readonly Failure[];
}

/**
 * Starts what listens to a push, in all clusters, and tells what became of it. Fails with that as details where anything of it failed, so that
 * the same push may come again; what has been begun then is not begun again.
 */
export async function receivePush(input: PushInput): Promise<PushResult> {
  const found = await Promise.all(
    input.clusters.map(async (cluster) => ({ cluster, answer: await find(cluster, input.push) })),
  );
  const listening = found.flatMap(({ cluster, answer }) =>
    answer.kind === 'found' ? answer.applications.map((application) => ({ cluster, application })) : [],
  );
  const result: PushResult = {
    version: 1,
    triggered: await Promise.all(listening.map(async (named) => ({ ...named, outcome: await start(input, named) }))),
    ignored: found.flatMap(({ cluster, answer }) =>
      answer.kind === 'found' ? answer.ignored.map((each) => ({ cluster, ...each })) : [],
    ),
    failures: found.flatMap(({ answer }) => answer.failures),
  };
  const failed = result.triggered.filter(({ outcome }) => outcome.kind === 'failed');
  if (failed.length === 0 && result.failures.length === 0) return result;
  const names = failed.map(({ cluster, application }) => `${application} in cluster ${cluster}`);
  const why = names.length === 0 ? result.failures[0]?.message : `no sync was begun of ${names.join(', ')}`;
  throw withoutStack(ApplicationFailure.nonRetryable(why, TRIGGER_FAILED, result));
}

async function find(cluster: string, push: Push): Promise<FindAnswer> {
  const { findTriggered } = proxyActivities<TriggerActivities>({
    ...WORK_OPTIONS,
    summary: `applications of ${cluster}`,
  });
  const answer = await attempt(() => findTriggered({ cluster, push }));
  if (answer.failures.length > 0)
    log.warn('not all applications could be asked whether a push starts them', { cluster, failures: answer.failures });
  return answer;
}

/** Starts one application and waits for what becomes of it. A push that has done so before has no need to. */
async function start({ push, indexed }: PushInput, { cluster, application }: Named): Promise<TriggerOutcome> {
  try {
    return await executeChild<typeof triggerSync>('triggerSync', {
      workflowId: triggerIdOf(cluster, application, `${push.sender}-${push.id}`),
      taskQueue: SYNC_QUEUE,
      args: [{ version: 1, cluster, application, cause: { kind: 'push', push }, indexed }],
      parentClosePolicy: 'ABANDON',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      staticSummary: `${application} · ${describePush(push)}`,
      ...(indexed ? { typedSearchAttributes: attributesOfApplication(cluster, application) } : {}),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { kind: 'known' };
    if (isCancellation(error) || !(error instanceof ChildWorkflowFailure)) throw error;
    return { kind: 'failed', failures: failuresOf(error, application) };
  }
}

function failuresOf({ cause }: ChildWorkflowFailure, application: string): readonly Failure[] {
  const told = cause instanceof ApplicationFailure ? (cause.details?.[0] as TriggerOutcome | undefined) : undefined;
  if (told?.kind === 'failed') return told.failures;
  const message = cause?.message ?? `the trigger of ${application} has failed`;
  return [{ type: 'TemporalUnavailable', message, remedy: 'see its workflow in Temporal' }];
}
