import { ApiError, ConnectionError } from '../kubernetes/errors.ts';

/** Answers undefined where the API server refuses or does not answer; anything else is a fault of ours and is thrown. */
export async function bestEffort<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError || error instanceof ConnectionError) return undefined;
    throw error;
  }
}
