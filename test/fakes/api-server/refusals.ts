import type { ObjectRef } from '../../../core/objects.ts';
import { ApiError } from '../../../kubernetes/errors.ts';

/** Refuses a request as the API server does: its HTTP status code and the reason of its Status. */
export function refuse(code: number, reason: string, ref: ObjectRef, causes: ApiError['causes'] = []): never {
  throw new ApiError(`${ref.kind} ${ref.name}: ${reason}`, { code, reason, causes, retryAfterSeconds: undefined });
}
