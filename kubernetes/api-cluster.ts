import { readCapabilities } from './capabilities.ts';
import type { Cluster } from './cluster.ts';
import { openConnections } from './connections.ts';
import type { CredentialSource } from './credentials.ts';
import { createDiscovery } from './discovery.ts';
import { ConnectionError } from './errors.ts';
import type { ViewTimings } from './live-view.ts';
import { createViews } from './live-view.ts';
import { createOperations } from './object-operations.ts';
import { createTransport } from './transport.ts';
import { watchSources } from './watch-source.ts';

const DEFAULT_CONNECTIONS = 16;
const DEFAULT_HEADERS_TIMEOUT_MS = 30_000;

/** Where an API server is and how it is spoken to. */
export interface ClusterOptions {
  /** The cluster's name in the configuration, for messages. */
  readonly name: string;
  /** The kubeconfig's context, for messages. */
  readonly context?: string;
  /** Address of the API server. */
  readonly server: string;
  readonly credentials: CredentialSource;
  /** The most requests in flight at once. Default 16. Watches are not counted. */
  readonly connections?: number;
  /** Milliseconds until an answer's headers must be there. Default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Our version, sent as `User-Agent: syncline/<version>`. Default `dev`. */
  readonly version?: string;
  /** An HTTP proxy to go through. */
  readonly proxyUrl?: string;
  readonly view?: Partial<ViewTimings>;
}

/** A cluster's client. It connects when the first request is made. */
export function createCluster(options: ClusterOptions): Cluster {
  const closing = new AbortController();
  const transport = createTransport({
    server: options.server,
    userAgent: `syncline/${options.version ?? 'dev'}`,
    connections: openConnections({
      credentials: options.credentials,
      connections: options.connections ?? DEFAULT_CONNECTIONS,
      headersTimeoutMs: options.headersTimeoutMs ?? DEFAULT_HEADERS_TIMEOUT_MS,
      ...(options.proxyUrl === undefined ? {} : { proxyUrl: options.proxyUrl }),
    }),
  });
  const discovery = createDiscovery(transport, closing.signal);
  const operations = createOperations(transport, discovery);
  const views = createViews(watchSources(transport, discovery), options.view ?? {}, closing.signal);
  return {
    name: options.name,
    ...(options.context === undefined ? {} : { context: options.context }),
    server: options.server,
    servedKind: (apiVersion, kind, signal) => discovery.servedKind(apiVersion, kind, signal),
    capabilities: (signal) => readCapabilities(transport, discovery, signal),
    ...operations,
    ...views,
    close: async () => {
      closing.abort(new ConnectionError(`The connection to cluster ${options.name} was closed`));
      await transport.close();
    },
  };
}
