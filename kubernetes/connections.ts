import type { Dispatcher } from 'undici';
import { Agent, ProxyAgent } from 'undici';
import type { CredentialSource, Credentials, TlsMaterial } from './credentials.ts';

/** How connections to one API server are made. */
export interface ConnectionOptions {
  readonly credentials: CredentialSource;
  /** The most connections that requests use at once; watches have their own. */
  readonly connections: number;
  readonly headersTimeoutMs: number;
  /** An HTTP proxy to go through. */
  readonly proxyUrl?: string;
}

/** A pair of pools whose connections carry one TLS identity. */
export interface Lane {
  readonly credentials: Credentials;
  /** For requests that are answered and done. */
  readonly requests: Dispatcher;
  /** For answers that stay open; each holds a connection, so they must not use up those of `requests`. */
  readonly streams: Dispatcher;
}

/** The connections to one API server; they are replaced when the TLS identity changes. */
export interface Connections {
  lane(): Promise<Lane>;
  /** A lane with renewed credentials, after the server has refused those of `refused`. */
  renewedLane(refused: Lane): Promise<Lane>;
  close(): Promise<void>;
}

/** Opens no connection yet; each is made when a request needs it, and kept alive. */
export function openConnections(options: ConnectionOptions): Connections {
  let open: { readonly key: string; readonly requests: Dispatcher; readonly streams: Dispatcher } | undefined;
  let lane: Lane | undefined;

  const laneFor = (credentials: Credentials): Lane => {
    if (lane?.credentials === credentials) return lane;
    const key = identityOf(credentials.tls);
    if (open?.key !== key) {
      // Requests under way on the old identity end undisturbed.
      void open?.requests.close();
      void open?.streams.close();
      open = {
        key,
        requests: pool(options, credentials.tls, options.connections),
        streams: pool(options, credentials.tls, null),
      };
    }
    lane = { credentials, requests: open.requests, streams: open.streams };
    return lane;
  };

  return {
    lane: async () => laneFor(await options.credentials.current()),
    renewedLane: async (refused) => laneFor(await options.credentials.renewed(refused.credentials)),
    close: async () => {
      await Promise.all([open?.requests.destroy(), open?.streams.destroy()]);
    },
  };
}

function pool(options: ConnectionOptions, tls: TlsMaterial, connections: number | null): Dispatcher {
  const settings = {
    connections,
    // Measured: HTTP/2 is no faster at the same number of requests in flight, and there a broken connection breaks them all.
    allowH2: false,
    pipelining: 1,
    headersTimeout: options.headersTimeoutMs,
    keepAliveTimeout: 30_000,
    connectTimeout: 10_000,
  };
  if (options.proxyUrl !== undefined) return new ProxyAgent({ ...settings, uri: options.proxyUrl, requestTls: tls });
  return new Agent({ ...settings, connect: { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000 } });
}

function identityOf(tls: TlsMaterial): string {
  return JSON.stringify([tls.ca, tls.cert, tls.key, tls.servername, tls.rejectUnauthorized].map(String));
}
