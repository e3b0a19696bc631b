import { stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { uidOf } from '../core/objects.ts';
import type { Cluster } from '../kubernetes/cluster.ts';
import type { ObjectEvent } from '../kubernetes/logs-and-events.ts';
import { eventsFor } from '../kubernetes/logs-and-events.ts';

/** Reads the events about an object, oldest first. Throws as `Cluster.list` does. */
export type EventReader = (object: KubernetesObject) => Promise<readonly ObjectEvent[]>;

/** Reads events from the API server each time. */
export function eventReader(cluster: Pick<Cluster, 'list'>, signal: AbortSignal): EventReader {
  return (object) => eventsFor(cluster, stringAt(object, 'metadata', 'namespace'), uidOf(object), signal);
}

const FIRST_PAUSE_MS = 3_000;
const LONGEST_PAUSE_MS = 60_000;

interface Looked {
  readonly events: readonly ObjectEvent[];
  readonly at: number;
  readonly pauseMs: number;
}

/**
 * Reads the events about one object again only after pauses that double, from 3 s to 1 minute, and answers what it read last
 * in between: a thousand objects that are waited for would else have their events listed all the time. `now` is in ms.
 */
export function patientReader(read: EventReader, now: () => number): EventReader {
  const looked = new Map<string, Looked>();
  return async (object) => {
    const uid = uidOf(object);
    const last = looked.get(uid);
    if (last !== undefined && now() < last.at + last.pauseMs) return last.events;
    const events = await read(object);
    const pauseMs = last === undefined ? FIRST_PAUSE_MS : Math.min(2 * last.pauseMs, LONGEST_PAUSE_MS);
    looked.set(uid, { events, at: now(), pauseMs });
    return events;
  };
}
