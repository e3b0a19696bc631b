import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import type { LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Warnings of what is meant to be so: the worker of the hook queue has activities alone. */
const EXPECTED: ReadonlySet<string> = new Set(['No workflows registered, not polling for workflow tasks']);

/** Sends Temporal's log through ours. Must be called before the first connection; a second call in a process does nothing. */
export function installTemporalLogging(log: Logger, level: LogLevel): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger(level, ({ level: said, message, meta }) => {
      const heard = EXPECTED.has(message) ? 'DEBUG' : said;
      log[PINO_LEVELS[heard]](fieldsOf(meta), message);
    }),
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
    shutdownSignals: [],
  });
}

let installed = false;

/** Temporal says `error` where pino's serializer wants `err`. */
function fieldsOf({ error, ...fields }: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return error === undefined ? fields : { ...fields, err: error };
}
