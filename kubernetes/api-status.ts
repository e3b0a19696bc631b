import type { JsonObject } from '../core/json.ts';
import { arrayAt, isJsonObject, numberAt, stringAt } from '../core/json.ts';
import { ApiError } from './errors.ts';

/** What a request does to which object, as messages say it. */
export interface RequestSubject {
  /** A verb: `apply`, `create`, `read`. */
  readonly action: string;
  /** The object: `ConfigMap shop/web`. */
  readonly object: string;
  /** The server's words may quote the content of a Secret, so only a part of them is passed on. */
  readonly secret: boolean;
}

type Cause = ApiError['causes'][number];

/**
 * The ApiError for an answer that is not 2xx. The body is normally a `Status` object; whatever else it is, it is quoted
 * in short. For a Secret only those words of the server are passed on that can't contain a value.
 */
export function apiErrorOf(
  code: number,
  body: string,
  retryAfter: string | undefined,
  subject: RequestSubject,
): ApiError {
  const status = statusIn(body);
  const malformed = isMalformedApply(code, status);
  const reason = malformed ? 'BadRequest' : (stringAt(status, 'reason') ?? '');
  const causes = causesOf(status, subject.secret);
  const said = stringAt(status, 'message') ?? body.trim().slice(0, 300);
  const words = subject.secret ? wordsAboutSecret(code, reason, said, causes) : said;
  const label = reason === '' || malformed ? `HTTP ${code}` : `HTTP ${code} ${reason}`;
  return new ApiError(
    `Cannot ${subject.action} ${subject.object}: ${words === '' ? 'no reason given' : words} (${label})`,
    {
      code: malformed ? 400 : code,
      reason,
      causes,
      retryAfterSeconds: retryAfterSecondsOf(retryAfter) ?? numberAt(status, 'details', 'retryAfterSeconds'),
    },
  );
}

/** The number of seconds a Retry-After header asks for; a date is read as the time until then. */
export function retryAfterSecondsOf(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/**
 * A server-side apply of an object that does not fit its schema is answered 500 without a reason, as if the server were
 * broken (apiserver's `structuredmerge.go` returns a bare error), and only the words tell it from one that is.
 */
function isMalformedApply(code: number, status: JsonObject | undefined): boolean {
  return code === 500 && (stringAt(status, 'message') ?? '').startsWith('failed to create typed patch object');
}

function statusIn(body: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isJsonObject(parsed) && parsed['kind'] === 'Status' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function causesOf(status: JsonObject | undefined, secret: boolean): readonly Cause[] {
  return arrayAt(status, 'details', 'causes').map((cause) => {
    const type = stringAt(cause, 'reason') ?? '';
    const message = stringAt(cause, 'message') ?? '';
    return {
      field: stringAt(cause, 'field') ?? '',
      message: secret && type !== 'FieldManagerConflict' ? type : message,
      type,
    };
  });
}

/** Codes whose messages speak of names, permissions and versions, never of an object's content. */
const CODES_WITHOUT_CONTENT: ReadonlySet<number> = new Set([401, 403, 404, 409, 410, 429, 503]);

/** Parts of messages about content that name fields and places, never values. */
const WORDS_WITHOUT_CONTENT =
  /(?:unknown|duplicate) field "[^"]*"|\.\S+: field not declared in schema|illegal base64 data at input byte \d+|admission webhook "[^"]*" does not support dry run/g;

function wordsAboutSecret(code: number, reason: string, said: string, causes: readonly Cause[]): string {
  if (CODES_WITHOUT_CONTENT.has(code))
    return said.replace(/(denied (?:the )?request)[^]*$/, '$1 (its words are withheld)');
  const unknown = said.match(WORDS_WITHOUT_CONTENT) ?? [];
  const fields = causes.map((cause) => (cause.type === '' ? cause.field : `${cause.field}: ${cause.type}`));
  const known = [...new Set([...unknown, ...fields])].filter((words) => words !== '');
  const shown = known.length === 0 ? reason : known.join(', ');
  return `${shown === '' ? 'refused' : shown} (the server's words are withheld because they may quote the Secret)`;
}
