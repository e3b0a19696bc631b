import { stringify } from 'yaml';
import { IDENTITIES } from './credentials.ts';

/**
 * What the API server writes to its audit log: writes of everybody, and reads of those whose requests tests count,
 * both at Metadata level. Events and leases are heartbeat and noise.
 */
export function auditPolicy(): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      {
        level: 'None',
        resources: [
          { group: '', resources: ['events'] },
          { group: 'events.k8s.io', resources: ['events'] },
          { group: 'coordination.k8s.io', resources: ['leases'] },
        ],
      },
      { level: 'Metadata', users: [IDENTITIES.syncline.user] },
      { level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] },
      { level: 'None' },
    ],
  });
}

/** The scheduler's configuration: one instance, so no leader election, and no throttle on its client. */
export function schedulerConfiguration(kubeconfigPath: string): string {
  return stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig: kubeconfigPath, qps: 500, burst: 1000 },
    leaderElection: { leaderElect: false },
  });
}
