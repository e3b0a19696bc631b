import { eventProblem } from '../core/health/event-problem.ts';
import type { PodProblem } from '../core/health/pod-problem.ts';
import { stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import type { EventReader } from './event-reader.ts';

/** How long a start may take before events are asked what keeps it, ms: most pods just need a moment. */
const ORDINARY_START_MS = 5_000;

/**
 * What keeps a pod, or the pods of a Job, from starting, as the object's events tell it; undefined in its first seconds. The
 * time is that of the caller's clock, ms since 1970. Throws as `events` does.
 */
export async function problemByEvents(
  events: EventReader,
  object: KubernetesObject,
  now: number,
): Promise<PodProblem | undefined> {
  const since = stringAt(object, 'status', 'startTime') ?? stringAt(object, 'metadata', 'creationTimestamp') ?? '';
  if (now - Date.parse(since) < ORDINARY_START_MS) return undefined;
  const problem = eventProblem(await events(object));
  return problem === undefined || since === '' ? problem : { ...problem, since };
}
