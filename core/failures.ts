/**
 * The catalogue of failures. The names are part of the API: they stand in Temporal's UI, in `-o json` and in
 * documentation, so they never change their meaning.
 */
export const FAILURE_TYPES = [
  'InvalidManifest',
  'InvalidRequest',
  'BundleNotFound',
  'BundleDigestMismatch',
  'EvidenceCollected',
  'FieldConflict',
  'Forbidden',
  'KindNotServed',
  'NamespaceNotFound',
  'ClusterUnavailable',
  'TemporalUnavailable',
  'ServerUnavailable',
  'HeldElsewhere',
  'Superseded',
  'OwnershipConflict',
  'PruneRefused',
  'ApplyFailed',
  'ResourceDegraded',
  'ResourceMissing',
  'WaveTimedOut',
  'HookFailed',
  'HookTimedOut',
  'HookStuck',
  'HookLost',
  'HookConflict',
  'ApprovalRejected',
  'ApprovalTimedOut',
  'SyncTimedOut',
  'Aborted',
  'NotDelivered',
  'WindowClosed',
  'RequestLost',
] as const;

/** The name of a failure. */
export type FailureType = (typeof FAILURE_TYPES)[number];

/** A failure as a value: what it is called, what happened to which object, and what helps. */
export interface Failure {
  readonly type: FailureType;
  /** One or two sentences: object, action, reason. Never contains a value of a Secret. */
  readonly message: string;
  /** What the reader can do about it, where we know. */
  readonly remedy?: string;
  /** The object concerned, as `Kind ns/name`. */
  readonly object?: string;
  /** File and line of the manifest, as `file:line`. */
  readonly location?: string;
}

/** An error that carries failures of the catalogue across a function boundary; the rims turn it into a result or an exit code. */
export class SynclineError extends Error {
  readonly failures: readonly [Failure, ...Failure[]];

  constructor(failures: readonly [Failure, ...Failure[]], options?: ErrorOptions) {
    super(failures.map(formatFailure).join('\n'), options);
    this.name = 'SynclineError';
    this.failures = failures;
  }

  /** The first failure's type. */
  get type(): FailureType {
    return this.failures[0].type;
  }
}

/** Makes the error for one failure. */
export function failure(
  type: FailureType,
  message: string,
  details: Omit<Failure, 'type' | 'message'> = {},
  options?: ErrorOptions,
): SynclineError {
  return new SynclineError([{ type, message, ...details }], options);
}

/** A failure in one line: `file:line: message (remedy)`. */
export function formatFailure(value: Failure): string {
  const place = value.location === undefined ? '' : `${value.location}: `;
  const remedy = value.remedy === undefined ? '' : ` — ${value.remedy}`;
  return `${place}${value.message}${remedy}`;
}
