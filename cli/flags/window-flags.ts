import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { SyncOptions } from '../../core/sync/request.ts';
import { parseWindow } from '../../core/windows/window.ts';

/** What a sync does where a window of its application holds it back. */
export interface ClosedFlags {
  readonly ifClosed?: 'refuse' | 'wait';
  readonly overrideWindow?: string;
}

/** The windows that an application keeps. */
export interface WindowFlags {
  /** `false` for none any more. */
  readonly window?: readonly string[] | false;
}

/** Adds the flags for a sync that a window holds back. */
export function withClosed(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--if-closed <action>',
        'where a window of the application holds it back: be refused (default), or wait until it opens',
      ).choices(['refuse', 'wait']),
    )
    .option('--override-window <reason>', 'begin although a window holds it back; who and why stay on record');
}

/** What the flags say of windows, as options of a request. */
export function closedOptionsOf({ ifClosed, overrideWindow }: ClosedFlags): Partial<SyncOptions> {
  return {
    ...(ifClosed === 'wait' ? { ifClosed } : {}),
    ...(overrideWindow === undefined ? {} : { overrideWindow }),
  };
}

/** Adds the flags that say when syncs of an application may begin. */
export function withWindows(command: Command): Command {
  return command
    .option<readonly string[]>(
      '--window <window>',
      'when syncs may begin: "allow|deny CRON DURATION [TIMEZONE]"; repeatable, all together take the place of what is kept; docs/windows.md',
      (text, before) => [...before, windowFlag(text)],
      [],
    )
    .option('--no-window', 'keep no windows any more');
}

/** The windows that the flags give; undefined where they say nothing of them. */
export function windowsGiven({ window }: WindowFlags): readonly string[] | undefined {
  if (window === false) return [];
  return window === undefined || window.length === 0 ? undefined : window;
}

function windowFlag(text: string): string {
  const window = parseWindow(text);
  if ('problem' in window) throw new InvalidArgumentError(`It ${window.problem}.`);
  return window.text;
}
