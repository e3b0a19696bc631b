import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { PhaseStatus, SyncStatus } from '../core/sync/status.ts';

/** Who asks for an abort, and why. */
export interface AbortRequest {
  readonly by: string;
  readonly reason?: string;
}

/** The answer to an accepted command. */
export interface Accepted {
  readonly accepted: true;
}

/** Where the sync stands. */
export const statusQuery = defineQuery<SyncStatus>('status');

/** Where a phase stands; asked of the phase's own workflow. */
export const phaseStatusQuery = defineQuery<PhaseStatus>('status');

/** Stops the sync: running hooks are stopped, evidence first. */
export const abortUpdate = defineUpdate<Accepted, [AbortRequest]>('abort');

/** The same as the update, for those who can only signal. */
export const abortSignal = defineSignal<[AbortRequest?]>('abort');
