import type { ApplicationDefinition } from '../../core/application/application.ts';
import { readDefinition } from '../../core/application/read-definition.ts';
import { SynclineError } from '../../core/failures.ts';
import type { Json } from '../../core/json.ts';
import type { Applications } from '../applications/applications.ts';
import type { ServerConnection } from './connection.ts';
import { applicationPath } from './handle.ts';
import { done } from './schemas/answers.ts';
import { definition, definitionList } from './schemas/applications.ts';

/** The applications that are kept in a cluster, read and written through a server. */
export function serverApplications(connection: ServerConnection): Applications {
  const pathOf = (application: string, cluster: string): string =>
    `${applicationPath({ application, cluster })}/definition`;
  return {
    list: async ({ cluster, signal = never() }) => {
      const path = `/v1/clusters/${encodeURIComponent(cluster)}/applications`;
      return (await connection.ask(definitionList, { path }, signal)).applications.map(read);
    },
    get: async (application, { cluster, signal = never() }) =>
      read(await connection.ask(definition, { path: pathOf(application, cluster) }, signal)),
    set: async (kept, { cluster, signal = never() }) => {
      const path = pathOf(kept.application, cluster);
      await connection.ask(done, { method: 'PUT', path, body: kept }, signal);
    },
    delete: async (application, { cluster, signal = never() }) => {
      await connection.ask(done, { method: 'DELETE', path: pathOf(application, cluster), repeatable: false }, signal);
    },
  };
}

function read(value: object): ApplicationDefinition {
  const { definition: kept, failures } = readDefinition(value as Json, 'application');
  const [first, ...others] = failures;
  if (kept !== undefined) return kept;
  throw new SynclineError([first ?? { type: 'InvalidRequest', message: 'the application can’t be read' }, ...others]);
}

function never(): AbortSignal {
  return new AbortController().signal;
}
