import { AlreadyRunning } from '../client/errors.ts';
import { formatFailure, SynclineError } from '../core/failures.ts';
import { isOfCluster } from '../client/kubeconfig.ts';
import type { Console } from './console.ts';
import type { ExitCode } from './exit-codes.ts';
import { EXIT } from './exit-codes.ts';

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof AlreadyRunning) return EXIT.failed;
  if (isOfCluster(error)) return EXIT.unreachable;
  if (!(error instanceof SynclineError)) return EXIT.failed;
  switch (error.type) {
    case 'InvalidManifest':
    case 'InvalidRequest':
      return EXIT.invalid;
    case 'TemporalUnavailable':
    case 'ServerUnavailable':
    case 'ClusterUnavailable':
      return EXIT.unreachable;
    case 'Aborted':
      return EXIT.aborted;
    default:
      return EXIT.failed;
  }
}

/** An error as lines for people: each failure with its place and its remedy; the stack only with SYNCLINE_DEBUG=1. */
export function describeError(error: unknown, console: Pick<Console, 'env' | 'style'>): readonly string[] {
  const { red } = console.style;
  const debug = console.env['SYNCLINE_DEBUG'] === '1' && error instanceof Error ? [error.stack ?? ''] : [];
  if (error instanceof SynclineError) {
    return [...error.failures.map((each) => `${red('error')}: ${formatFailure(each)}`), ...debug];
  }
  const message = error instanceof Error ? error.message : String(error);
  return [`${red('error')}: ${message}`, ...debug];
}
