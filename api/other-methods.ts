import type { FastifyInstance, HTTPMethods } from 'fastify';
import { authorise } from './access/authorisation.ts';
import { ProblemError } from './problem.ts';
import type { Route } from './route.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const satisfies readonly HTTPMethods[];

/** Answers the methods that an address has not with 405, and says which it has (RFC 9110, 15.5.6); whoever may not ask there at all is told that. */
export function refuseOtherMethods(http: FastifyInstance, routes: readonly Route[]): void {
  for (const [path, known] of Map.groupBy(routes, ({ path }) => path)) {
    const allowed = known.map(({ method }) => method);
    const [{ access } = { access: 'read' as const }] = known;
    http.route({
      method: METHODS.filter((method) => !allowed.some((each) => each === method)),
      url: addressOf(path),
      preParsing: (request, reply, _payload, done) => {
        try {
          authorise(access === 'open' || access === 'signed' ? access : 'read', request);
          void reply.header('allow', allowed.join(', '));
          done(new ProblemError('MethodNotAllowed', `this address takes ${allowed.join(', ')}, not ${request.method}`));
        } catch (error) {
          done(error as Error);
        }
      },
      handler: (_request, reply) => reply,
    });
  }
}

/** A path as Fastify writes it. */
export function addressOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
