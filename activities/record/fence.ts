import type { Fence } from '../../core/record/record.ts';
import { holds } from '../../core/record/transitions.ts';
import type { SyncScope } from '../../workflows/activities.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { RecordStore } from './record-store.ts';

/** The fence of an activity: its sync, its epoch, and the run of the workflow that asked. */
export function fenceOf(scope: SyncScope, runtime: ActivityRuntime): Fence {
  return { syncId: scope.request.syncId, epoch: scope.epoch, run: runtime.run };
}

/** Reads the record and tells whether this activity may still write. */
export async function fenceHolds(store: RecordStore, scope: SyncScope, runtime: ActivityRuntime): Promise<boolean> {
  return holds(await store.read(runtime.signal), fenceOf(scope, runtime));
}
