import type { Failure } from '../failures.ts';
import type { ObjectRef } from '../objects.ts';
import type { Phase } from '../phases.ts';
import type { Supersession } from '../sync/status.ts';

/** What is told of a sync: that it has begun (once it is planned), how it ended, and that it waits for a person. */
export const NOTIFICATION_KINDS = [
  'started',
  'succeeded',
  'failed',
  'held',
  'approval',
  'aborted',
  'superseded',
] as const;

/** One of these. */
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** A hook that has failed. */
export interface FailedHook {
  readonly ref: ObjectRef;
  /** Digest of its evidence in the bundle store; absent where nothing was kept. */
  readonly evidence?: string;
}

/** Something that happened to a sync, as it is told to people and programs; plain data. Holds no value of a Secret, as the sync's status does not. */
export interface Notification {
  readonly version: 1;
  /** Names the event for ever: whoever is told twice can tell so. */
  readonly id: string;
  readonly kind: NotificationKind;
  /** When it happened, ms since 1970. */
  readonly at: number;
  readonly application: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly syncId: string;
  /** The application's running count of syncs; absent until the record is claimed. */
  readonly number?: number;
  readonly revision: string;
  readonly requestedBy: string;
  readonly operation: 'sync' | 'rollback' | 'deletion';
  /** ms since 1970. */
  readonly startedAt: number;
  /** The first failures, at most `MOST_FAILURES`. */
  readonly failures: readonly Failure[];
  readonly failedHooks: readonly FailedHook[];
  /** How long it waits for a person, ms, for `held` and `approval`. */
  readonly waitsMs?: number;
  /** For `approval`: what waits, and why. */
  readonly gate?: { readonly phase: Phase; readonly wave: number; readonly reasons: readonly string[] };
  /** For `superseded`: the newer sync. */
  readonly supersededBy?: Supersession;
}

/** More failures than this say no more. */
export const MOST_FAILURES = 5;

/** What a person could type after a notification, and what for. */
export interface HelpfulCommand {
  readonly purpose: string;
  readonly command: string;
}

/** The commands that help with what has happened. */
export function helpfulCommands({ kind, application, cluster, failedHooks }: Notification): readonly HelpfulCommand[] {
  const flags = cluster === 'default' ? '' : ` --cluster ${cluster}`;
  const command = (purpose: string, verb: string, rest = '') => ({
    purpose,
    command: `syncline ${verb} ${application}${rest}${flags}`,
  });
  const logs = failedHooks.slice(0, 1).map(({ ref }) => command('all of the log', 'logs', ` ${ref.name}`));
  switch (kind) {
    case 'held':
      return [command('again from this step', 'retry'), ...logs, command('give up', 'abort')];
    case 'failed':
      return [...logs, command('again from this step', 'retry'), command('what was done', 'resources')];
    case 'approval':
      return [
        command('what waits', 'status'),
        command('let it go on', 'approve'),
        command('refuse', 'reject', ' --reason WHY'),
      ];
    case 'aborted':
      return [command('what was done', 'resources')];
    case 'started':
      return [command('watch it', 'status', ' --watch')];
    case 'succeeded':
    case 'superseded':
      return [];
  }
}
