import { failure, SynclineError } from '../core/failures.ts';

/** Another sync of the application runs, so that this one was not started. */
export class AlreadyRunning extends SynclineError {
  constructor(
    application: string,
    running: { readonly syncId: string; readonly revision: string; readonly since: number } | undefined,
  ) {
    const which =
      running === undefined
        ? ''
        : ` (sync ${running.syncId}, revision ${running.revision}, since ${new Date(running.since).toISOString()})`;
    const { failures } = failure('InvalidRequest', `a sync of ${application} is running already${which}`, {
      remedy: `follow it with \`syncline status ${application} --watch\`, or end it with \`syncline abort ${application}\``,
    });
    super(failures);
    this.name = 'AlreadyRunning';
  }
}

/** Temporal can't be reached, or no worker takes its work. The message says where it was looked for. */
export class TemporalUnreachable extends SynclineError {
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super([{ type: 'TemporalUnavailable', message, remedy }], options);
    this.name = 'TemporalUnreachable';
  }
}
