import { readFile } from 'node:fs/promises';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { until } from './waiting.ts';

/** A write that the API server saw, as its audit log tells it. */
export interface WriteEvent {
  /** When the API server received the request and when it had answered: RFC 3339 with microseconds, so that texts sort. */
  readonly receivedAt: string;
  readonly answeredAt: string;
  readonly user: string;
  /** As whom the user made the request; absent = as itself. */
  readonly as?: string;
  readonly verb: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  /** Absent where the API server made the name, as for a Job's pods. */
  readonly name?: string;
  readonly code: number;
  readonly dryRun: boolean;
}

/** What to look for; what is left out matches anything. */
export type WriteFilter = Partial<Pick<WriteEvent, 'user' | 'verb' | 'resource' | 'namespace' | 'name' | 'dryRun'>> & {
  /** Objects themselves, not their `status`, `binding` and the like; true by default. */
  readonly objectsOnly?: boolean;
  /** Leave out our own records and inventories; true by default. */
  readonly withoutRecord?: boolean;
};

interface RawEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

let marks = 0;

/** Reads the writes of an audit log in the order they were answered, once everything that was answered before is in it. */
export async function readAudit(
  path: string,
  admin: Cluster,
  filter: WriteFilter = {},
): Promise<readonly WriteEvent[]> {
  // The log is written in order: what came before a write of our own is there once that write is.
  marks += 1;
  const name = `audit-mark-${process.pid}-${marks}`;
  const signal = AbortSignal.timeout(60_000);
  await admin.create(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } },
    { dryRun: true },
    signal,
  );
  const log = await until(`the audit log tells of ${name}`, async () => {
    const text = await readFile(path, 'utf8');
    return text.includes(name) ? text : undefined;
  });
  return eventsIn(log, filter).filter((event) => matches(event, filter));
}

function eventsIn(log: string, { namespace = '' }: WriteFilter): readonly WriteEvent[] {
  const lines = log.slice(0, log.lastIndexOf('\n')).split('\n');
  return lines
    .filter((line) => line.includes(namespace))
    .map((line) => JSON.parse(line) as RawEvent)
    .filter(({ verb }) => WRITES.has(verb))
    .map(({ verb, requestURI, user, impersonatedUser: as, objectRef = {}, responseStatus, ...times }) => ({
      receivedAt: times.requestReceivedTimestamp,
      answeredAt: times.stageTimestamp,
      user: user.username,
      ...(as === undefined ? {} : { as: as.username }),
      verb,
      resource: objectRef.resource ?? '',
      ...(objectRef.subresource === undefined ? {} : { subresource: objectRef.subresource }),
      ...(objectRef.namespace === undefined ? {} : { namespace: objectRef.namespace }),
      ...(objectRef.name === undefined ? {} : { name: objectRef.name }),
      code: responseStatus?.code ?? 0,
      dryRun: requestURI.includes('dryRun=All'),
    }))
    .sort((a, b) => a.answeredAt.localeCompare(b.answeredAt));
}

function matches(event: WriteEvent, filter: WriteFilter): boolean {
  const { objectsOnly = true, withoutRecord = true, ...fields } = filter;
  if (objectsOnly && event.subresource !== undefined) return false;
  if (withoutRecord && event.resource === 'configmaps' && event.name?.startsWith('syncline.') === true) return false;
  return Object.entries(fields).every(([field, value]) => event[field as keyof WriteEvent] === value);
}

/** An event as `verb resource/name`. */
export function written(event: WriteEvent): string {
  return `${event.verb} ${event.resource}/${event.name ?? '?'}`;
}

/** Whether the write created its object: a POST, or a server-side apply of what was not there. */
export function isCreation({ verb, code, dryRun, subresource }: WriteEvent): boolean {
  return !dryRun && subresource === undefined && code === 201 && (verb === 'create' || verb === 'patch');
}

/** Names of the objects that were created, in order, as `resource/name`. */
export function creations(events: readonly WriteEvent[]): readonly string[] {
  return events.filter(isCreation).map(({ resource, name }) => `${resource}/${name ?? '?'}`);
}

/** How a hook Job went, read from writes of everybody in its namespace. */
export interface JobHistory {
  /** POSTs that created a Job of the name. */
  readonly created: number;
  /** Patches of ours that the API server accepted while the Job was there: the release, and the TTL that is given back. */
  readonly patched: number;
  /** Pods of the Job that were bound to a node. */
  readonly pods: number;
}

/** Counts what happened to the Jobs (or Pods) of a name. Its pods are named `<job>-…`. */
export function historyOf(events: readonly WriteEvent[], resource: 'jobs' | 'pods', name: string): JobHistory {
  const accepted = events.filter(({ dryRun, code }) => !dryRun && code < 300);
  const own = accepted.filter((event) => event.resource === resource && event.name === name);
  const bound = accepted.filter((event) => event.resource === 'pods' && event.subresource === 'binding');
  const isItsPod = (pod: string): boolean => (resource === 'pods' ? pod === name : pod.startsWith(`${name}-`));
  return {
    created: own.filter((event) => isCreation(event)).length,
    patched: own.filter(
      ({ verb, subresource, user }) => verb === 'patch' && subresource === undefined && user === 'syncline',
    ).length,
    pods: new Set(bound.filter((event) => isItsPod(event.name ?? '')).map((event) => event.name)).size,
  };
}
