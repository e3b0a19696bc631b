import { parseArgs } from 'node:util';

/** What the demo is asked to show. */
export interface DemoOptions {
  /** Name (or a part of it) of the hook to break; undefined = all goes well. */
  readonly breakHook: string | undefined;
  /** Kill the worker in the middle of the migration. */
  readonly kill: boolean;
  /** Leave everything running at the end, until Ctrl-C. */
  readonly keep: boolean;
}

const USAGE = `npm run demo -- [--break HOOK] [--kill] [--keep]
  --break migrate   the migration fails: see the SyncFail hook run
  --kill            the worker is killed in the middle of the migration, and another goes on
  --keep            leave everything running at the end, until Ctrl-C`;

/** Reads the demo's arguments. Answers the usage text where they can't be read. */
export function readOptions(args: readonly string[]): DemoOptions | { readonly usage: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        break: { type: 'string' },
        kill: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { usage: USAGE };
    return { breakHook: values.break, kill: values.kill, keep: values.keep };
  } catch (error) {
    return { usage: `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}` };
  }
}
