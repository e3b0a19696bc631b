/** An answer of the API server that is not 2xx, with what its Status object said. */
export class ApiError extends Error {
  /** HTTP status code. */
  readonly code: number;
  /** `reason` of the Status, e.g. `AlreadyExists`, `Conflict`, `NotFound`, `Forbidden`, `Invalid`. */
  readonly reason: string;
  /** `details.causes` of the Status: field and message. */
  readonly causes: readonly { readonly field: string; readonly message: string; readonly type: string }[];
  /** Seconds from the Retry-After header, where given. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    details: Pick<ApiError, 'code' | 'reason' | 'causes' | 'retryAfterSeconds'>,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ApiError';
    this.code = details.code;
    this.reason = details.reason;
    this.causes = details.causes;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** No answer: refused, reset, timed out, or unreadable. Whether a write took effect is unknown. */
export class ConnectionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionError';
  }
}

/** Tells whether an error is an ApiError with this HTTP status code. */
export function isApiError(error: unknown, code: number): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

/** Tells whether a patch was refused because its object is not as it tests (422), has changed meanwhile (409) or is gone (404). */
export function isPatchRefused(error: unknown): error is ApiError {
  return isApiError(error, 422) || isApiError(error, 409) || isApiError(error, 404);
}
