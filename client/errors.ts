import type { Failure } from '../core/failures.ts';
import { SynclineError } from '../core/failures.ts';

/** What is asked about is not there: a sync, a hook of it, what was kept of one. */
export class NotFound extends SynclineError {
  constructor(message: string, details: Pick<Failure, 'remedy'> = {}) {
    super([{ type: 'InvalidRequest', message, ...details }]);
    this.name = 'NotFound';
  }
}

/** A sync does not stand so that what is asked could be done: none runs, nothing waits, another was first. */
export class Conflict extends SynclineError {
  override readonly name: string = 'Conflict';

  constructor(message: string, details: Pick<Failure, 'remedy'> = {}, options?: ErrorOptions) {
    super([{ type: 'InvalidRequest', message, ...details }], options);
  }
}

/** The ID of a sync was used for another request before. */
export class IdReused extends Conflict {
  override readonly name = 'IdReused';
}

/** Another sync of the application runs, so that this one was not started. */
export class AlreadyRunning extends Conflict {
  override readonly name = 'AlreadyRunning';
}

/** Temporal can't be reached, or no worker takes its work. The message says where it was looked for. */
export class TemporalUnreachable extends SynclineError {
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super([{ type: 'TemporalUnavailable', message, remedy }], options);
    this.name = 'TemporalUnreachable';
  }
}
