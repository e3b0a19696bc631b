import type { Account } from '../core/accounts/account.ts';
import { readCapabilities } from './capabilities.ts';
import type { Cluster } from './cluster.ts';
import type { Connections } from './connections.ts';
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

/** A cluster's client, from which those of other accounts are made. */
export interface ImpersonatingCluster extends Cluster {
  /**
   * The same cluster, its requests made as `account`. Connections and their limit are shared; what is known of the cluster
   * (kinds, live views) is not, since two accounts need not see the same. Closed with the cluster itself.
   */
  as(account: Account): Cluster;
}

/** A cluster's client. It connects when the first request is made. */
export function createCluster(options: ClusterOptions): ImpersonatingCluster {
  const closing = new AbortController();
  const connections = openConnections({
    credentials: options.credentials,
    connections: options.connections ?? DEFAULT_CONNECTIONS,
    headersTimeoutMs: options.headersTimeoutMs ?? DEFAULT_HEADERS_TIMEOUT_MS,
    ...(options.proxyUrl === undefined ? {} : { proxyUrl: options.proxyUrl }),
  });
  const wiring = { connections, closing };
  const accounts = recent(MOST_ACCOUNTS, (account: Account) => clientOf(options, wiring, account));
  return { ...clientOf(options, wiring), as: (account) => accounts(account) };
}

/** Of so many accounts, those used last, what is known of the cluster is kept. */
const MOST_ACCOUNTS = 100;

interface Wiring {
  readonly connections: Connections;
  readonly closing: AbortController;
}

function clientOf(options: ClusterOptions, { connections, closing }: Wiring, account?: Account): Cluster {
  const transport = createTransport({
    server: options.server,
    userAgent: `syncline/${options.version ?? 'dev'}`,
    connections,
    ...(account === undefined ? {} : { account }),
  });
  const discovery = createDiscovery(transport, closing.signal);
  return {
    name: options.name,
    ...(options.context === undefined ? {} : { context: options.context }),
    server: options.server,
    servedKind: (apiVersion, kind, signal) => discovery.servedKind(apiVersion, kind, signal),
    capabilities: (signal) => readCapabilities(transport, discovery, signal),
    ...createOperations(transport, discovery),
    ...createViews(watchSources(transport, discovery), options.view ?? {}, closing.signal),
    close: async () => {
      closing.abort(new ConnectionError(`The connection to cluster ${options.name} was closed`));
      await transport.close();
    },
  };
}

/** Makes what a value stands for once, and forgets the one least recently asked for when there are more than `most`. */
function recent<K, V>(most: number, make: (key: K) => V): (key: K) => V {
  const made = new Map<string, V>();
  return (key) => {
    const name = JSON.stringify(key);
    const value = made.get(name) ?? make(key);
    made.delete(name);
    made.set(name, value);
    const [oldest] = made.keys();
    if (made.size > most && oldest !== undefined) made.delete(oldest);
    return value;
  };
}
