import type { InjectOptions, LightMyRequestResponse as Response } from 'fastify';
import { pino } from 'pino';
import type { Role } from '../../../api/access/roles.ts';
import type { StoredToken } from '../../../api/access/token.ts';
import { newToken } from '../../../api/access/token.ts';
import type { TokenStore } from '../../../api/access/token-file.ts';
import type { ApiServer, ServerOptions } from '../../../api/server.ts';
import { createServer } from '../../../api/server.ts';
import type { FakeClient } from '../../fakes/syncline-client.ts';
import { fakeClient } from '../../fakes/syncline-client.ts';

/** A server over a fake client, without a port. */
export interface ApiLab {
  readonly server: ApiServer;
  readonly client: FakeClient;
  /** What the server has logged. */
  log(): string;
  /** The text of a new token. */
  token(roles?: readonly Role[], applications?: readonly string[], change?: Partial<StoredToken>): string;
  /** Sends a request; as an admin of everything unless a token, or none (null), is given. */
  send(request: InjectOptions, token?: string | null): Promise<Response>;
}

/** Tokens that only this process knows. */
export function memoryTokens(): TokenStore & { add(token: StoredToken): void } {
  let tokens: readonly StoredToken[] = [];
  return {
    description: 'memory',
    read: async () => tokens,
    change: async (change) => {
      tokens = change(tokens);
    },
    add: (token) => {
      tokens = [...tokens, token];
    },
  };
}

/** When the lab's clock stands, ms since 1970. */
export const NOW = Date.parse('2026-06-01T12:00:00Z');

/** Opens a lab. */
export async function openApiLab(options: Partial<ServerOptions> = {}): Promise<ApiLab> {
  const client = (options.client as FakeClient | undefined) ?? fakeClient();
  const tokens = memoryTokens();
  let log = '';
  const server = await createServer({
    ...{ client, tokens, version: '0.0.0', now: () => NOW, env: {}, requestsPerMinute: 1_000_000 },
    log: pino({ level: 'trace' }, { write: (line: string) => void (log += line) }),
    ...options,
  });
  await server.http.ready();
  const token: ApiLab['token'] = (roles = ['admin'], applications = ['*'], change = {}) => {
    const { text, stored } = newToken({ subject: `the-${roles.join('-')}`, roles, applications }, NOW - 1_000);
    tokens.add({ ...stored, ...change });
    return text;
  };
  const admin = token();
  return {
    server,
    client,
    log: () => log,
    token,
    send: (request, bearer = admin) =>
      server.http.inject({
        ...request,
        headers: { ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }), ...request.headers },
      }),
  };
}
