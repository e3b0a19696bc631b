import { ConnectionError } from './errors.ts';

/** TLS material of a connection; what is absent is Node's default. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** What a request needs to be let in: headers, and the TLS material of the connection it goes over. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** Credentials that are kept fresh. */
export interface CredentialSource {
  /** The credentials in use, read again when they are older than half a minute. Throws ConnectionError where there are none. */
  current(): Promise<Credentials>;
  /** New credentials after the server refused `refused` with 401; the same ones where they were renewed a moment ago. */
  renewed(refused: Credentials): Promise<Credentials>;
}

/** Reads credentials: cheaply (files, a cached token), or from scratch so that an exec plugin runs again. */
export type ReadCredentials = (from: 'cache' | 'scratch') => Promise<Credentials>;

const READ_AGAIN_MS = 30_000;
const RENEW_AT_MOST_EVERY_MS = 5_000;

/** Credentials that never change, e.g. of a server without authentication. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { current: () => Promise.resolve(credentials), renewed: () => Promise.resolve(credentials) };
}

/**
 * Keeps what `read` answers. A refresh that fails leaves the old credentials in use until the server refuses them; the
 * error then says why there are no new ones. `now` is the time in milliseconds.
 */
export function refreshedCredentials(
  cluster: string,
  read: ReadCredentials,
  now: () => number = () => performance.now(),
): CredentialSource {
  let held: { readonly credentials: Credentials; readonly readAt: number } | undefined;
  let renewedAt = -Infinity;
  let reading: Promise<Credentials> | undefined;

  const readOnce = (from: 'cache' | 'scratch'): Promise<Credentials> => {
    reading ??= read(from)
      .then((credentials) => {
        held = { credentials, readAt: now() };
        return credentials;
      })
      .catch((cause: unknown) => Promise.reject(unreadable(cluster, cause)))
      .finally(() => (reading = undefined));
    return reading;
  };

  return {
    current: () => {
      if (held === undefined) return readOnce('cache');
      const { credentials, readAt } = held;
      if (now() - readAt < READ_AGAIN_MS) return Promise.resolve(credentials);
      return readOnce('cache').catch(() => credentials);
    },
    renewed: (refused) => {
      if (held !== undefined && held.credentials !== refused) return Promise.resolve(held.credentials);
      if (reading === undefined && now() - renewedAt < RENEW_AT_MOST_EVERY_MS) return Promise.resolve(refused);
      renewedAt = now();
      return readOnce('scratch');
    },
  };
}

function unreadable(cluster: string, cause: unknown): ConnectionError {
  const why = cause instanceof Error ? cause.message.trim() : String(cause);
  return new ConnectionError(`Cannot get credentials for cluster ${cluster}: ${why}`, { cause });
}
