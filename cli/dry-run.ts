import type { BatchStatus, SyncStatus } from '../core/sync/status.ts';
import { describeEnding, outcomeCode } from './ending.ts';
import type { ExitCode } from './exit-codes.ts';
import { EXIT } from './exit-codes.ts';
import { commandNames } from './next-commands.ts';
import type { Watch } from './watching.ts';
import { statusJson, watchToEnd } from './watching.ts';

/** Waits for a dry run and says what a sync would change. Answers the exit code. */
export async function describeDryRun(watch: Watch): Promise<ExitCode> {
  const { client, handle, console, flags } = watch;
  if (flags.waitTimeout !== undefined) return watchToEnd(watch);
  const json = flags.output === 'json';
  const result = await handle.result({ signal: console.interrupted });
  const view = await handle.status({ signal: console.interrupted });
  if (json) console.print(statusJson(view));
  const say = json ? console.tell : console.print;
  for (const warning of result.warnings) console.tell(`${console.style.yellow('warning')}: ${warning}`);
  if (result.outcome === 'Succeeded') {
    say(changesLine(result));
    return EXIT.succeeded;
  }
  say(
    await describeEnding(view, {
      client,
      console,
      names: commandNames(flags),
      ...(watch.again === undefined ? {} : { again: watch.again }),
    }),
  );
  return outcomeCode(result);
}

function changesLine({ application, phases }: SyncStatus): string {
  const steps = phases.flatMap((phase) => phase.waves.flatMap((wave) => wave.steps));
  const batches = steps.filter((step): step is BatchStatus => step.kind !== 'hook');
  const count = (kind: BatchStatus['kind'], of: 'count' | 'changed'): number =>
    batches.filter((batch) => batch.kind === kind).reduce((sum, batch) => sum + batch[of], 0);
  const changed = count('apply', 'changed');
  const words = [
    `${changed} to apply`,
    `${count('apply', 'count') - changed} unchanged`,
    `${count('prune', 'count')} to prune`,
    `${steps.length - batches.length} hooks to run`,
  ];
  return `dry run of ${application}: ${words.join(', ')}; the API server accepts all of it, and nothing was changed`;
}
