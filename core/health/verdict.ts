/** What can be said of an object that runs to an end. */
export type VerdictKind = 'running' | 'succeeded' | 'failed' | 'suspended' | 'unknown';

/** Where an object that runs to an end has got to, and why. */
export interface Verdict<Kind extends VerdictKind = VerdictKind> {
  readonly kind: Kind;
  /** A word of Kubernetes' (`BackoffLimitExceeded`, `OOMKilled`); empty when there is none. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
  /** When it began, RFC 3339, where the object says so. */
  readonly startedAt?: string;
  /** When it ended, RFC 3339, where the object says so; only on verdicts that are final. */
  readonly finishedAt?: string;
}

/** The times of a verdict, with empty and missing ones left out. */
export function timesOf(
  startedAt: string | undefined,
  finishedAt?: string,
): { readonly startedAt?: string; readonly finishedAt?: string } {
  return {
    ...(startedAt === undefined || startedAt === '' ? {} : { startedAt }),
    ...(finishedAt === undefined || finishedAt === '' ? {} : { finishedAt }),
  };
}

/** A number with its noun: `1 pod`, `2 pods`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
