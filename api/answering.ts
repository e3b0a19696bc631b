import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from './problem.ts';
import type { Route, Service } from './route.ts';
import { withUpload } from './uploads.ts';

/** Who is asked for by a route that is open to anybody. */
const NOBODY = { id: '', subject: 'nobody', roles: [], applications: [] } as const;

/** Answers one request of a route. Throws what is to be told as a problem. */
export async function answer(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  service: Service,
  broken: AbortSignal,
): Promise<unknown> {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client is gone'));
  });
  const ask = {
    params: request.params,
    query: request.query,
    body: request.body,
    archive: undefined,
    principal: request.principal ?? NOBODY,
    signal: AbortSignal.any([gone.signal, broken]),
    request,
    reply,
  };
  const isForm = request.isMultipart();
  if (isForm && route.archive !== true) {
    throw new ProblemError('UnsupportedMediaType', 'only JSON is read here');
  }
  const answered = isForm
    ? await withUpload(request, ask.signal, (upload) => route.handle({ ...ask, ...upload }, service))
    : await route.handle(ask, service);
  if (route.answer.kind === 'events') return reply;
  return reply.code(route.answer.status).send(answered);
}
