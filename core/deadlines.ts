import { numberAt } from './json.ts';
import type { KubernetesObject } from './objects.ts';

const MINUTE_MS = 60_000;
/** How long a hook may take when nothing says otherwise. */
export const DEFAULT_HOOK_DEADLINE_MS = 24 * 60 * MINUTE_MS;
/** How long a resource may take to become healthy, and a pruned one to go, when nothing says otherwise. */
export const DEFAULT_RESOURCE_DEADLINE_MS = 5 * MINUTE_MS;
/** How long a failed sync that holds waits for a decision when nothing says otherwise. */
export const DEFAULT_HOLD_MS = 24 * 60 * MINUTE_MS;
/** How long a sync that is superseded may take to its next safe point when nothing says otherwise. */
export const DEFAULT_SUPERSEDE_MS = 10 * MINUTE_MS;
/** How long a gate waits for an approval when nothing says otherwise. */
export const DEFAULT_APPROVAL_DEADLINE_MS = 24 * 60 * MINUTE_MS;

/**
 * How long a step may take from its release (hook) or apply (resource), in ms: the object's `syncline.dev/timeout`,
 * else `spec.activeDeadlineSeconds` and a minute, so that Kubernetes' own verdict comes first, else the default.
 */
export function deadlineMs(object: KubernetesObject, action: 'apply' | 'hook', timeoutMs: number | undefined): number {
  if (timeoutMs !== undefined) return timeoutMs;
  const activeSeconds = numberAt(object, 'spec', 'activeDeadlineSeconds');
  if (activeSeconds !== undefined && activeSeconds > 0) return Math.ceil(activeSeconds * 1000) + MINUTE_MS;
  return action === 'hook' ? DEFAULT_HOOK_DEADLINE_MS : DEFAULT_RESOURCE_DEADLINE_MS;
}
