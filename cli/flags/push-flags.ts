import type { Command } from 'commander';
import { Option } from 'commander';
import { failure } from '../../core/failures.ts';
import type { OnPush } from '../../core/triggers/on-push.ts';

/** Which pushes start an application. */
export interface PushFlags {
  /** A branch, `true` for that of the source, `false` for none any more. */
  readonly onPush?: string | boolean;
  readonly onTag?: string;
  readonly onPushPath: readonly string[];
  readonly onPushIfRunning?: 'queue' | 'supersede';
}

/** Adds the flags that say which pushes start an application. */
export function withPush(command: Command): Command {
  return command
    .option(
      '--on-push [branch]',
      'start a sync when this branch of its repository (else the one its source is read from) is pushed to; docs/triggers.md',
    )
    .option('--no-on-push', 'start none any more')
    .option('--on-tag <glob>', 'start a sync when such a tag is pushed, e.g. v*')
    .option(
      '--on-push-path <glob>',
      'only where such a file was changed, e.g. deploy/*; repeatable',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .addOption(
      new Option('--on-push-if-running <action>', 'what a push does where a sync runs (supersede)').choices([
        'queue',
        'supersede',
      ]),
    );
}

/** What the flags say about pushes; undefined where that is nothing, `null` where none is to start it any more. */
export function onPushOf({ onPush, onTag, onPushPath, onPushIfRunning }: PushFlags): OnPush | null | undefined {
  const isDetailed = onPushPath.length > 0 || onPushIfRunning !== undefined;
  if (onPush === false) {
    if (onTag === undefined && !isDetailed) return null;
    throw failure('InvalidRequest', '--no-on-push is given, and a flag that says which push starts it', {
      remedy: 'give one of them',
    });
  }
  if (onPush === undefined && onTag === undefined) {
    if (!isDetailed) return undefined;
    throw failure('InvalidRequest', 'neither --on-push nor --on-tag says which push starts the application', {
      remedy: 'give one of them too: what is kept of pushes is replaced as a whole',
    });
  }
  return {
    ...(onPush === undefined ? {} : { branch: onPush }),
    ...(onTag === undefined ? {} : { tags: onTag }),
    ...(onPushPath.length === 0 ? {} : { paths: onPushPath }),
    ...(onPushIfRunning === undefined ? {} : { ifRunning: onPushIfRunning }),
  };
}
