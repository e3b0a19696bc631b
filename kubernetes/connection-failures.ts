import type { RequestSubject } from './api-status.ts';
import { ConnectionError } from './errors.ts';

/** Codes of failures before anything was written to a connection. */
const UNSENT_CODES: ReadonlySet<string> = new Set(['ECONNREFUSED']);

/** Codes of a connection that broke under a request. */
const LOST_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  ...UNSENT_CODES,
]);

/** The ConnectionError for a failure of the network, of TLS or of a time-out. */
export function connectionErrorOf(error: unknown, server: string, subject: RequestSubject): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const label = code === '' || why.includes(code) ? '' : ` (${code})`;
  const words = why === '' ? (code === '' ? 'connection failed' : code) : `${why}${label}`;
  return new ConnectionError(`Cannot ${subject.action} ${subject.object}: no answer from ${server}: ${words}`, {
    cause: error,
  });
}

/** Tells whether a connection broke or was refused, so that the request may be tried again at once; time-outs are not. */
export function isLost(cause: unknown): boolean {
  return LOST_CODES.has(codeOf(cause));
}

/** Tells whether an answer that stays open was given up because nothing came any more. */
export function isSilence(cause: unknown): boolean {
  return codeOf(cause) === 'UND_ERR_BODY_TIMEOUT';
}

/** Tells whether the failure came before the request left this machine. */
export function surelyUnsent(cause: unknown): boolean {
  return UNSENT_CODES.has(codeOf(cause));
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
