import type { FailureType } from '../core/failures.ts';
import { formatFailure, SynclineError } from '../core/failures.ts';
import type { Failure } from '../core/failures.ts';
import { AlreadyRunning, Conflict, IdReused, NotFound } from '../client/errors.ts';

/** The problems that are about a request rather than a failure of the catalogue, with their HTTP status and title. */
const PROBLEMS = {
  MalformedRequest: [400, 'The request can’t be read'],
  Unauthenticated: [401, 'A valid token is needed'],
  BadSignature: [401, 'The signature is not right'],
  NotAllowed: [403, 'The token does not allow this'],
  NotFound: [404, 'There is no such thing'],
  MethodNotAllowed: [405, 'The address does not take this method'],
  RequestTimeout: [408, 'The request did not come in time'],
  AlreadyRunning: [409, 'Another sync of the application is running'],
  Conflict: [409, 'The sync does not stand so that this could be done'],
  PayloadTooLarge: [413, 'The request is too large'],
  UnsupportedMediaType: [415, 'The media type is not supported'],
  InvalidFields: [422, 'The request has fields that can’t be right'],
  IdempotencyKeyReused: [422, 'The idempotency key was used for another request'],
  TooManyRequests: [429, 'Too many requests'],
  HeadersTooLarge: [431, 'The headers are too large'],
  Internal: [500, 'The server failed'],
  ShuttingDown: [503, 'The server is shutting down'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

/** Name of a problem that is about a request. */
export type ProblemName = keyof typeof PROBLEMS;

/** One field of a request that is wrong. */
export interface FieldProblem {
  /** Where it stands, as `body.options.prune`. */
  readonly path: string;
  readonly message: string;
}

/** What a problem tells besides its name. */
interface ProblemDetails {
  readonly remedy?: string;
  readonly failures?: readonly Failure[];
  readonly fields?: readonly FieldProblem[];
}

/** An RFC 9457 problem, without the request it belongs to. */
export interface Problem extends ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** Carries a problem to the rim of the server. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(name: ProblemName, detail: string, details: ProblemDetails = {}) {
    super(detail);
    this.name = 'ProblemError';
    this.problem = problemOf(name, detail, details);
  }
}

/** HTTP statuses of the failures of the catalogue that can end a request; all others are faults of what was sent. */
const STATUSES: Partial<Readonly<Record<FailureType, number>>> = {
  BundleNotFound: 404,
  EvidenceCollected: 410,
  Forbidden: 502,
  ClusterUnavailable: 503,
  TemporalUnavailable: 503,
};

/** The problem that an error is. What is not known tells nothing of itself: it stands in the log. */
export function problemFor(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof SynclineError) return problemOfFailures(error);
  return problemOf('Internal', 'an error that was not expected; the server’s log tells more by the request’s ID');
}

function problemOfFailures(error: SynclineError): Problem {
  const { failures, type } = error;
  const detail = failures.length === 1 ? failures[0].message : failures.map(formatFailure).join('\n');
  const { remedy } = failures[0];
  const details = { failures, ...(remedy === undefined ? {} : { remedy }) };
  if (error instanceof NotFound) return problemOf('NotFound', detail, details);
  if (error instanceof IdReused) return problemOf('IdempotencyKeyReused', detail, details);
  if (error instanceof AlreadyRunning) return problemOf('AlreadyRunning', detail, details);
  if (error instanceof Conflict) return problemOf('Conflict', detail, details);
  return {
    type: urn(type),
    title: TITLES[type] ?? 'The request can’t be carried out',
    status: STATUSES[type] ?? 422,
    detail,
    ...details,
  };
}

const TITLES: Partial<Readonly<Record<FailureType, string>>> = {
  InvalidManifest: 'The manifests can’t be right',
  EvidenceCollected: 'It is kept no longer',
  InvalidRequest: 'The request can’t be right',
  TemporalUnavailable: 'Temporal or its worker can’t be reached',
  ClusterUnavailable: 'The cluster can’t be reached',
};

function problemOf(name: ProblemName, detail: string, details: ProblemDetails = {}): Problem {
  const [status, title] = PROBLEMS[name];
  return { type: urn(name), title, status, detail, ...details };
}

function urn(name: string): string {
  return `urn:syncline:problem:${name}`;
}
