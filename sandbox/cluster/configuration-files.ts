import { stringify } from 'yaml';
import { IDENTITIES } from './credentials.ts';

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Where bodies tell which pods ran for whom; none of these holds a Secret's value. */
const WORKLOADS = {
  level: 'RequestResponse',
  verbs: WRITES,
  resources: [
    { group: 'batch', resources: ['jobs', 'jobs/status'] },
    { group: '', resources: ['pods', 'pods/status', 'pods/binding'] },
    { group: 'apps', resources: ['deployments', 'deployments/status'] },
  ],
  omitManagedFields: true,
};

/**
 * What the API server writes to its audit log: writes of everybody, and reads of those whose requests tests count,
 * both at Metadata level, or with the bodies of writes to workloads. Events and leases are heartbeat and noise.
 */
export function auditPolicy(bodies: boolean): string {
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
      ...(bodies ? [WORKLOADS] : []),
      { level: 'Metadata', users: [IDENTITIES.syncline.user] },
      { level: 'Metadata', verbs: WRITES },
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
