import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { JsonObject } from '../../../core/json.ts';

/** A write that the API server has done, as its audit log tells it. Times are RFC 3339 with microseconds, so that texts sort. */
export interface AuditWrite {
  readonly receivedAt: string;
  readonly answeredAt: string;
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  /** The object as it was answered; of Jobs, Pods and Deployments alone. */
  readonly object?: JsonObject;
}

interface RawEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly responseObject?: JsonObject;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Reads the writes of an audit log that changed something in a namespace, in the order of their answers, by namespace. */
export async function readAuditWrites(path: string): Promise<ReadonlyMap<string, readonly AuditWrite[]>> {
  const found = new Map<string, AuditWrite[]>();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const write = writeOf(line);
    if (write === undefined) continue;
    const those = found.get(write.namespace);
    if (those === undefined) found.set(write.namespace, [write]);
    else those.push(write);
  }
  for (const those of found.values()) those.sort((a, b) => a.answeredAt.localeCompare(b.answeredAt));
  return found;
}

function writeOf(line: string): AuditWrite | undefined {
  const event = parsed(line);
  if (event === undefined) return undefined;
  const { verb, requestURI, user, objectRef = {}, responseStatus, responseObject } = event;
  const { namespace, resource, subresource } = objectRef;
  const code = responseStatus?.code ?? 0;
  if (!WRITES.has(verb) || namespace === undefined || resource === undefined) return undefined;
  if (code < 200 || code >= 300 || requestURI.includes('dryRun=All')) return undefined;
  const metadata = responseObject?.['metadata'] as JsonObject | undefined;
  const name = objectRef.name ?? (typeof metadata?.['name'] === 'string' ? metadata['name'] : '');
  const isObject = responseObject !== undefined && responseObject['kind'] !== 'Status';
  return {
    receivedAt: event.requestReceivedTimestamp,
    answeredAt: event.stageTimestamp,
    user: user.username,
    verb,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    namespace,
    name,
    code,
    ...(isObject ? { object: responseObject } : {}),
  };
}

/** The last line of a log may be half written, or cut where its server was killed. */
function parsed(line: string): RawEvent | undefined {
  try {
    return JSON.parse(line) as RawEvent;
  } catch {
    return undefined;
  }
}
