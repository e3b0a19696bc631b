import { setTimeout as delay } from 'node:timers/promises';
import type { SynclineClient } from '../client/syncline-client.ts';
import type { SyncHandle } from '../client/handle.ts';
import type { SyncView } from '../client/following/view.ts';

/** How long a busy worker is asked again, ms: a command that decides or explains must not take it for a dead one. */
const PATIENCE_MS = 15_000;
const AGAIN_MS = 500;

/**
 * The view of a sync for a command that decides by it: as `handle.status()`, but asked again, for up to 15 s, while it is
 * not `heard` and a worker polls for work. By default it is heard once a worker has answered for the sync. Throws what
 * `status` throws.
 */
export async function heardView(
  client: Pick<SynclineClient, 'workers'>,
  handle: Pick<SyncHandle, 'status'>,
  signal: AbortSignal,
  heard: (view: SyncView) => boolean = ({ stale }) => !stale,
): Promise<SyncView> {
  const until = Date.now() + PATIENCE_MS;
  let view = await handle.status({ signal });
  while (!heard(view) && Date.now() < until && (await client.workers({ signal })).length > 0) {
    await delay(AGAIN_MS, undefined, { signal });
    view = await handle.status({ signal });
  }
  return view;
}
