import type { CompactPlan } from '../core/sync/compact-plan.ts';
import type { SyncStatus } from '../core/sync/status.ts';
import { pendingPhase } from './interpreter/phase-tracker.ts';

/** What is known of a sync once it has its plan, and nothing of it has begun. */
export function plannedStatus({
  digest,
  destination,
  phases,
  diff,
}: CompactPlan): Pick<SyncStatus, 'phases'> & Partial<SyncStatus> {
  const known = { plan: digest, destination, ...(diff === undefined ? {} : { diff }) };
  return { state: 'running', ...known, phases: phases.map(pendingPhase) };
}
