export { syncApplication } from './sync-application.ts';
export { consultCluster } from './consult-cluster.ts';
export { queueSyncs } from './queue-syncs.ts';
export { runPhase } from './run-phase.ts';
