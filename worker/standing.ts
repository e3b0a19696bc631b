import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { TriggerSupport } from '../activities/triggers/trigger-support.ts';
import { queueIdOf, workflowIdOf } from '../core/markers.ts';
import { openRun } from './open-run.ts';

/** Answers from Temporal how an application's syncs stand: its lock tells of the one that runs, its line is open while requests wait. */
export function standingIn(client: Client): TriggerSupport['standing'] {
  return async ({ cluster, application }, signal) => {
    const [lock, line] = await client.connection.withAbortSignal(signal, () =>
      Promise.all([
        openRun(client, workflowIdOf(cluster, application)),
        openRun(client, queueIdOf(cluster, application)),
      ]),
    );
    const hasLine = line !== undefined;
    if (lock === undefined) return { hasLine };
    const told = (name: string): string | undefined => textIn(lock.memo, name);
    const bundle = told('bundle');
    return {
      hasLine,
      running: {
        syncId: told('syncId') ?? '',
        ...(bundle === undefined || bundle === '' ? {} : { bundle }),
        isPartial: told('selection') !== undefined,
      },
    };
  };
}

function textIn(memo: WorkflowExecutionDescription['memo'], name: string): string | undefined {
  const value = memo?.[name];
  return typeof value === 'string' ? value : undefined;
}
