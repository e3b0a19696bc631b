import type { WorkflowExecutionDescription } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { Phase } from '../../core/phases.ts';
import type { Progress } from '../../core/sync/progress.ts';
import type { Temporal } from '../connection/temporal.ts';
import type { Work } from './view.ts';

/** The activities that a described workflow has open, with the newest of their heartbeats. `phase` names the phase whose workflow it is. */
export async function workOf(
  temporal: Temporal,
  description: WorkflowExecutionDescription,
  phase?: Phase,
): Promise<readonly Work[]> {
  const converter = temporal.client.options.loadedDataConverter;
  const pending = description.raw.pendingActivities ?? [];
  return Promise.all(
    pending.map(async (activity): Promise<Work> => {
      const details = await decodeArrayFromPayloads(converter, activity.heartbeatDetails?.payloads);
      const progress = details[0] as Progress | undefined;
      const trouble = activity.lastFailure?.message ?? '';
      return {
        ...(phase === undefined ? {} : { phase }),
        activity: activity.activityType?.name ?? '',
        tries: activity.attempt ?? 1,
        ...(progress === undefined ? {} : { progress }),
        ...(trouble === '' ? {} : { trouble }),
      };
    }),
  );
}
