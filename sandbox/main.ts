import { parseArgs } from 'node:util';
import { findBinaries } from '../programs/ladder.ts';
import { createProgressWriter } from './progress-writer.ts';
import { prepareSandbox, startSandbox, stopSandbox } from './sandbox.ts';

const USAGE = `node sandbox/main.ts prepare            finds, downloads or builds the programs, starts nothing
node sandbox/main.ts up [DIR]           starts a sandbox that stays until "down"; with DIR its state is kept there
node sandbox/main.ts down DIR           stops the sandbox of that state folder
  --no-temporal, --no-kubernetes        leave out a part (prepare, up)
  --no-renderers                        leave out helm and kustomize (prepare)`;

type Options = NonNullable<Parameters<typeof startSandbox>[0]>;

await main();

async function main(): Promise<void> {
  const read = readArguments();
  if (read === undefined) return;
  const {
    values,
    positionals: [command, dir],
  } = read;
  const cancel = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => cancel.abort(new Error(`stopped by ${signal}`)));
  }
  const options = { ...values, onProgress: createProgressWriter(), signal: cancel.signal };
  try {
    if (command === 'prepare') await prepare(options);
    else if (command === 'up') await up(options, dir);
    else if (command === 'down' && dir !== undefined) await stopSandbox(dir);
    else fail(USAGE);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

/** The arguments; undefined where they can't be read, after the usage was told. */
function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      allowNegative: true,
      options: {
        temporal: { type: 'boolean', default: true },
        kubernetes: { type: 'boolean', default: true },
        renderers: { type: 'boolean', default: true },
      },
    });
  } catch (error) {
    fail(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

/** What tests and the image need beforehand: the servers' programs, and those that render charts and overlays. */
async function prepare(options: Options & { readonly renderers: boolean }): Promise<void> {
  await prepareSandbox(options);
  if (options.renderers) await findBinaries(['helm', 'kustomize'], options);
}

async function up(options: Options, dir: string | undefined): Promise<void> {
  const kept = dir === undefined ? {} : { stateDir: dir, keepState: true };
  const sandbox = await startSandbox({ ...options, ...kept, detach: true });
  for (const [name, value] of Object.entries(sandbox.env)) process.stdout.write(`export ${name}='${value}'\n`);
  process.stderr.write(
    [`Temporal's UI: ${sandbox.temporalUiUrl}`, `To stop it: node sandbox/main.ts down ${sandbox.stateDir}`, ''].join(
      '\n',
    ),
  );
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
