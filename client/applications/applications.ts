import type { ApplicationDefinition } from '../../core/application/application.ts';
import { readDefinition } from '../../core/application/read-definition.ts';
import { SynclineError } from '../../core/failures.ts';
import type { Json } from '../../core/json.ts';
import type { Connections } from '../connection/connections.ts';
import { consulted } from '../connection/consultation.ts';
import type { WaitOptions } from '../handle.ts';
import { forgetSchedule } from './schedule-writing.ts';
import { checkApplication, checkCluster, checkNamespace } from '../starting/validation.ts';

/** Names a cluster by its name in the worker's configuration. */
export interface ClusterOptions extends WaitOptions {
  readonly cluster: string;
}

/** The applications that are kept in a cluster, each with its source, destination and options. */
export interface Applications {
  /** All of them, by name. */
  list(options: ClusterOptions): Promise<readonly ApplicationDefinition[]>;
  /** One of them. Throws `InvalidRequest` where it is not defined. */
  get(application: string, options: ClusterOptions): Promise<ApplicationDefinition>;
  /** Keeps a definition in the place of an earlier one. Throws `InvalidRequest` for one that can't be, and says where. */
  set(definition: ApplicationDefinition, options: ClusterOptions): Promise<void>;
  /** Removes a definition and its schedule; what was synced stays. Throws `InvalidRequest` where there is none. */
  delete(application: string, options: ClusterOptions): Promise<void>;
}

/** Reads and writes definitions through a worker. */
export function applicationsOf(connections: Connections): Applications {
  const get: Applications['get'] = async (application, { cluster, signal = never() }) => {
    checkNames(application, cluster);
    return (await consulted(
      connections,
      { kind: 'application', cluster, application },
      signal,
    )) as ApplicationDefinition;
  };
  return {
    get,
    list: async ({ cluster, signal = never() }) => {
      checkCluster(cluster);
      const answer = await consulted(connections, { kind: 'applications', cluster }, signal);
      return answer as readonly ApplicationDefinition[];
    },
    set: async (definition, { cluster, signal = never() }) => {
      const [first, ...others] = readDefinition(definition as unknown as Json, 'application').failures;
      if (first !== undefined) throw new SynclineError([first, ...others]);
      checkNames(definition.application, cluster);
      checkNamespace(definition.namespace);
      const bytes = new TextEncoder().encode(JSON.stringify(definition));
      const digest = await connections.bundles().put(bytes, signal);
      await consulted(connections, { kind: 'define', cluster, definition: digest }, signal);
    },
    delete: async (application, options) => {
      const { cluster, signal = never() } = options;
      await get(application, options);
      await consulted(connections, { kind: 'undefine', cluster, application }, signal);
      await forgetSchedule(connections.temporal, { cluster, application }, signal);
    },
  };
}

function checkNames(application: string, cluster: string): void {
  checkApplication(application);
  checkCluster(cluster);
}

function never(): AbortSignal {
  return new AbortController().signal;
}
