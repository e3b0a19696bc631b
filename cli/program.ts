import { Command, CommanderError } from 'commander';
import type { Console } from './console.ts';
import { describeError, exitCodeOf } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { registerAbort } from './commands/abort.ts';
import { registerApp } from './commands/app.ts';
import { registerDecisions } from './commands/approve.ts';
import { registerDelete } from './commands/delete.ts';
import { registerDev } from './operations/dev.ts';
import { registerDiff } from './commands/diff.ts';
import { registerEvents } from './commands/events.ts';
import { registerExplain } from './commands/explain.ts';
import { registerGc } from './operations/gc.ts';
import { registerHealth } from './operations/health.ts';
import { registerHistory } from './commands/history.ts';
import { registerList } from './commands/list.ts';
import { registerLogs } from './commands/logs.ts';
import { registerNotifications } from './operations/notifications.ts';
import { registerPlan } from './commands/plan.ts';
import { registerResume } from './commands/retry.ts';
import { registerResources } from './commands/resources.ts';
import { registerRollback } from './commands/rollback.ts';
import { registerSchedule } from './commands/schedule.ts';
import { registerServer } from './operations/server.ts';
import { registerStatus } from './commands/status.ts';
import { registerSweep } from './operations/sweep.ts';
import { registerSync } from './commands/sync.ts';
import { registerToken } from './operations/token.ts';
import { registerWorker } from './operations/worker.ts';
import type { Registration } from './registration.ts';
import { version } from './version.ts';

const COMMANDS: readonly ((registration: Registration) => void)[] = [
  registerSync,
  registerPlan,
  registerDiff,
  registerStatus,
  registerList,
  registerHistory,
  registerResources,
  registerLogs,
  registerEvents,
  registerExplain,
  registerResume,
  registerRollback,
  registerAbort,
  registerDecisions,
  registerDelete,
  registerApp,
  registerSchedule,
  registerSweep,
  registerGc,
  registerHealth,
  registerWorker,
  registerServer,
  registerToken,
  registerNotifications,
  registerDev,
];

const HELP = `
Exit codes: 0 succeeded, 1 the sync failed, 2 wrong usage or invalid manifests, 3 aborted,
4 cannot reach the server, Temporal or the cluster, 5 timed out waiting (the sync goes on),
6 diff: something differs, 7 the sync gave way to a newer one.

Temporal is found by its own TEMPORAL_* variables or configuration file, bundles by SYNCLINE_BUNDLES.
With --server (SYNCLINE_SERVER) a Syncline server is asked in their place, as whom SYNCLINE_TOKEN says.`;

/** Runs one command line (without node and script) and answers its exit code. Never throws. */
export async function runProgram(args: readonly string[], console: Console): Promise<number> {
  let code: number = EXIT.succeeded;
  const program = new Command('syncline')
    .description('Argo CD style syncs (hooks, phases, waves, health gates, prune) as durable Temporal workflows')
    .version(version())
    .option('--no-color', 'no colours')
    .addHelpText('after', HELP)
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => console.print(text.trimEnd()),
      writeErr: (text) => console.tell(text.trimEnd()),
    });
  const registration: Registration = { program, console, end: (ended) => (code = ended) };
  for (const register of COMMANDS) register(registration);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has written its message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.succeeded : EXIT.invalid;
    if (console.interrupted.aborted) return EXIT.interrupted;
    for (const line of describeError(error, console)) console.tell(line);
    return exitCodeOf(error);
  }
  return code;
}
