import { readFile } from 'node:fs/promises';

/** What the API server's audit log says of the Jobs whose name contains a text. */
export interface JobFacts {
  /** Jobs that were created, dry runs left out. */
  readonly created: number;
  /** Pods of theirs that were started on a node. */
  readonly pods: number;
}

interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: { readonly resource?: string; readonly name?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
}

/** Reads from the API server's audit log how often a migration was created and started: not from our own records. */
export async function jobFacts(auditLogPath: string, name: string): Promise<JobFacts> {
  const events = (await readFile(auditLogPath, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter((event) => event.verb === 'create' && event.responseStatus?.code === 201)
    .filter((event) => !event.requestURI.includes('dryRun=') && event.objectRef?.name?.includes(name) === true);
  const of = (resource: string, subresource?: string) =>
    events.filter(({ objectRef }) => objectRef?.resource === resource && objectRef.subresource === subresource).length;
  // The log names a pod with a generated name only once it is bound to its node.
  return { created: of('jobs'), pods: of('pods', 'binding') };
}
