import type { Command } from 'commander';
import type { Console } from './console.ts';
import type { ExitCode } from './exit-codes.ts';

/** What a command needs to add itself to the command line. */
export interface Registration {
  readonly program: Command;
  readonly console: Console;
  /** Says with which code the process is to end. */
  readonly end: (code: ExitCode) => void;
}
