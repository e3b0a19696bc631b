import type { KubernetesObject } from '../objects.ts';

/** Argo CD's health statuses. `Missing` is said of an object that does not exist. */
export const HEALTH_STATUSES = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'] as const;

/** A health status. */
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** What a health rule says of an object. */
export interface Health {
  readonly status: HealthStatus;
  /** Why, for people; empty when there is nothing to say. */
  readonly message: string;
}

/** A health rule: a pure function of one live object. */
export type HealthRule = (object: KubernetesObject) => Health;
