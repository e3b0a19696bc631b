import type { Command } from 'commander';
import { parseDuration } from '../../core/annotations/duration.ts';
import { failure } from '../../core/failures.ts';
import type { Retention } from '../../core/retention/retention.ts';
import { DEFAULT_RETENTION } from '../../core/retention/retention.ts';
import type { Console } from '../console.ts';
import { countFlag, durationFlag } from '../settings.ts';

/** How long the bundle store keeps what nothing under way needs. */
export interface RetentionFlags {
  readonly keepFor?: number;
  readonly keepSyncs?: number;
}

const KEEP_FOR = 'SYNCLINE_KEEP_FOR';
const KEEP_SYNCS = 'SYNCLINE_KEEP_SYNCS';

/** Adds the flags that say how long evidence, and what a failed sync needs, are kept. */
export function withRetention(command: Command): Command {
  return command
    .option(
      '--keep-for <duration>',
      `how long logs and events are kept, and failed syncs can be resumed (${KEEP_FOR}, else 720h)`,
      durationFlag,
    )
    .option(
      '--keep-syncs <count>',
      `of so many last syncs of each application logs and events are kept longer (${KEEP_SYNCS}, else ${String(DEFAULT_RETENTION.keepSyncs)})`,
      countFlag,
    );
}

/** The retention that the flags or the environment give. Throws `InvalidRequest` for a variable that can't be read. */
export function retentionOf(flags: RetentionFlags, env: Console['env']): Retention {
  return {
    keepForMs: flags.keepFor ?? read(env, KEEP_FOR, parseDuration, '720h') ?? DEFAULT_RETENTION.keepForMs,
    keepSyncs: flags.keepSyncs ?? read(env, KEEP_SYNCS, wholeNumber, '10') ?? DEFAULT_RETENTION.keepSyncs,
  };
}

function read(
  env: Console['env'],
  name: string,
  parse: (text: string) => number | undefined,
  example: string,
): number | undefined {
  const text = env[name] ?? '';
  if (text === '') return undefined;
  const value = parse(text);
  if (value !== undefined) return value;
  throw failure('InvalidRequest', `${name}=${text} can't be read`, { remedy: `set it to such as ${example}` });
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
