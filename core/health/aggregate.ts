import type { HealthStatus } from './health.ts';
import { HEALTH_STATUSES } from './health.ts';

/** The worst of several statuses, in the order of Argo CD's `healthOrder`; Healthy when there are none. */
export function worstOf(statuses: readonly HealthStatus[]): HealthStatus {
  const worst = statuses.reduce((rank, status) => Math.max(rank, HEALTH_STATUSES.indexOf(status)), 0);
  return HEALTH_STATUSES[worst] ?? 'Unknown';
}
