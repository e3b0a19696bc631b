import { z } from 'zod';
import type { SyncHandle } from '../../client/handle.ts';
import { label } from '../../client/http/schemas/vocabulary.ts';
import type { Service } from '../route.ts';

/** The address of a cluster. */
export const CLUSTER_PATH = '/v1/clusters/{cluster}';

/** The address of an application. */
export const APPLICATION_PATH = `${CLUSTER_PATH}/applications/{application}`;

/** The address of one sync of an application. */
export const SYNC_PATH = `${APPLICATION_PATH}/syncs/{run}`;

/** The address of a hook of a sync. */
export const HOOK_PATH = `${SYNC_PATH}/hooks/{hook}`;

/** Names a cluster. */
export const clusterParams = z.strictObject({
  cluster: label(63).describe('The cluster’s name in the worker’s configuration.'),
});

/** Names an application. */
export const applicationParams = z.strictObject({ ...clusterParams.shape, application: label(50) });

/** Names a sync. */
export const syncParams = z.strictObject({
  ...applicationParams.shape,
  run: z
    .union([z.literal('latest'), z.guid(), label(40)])
    .describe(
      '`latest`, the run ID that lists and answers name, or the ID of a sync, also while it waits for its turn.',
    ),
});

/** Names a hook. */
export const hookParams = z.strictObject({
  ...syncParams.shape,
  hook: z.string().min(1).max(600).describe('`db-migrate`, `Job/db-migrate`, `PreSync/db-migrate` or the step’s ID.'),
});

/** The handle of the sync that a path names. */
export function handleAt({ client }: Service, { cluster, application, run }: z.output<typeof syncParams>): SyncHandle {
  if (run === 'latest') return client.handle(application, { cluster });
  return client.handle(application, {
    cluster,
    ...(z.guid().safeParse(run).success ? { runId: run } : { syncId: run }),
  });
}
