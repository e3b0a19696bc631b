import type { z } from 'zod';
import type { Failure } from '../../core/failures.ts';
import { failure, SynclineError } from '../../core/failures.ts';
import { AlreadyRunning, Conflict, IdReused, NotFound } from '../errors.ts';
import { problem } from './schemas/vocabulary.ts';

/** An answer that is no success. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly url: string;
}

/** A refusal, and when the server says that it is worth asking again. */
export interface Refused extends Refusal {
  readonly retryAfterMs?: number;
}

type Problem = z.output<typeof problem>;

/**
 * The error that an answer stands for: the very one that the server met where it tells of failures, so that nobody need know whether a
 * server stood between. What is wrong with the token is `Forbidden`, what the server can't do now `ServerUnavailable`.
 */
export function refusalError(refusal: Refusal): SynclineError {
  const told = problemIn(refusal.body);
  if (told === undefined) return unexplained(refusal);
  const { failures, fields, detail } = told;
  const [first, ...others] = failures ?? [];
  if (first !== undefined) return others.length > 0 ? new SynclineError([first, ...others]) : named(told, first);
  const [wrong, ...more] = fields ?? [];
  if (wrong !== undefined) return new SynclineError([fieldFailure(wrong), ...more.map(fieldFailure)]);
  const remedy = told.remedy === undefined ? {} : { remedy: told.remedy };
  switch (refusal.status) {
    case 401:
      return failure('Forbidden', `the server ${refusal.url} wants a token that is good: ${detail}`, {
        remedy: 'give one in SYNCLINE_TOKEN or --token-file; `syncline token create` makes one where the server runs',
      });
    case 403:
      return failure('Forbidden', detail, { remedy: 'ask whoever runs the server for a token that may', ...remedy });
    case 400:
    case 413:
    case 415:
    case 422:
      return failure('InvalidRequest', detail, remedy);
    case 404:
    case 405:
      return failure('InvalidRequest', `the server ${refusal.url} does not know what it is asked: ${detail}`, {
        remedy: 'use the same version of Syncline for both',
      });
    default:
      return unavailable(refusal, detail, told.instance);
  }
}

/** Whether a refusal may pass by itself. */
export function isPassing(refusal: Refusal): boolean {
  // Failures tell what the server has met itself, and how long it has tried.
  return [429, 502, 503, 504].includes(refusal.status) && problemIn(refusal.body)?.failures === undefined;
}

function named({ type }: Problem, first: Failure): SynclineError {
  switch (type.replace('urn:syncline:problem:', '')) {
    case 'NotFound':
      return new NotFound(first.message, first);
    case 'IdempotencyKeyReused':
      return new IdReused(first.message, first);
    case 'AlreadyRunning':
      return new AlreadyRunning(first.message, first);
    case 'Conflict':
      return new Conflict(first.message, first);
    default:
      return new SynclineError([first]);
  }
}

function fieldFailure({ path, message }: NonNullable<Problem['fields']>[number]): Failure {
  return { type: 'InvalidRequest', message: `${path}: ${message}` };
}

function problemIn(body: string): Problem | undefined {
  try {
    return problem.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

function unavailable({ url, status }: Refusal, detail: string, instance: string): SynclineError {
  const request = instance.replace('urn:syncline:request:', '');
  return failure('ServerUnavailable', `the server ${url} answers ${String(status)}: ${detail}`, {
    remedy: status === 429 ? 'try again later' : `try again; its log tells more by the request’s ID ${request}`,
  });
}

/** An answer of nobody that we know: of a proxy, or of another server. */
function unexplained({ url, status }: Refusal): SynclineError {
  const type = status === 401 || status === 403 ? 'Forbidden' : status < 500 ? 'InvalidRequest' : 'ServerUnavailable';
  return failure(type, `${url} answers ${String(status)}, and not as a Syncline server does`, {
    remedy: 'see that --server (SYNCLINE_SERVER) is the address of a Syncline server, and that it runs',
  });
}

/** The error for a server from which no answer comes. `sent` tells that the request may have been carried out nevertheless. */
export function unreached(url: string, cause: unknown, sent = false): SynclineError {
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  const open = sent ? ', and it is not known whether it has done what it was asked' : '';
  const remedy = isOfCertificate(cause)
    ? 'name the authority that its certificate is from with --server-ca, if it is the right server'
    : 'see that it runs and that --server (SYNCLINE_SERVER) is its address';
  return failure('ServerUnavailable', `no answer from the server ${url}${open}: ${why}`, { remedy }, { cause });
}

/** Whether a server was not believed to be the one it says it is (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
function isOfCertificate(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(code);
}
