import { ProblemError } from '../problem.ts';

/** The event streams that are open, by who opened them. */
export interface OpenStreams {
  /** Counts one more of a token's; what it returns is called at the stream's end. Throws a `ProblemError` where the token has as many as one may have. */
  enter(token: string): () => void;
}

/** The most event streams that one token may have open: each keeps memory of the server for as long as its client likes. */
const STREAMS_PER_TOKEN = 256;

/** Makes a count of open streams. */
export function openStreams(most = STREAMS_PER_TOKEN): OpenStreams {
  const counts = new Map<string, number>();
  return {
    enter(token) {
      const open = counts.get(token) ?? 0;
      if (open >= most)
        throw new ProblemError(
          'TooManyRequests',
          `this token has ${String(most)} event streams open; end one of them first`,
        );
      counts.set(token, open + 1);
      return () => {
        const left = (counts.get(token) ?? 0) - 1;
        if (left > 0) counts.set(token, left);
        else counts.delete(token);
      };
    },
  };
}
