import type { FastifyReply, FastifyRequest } from 'fastify';
import { SynclineError } from '../core/failures.ts';
import type { Problem, ProblemName } from './problem.ts';
import { problemFor, ProblemError } from './problem.ts';

/** Sends the problem that an error is. What was not expected goes to the log in full, and to the client not at all. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = ofFramework(error) ?? error;
  const problem = problemFor(known);
  // What breaks off because its client is gone is nobody's fault.
  if (problem.status === 500 && !reply.raw.destroyed)
    request.log.error({ err: known }, 'a request failed unexpectedly');
  else if (known instanceof SynclineError) request.log.info({ problem: problem.type }, 'a request was refused');
  if (problem.type.endsWith(':Unauthenticated')) void reply.header('www-authenticate', 'Bearer');
  if (!request.raw.complete) endSoon(request);
  return reply
    .headers(headersOf(request))
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send(problemDocument(problem, request));
}

/** How long a body goes on being taken that nobody reads, so that its sender sees the answer, ms. */
const LINGER_MS = 2_000;

/** Lets the connection go if a body does not end soon: who may not ask could send without end. */
function endSoon({ raw }: FastifyRequest): void {
  const timer = setTimeout(() => {
    if (!raw.complete) raw.destroy();
  }, LINGER_MS);
  timer.unref();
}

/** A problem of a request as it is sent. */
export function problemDocument(problem: Problem, { id }: Pick<FastifyRequest, 'id'>): object {
  return { ...problem, instance: `urn:syncline:request:${id}` };
}

/** The headers of every answer. */
export function headersOf({ id }: Pick<FastifyRequest, 'id'>): Readonly<Record<string, string>> {
  return { 'x-request-id': id, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
}

/** A handler that answers with one problem. */
export function problemOfRequest(
  make: () => ProblemError,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (request, reply) => sendProblem(make(), request, reply);
}

/** What Fastify and its plugins say by code. Their words are not repeated: some quote what was sent. */
const CODES: Readonly<Record<string, readonly [ProblemName, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['MalformedRequest', 'the body is not JSON'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['MalformedRequest', 'the body is empty, and is said to be JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['MalformedRequest', 'the body has another length than Content-Length says'],
  FST_ERR_BAD_URL: ['MalformedRequest', 'the address can’t be read'],
  FST_ERR_MAX_PARAM_LENGTH: ['MalformedRequest', 'a name in the address is too long'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['PayloadTooLarge', 'the body is larger than is taken here'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'UnsupportedMediaType',
    'the body is neither JSON nor, where archives are taken, multipart/form-data',
  ],
  FST_INVALID_MULTIPART_CONTENT_TYPE: ['UnsupportedMediaType', 'the body is no multipart/form-data'],
  FST_REQ_FILE_TOO_LARGE: ['PayloadTooLarge', 'the archive is larger than 10 MiB'],
  FST_PARTS_LIMIT: ['PayloadTooLarge', 'the form has more parts than `order` and `archive`'],
  FST_FILES_LIMIT: ['PayloadTooLarge', 'the form has more than one file'],
  FST_FIELDS_LIMIT: ['PayloadTooLarge', 'the form has more than one field'],
  FST_PROTO_VIOLATION: ['MalformedRequest', 'the form has a field that is not allowed'],
};

function ofFramework(error: unknown): ProblemError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code, name } = error as { readonly code: unknown; readonly name: string };
  const [problem, detail] = CODES[String(code)] ?? [];
  if (problem !== undefined && detail !== undefined) return new ProblemError(problem, detail);
  if (name === 'SyntaxError' || String(code).startsWith('FST_ERR_CTP'))
    return new ProblemError('MalformedRequest', 'the request can’t be read');
  return undefined;
}
