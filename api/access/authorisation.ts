import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../problem.ts';
import type { Access } from '../route.ts';
import type { TokenStore } from './token-file.ts';
import type { Principal } from './token.ts';
import { covers, mayDo, principalOf } from './token.ts';

/** Who asks, by the `Authorization` header; undefined where no good token came. `now` is ms since 1970. */
export async function findPrincipal(
  header: string | undefined,
  tokens: TokenStore,
  now: number,
): Promise<Principal | undefined> {
  const [, text] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  return text === undefined ? undefined : principalOf(await tokens.read(), text, now);
}

/**
 * Throws a `ProblemError` unless whoever asks may use a route of this access: 401 without a good token, 403 where no role of it
 * allows the action or the application in the path is not within its scope.
 */
export function authorise(access: Access, { principal, params }: Pick<FastifyRequest, 'principal' | 'params'>): void {
  if (access === 'open' || access === 'signed') return;
  if (principal === undefined) {
    throw new ProblemError('Unauthenticated', 'no token came, or it is unknown, expired or revoked', {
      remedy: 'send `Authorization: Bearer TOKEN`; `syncline token create` makes one',
    });
  }
  if (!mayDo(principal, access)) {
    throw new ProblemError(
      'NotAllowed',
      `the token of ${principal.subject} has the roles ${principal.roles.join(', ')}, which may not ${access}`,
    );
  }
  const { cluster, application } = params as { readonly cluster?: string; readonly application?: string };
  if (cluster === undefined || application === undefined || covers(principal, { cluster, application })) return;
  throw new ProblemError(
    'NotAllowed',
    `the token of ${principal.subject} is not for ${application} in cluster ${cluster}`,
  );
}
