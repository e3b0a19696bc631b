export { syncApplication } from './sync-application.ts';
export { consultCluster } from './consult-cluster.ts';
export { deliverNotification } from './deliver-notification.ts';
export { queueSyncs } from './queue-syncs.ts';
export { receivePush } from './receive-push.ts';
export { runPhase } from './run-phase.ts';
export { triggerSync } from './trigger-sync.ts';
