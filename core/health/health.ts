import type { KubernetesObject } from '../objects.ts';

/** Argo CD's health statuses. `Missing` is said of an object that does not exist. */
export const HEALTH_STATUSES = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'] as const;

/** A health status. */
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** What is said of an object's health. */
export interface Health {
  /** Empty where a custom check says nothing: a resource is waited for, a hook has succeeded, as in Argo CD. */
  readonly status: HealthStatus | '';
  /** Why, for people; empty when there is nothing to say. */
  readonly message: string;
}

/** What is known of an object besides itself. */
export interface HealthFacts {
  /** What a check says that somebody has configured for its kind. */
  readonly custom?: Health;
  /** `volumeBindingMode` of the storage class of a PersistentVolumeClaim. */
  readonly volumeBindingMode?: string;
}

/** A health rule: a pure function of one live object and of what is known besides. */
export type HealthRule = (object: KubernetesObject, facts: HealthFacts) => Health;
