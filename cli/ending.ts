import type { SynclineClient } from '../client/syncline-client.ts';
import type { SyncView } from '../client/following/view.ts';
import type { HookEvidence } from '../core/evidence/evidence.ts';
import { skippedObjects } from '../core/sync/skip.ts';
import type { SyncResult } from '../core/sync/status.ts';
import type { Console } from './console.ts';
import type { ExitCode } from './exit-codes.ts';
import { EXIT } from './exit-codes.ts';
import type { CommandNames } from './next-commands.ts';
import { failedHooks, nextCommands } from './next-commands.ts';
import { renderSuperseded } from './render/superseded.ts';
import { renderFailure } from './render/failure.ts';
import { formatDuration } from './render/times.ts';

/** The exit code of a sync that is over. */
export function outcomeCode(result: Pick<SyncResult, 'outcome'>): ExitCode {
  switch (result.outcome) {
    case 'Succeeded':
      return EXIT.succeeded;
    case 'Failed':
      return EXIT.failed;
    case 'Aborted':
      return EXIT.aborted;
    case 'Superseded':
      return EXIT.superseded;
  }
}

/** What the report of a sync's end needs beside its view. */
export interface EndingContext {
  readonly client: SynclineClient;
  readonly console: Console;
  readonly names: CommandNames;
  /** The command line that started the sync, where it is known. */
  readonly again?: string;
}

/** The last words about a sync that is over: one line for a success, one block for a failure. */
export async function describeEnding(view: SyncView, context: EndingContext): Promise<string> {
  const { result } = view;
  if (result?.outcome === 'Succeeded') return succeeded(result, context.console);
  if (result?.outcome === 'Superseded')
    return renderSuperseded(view, { ...context.names, style: context.console.style });
  const { client, console, names, again } = context;
  return renderFailure(view, {
    evidence: await evidenceOf(client, view, console.interrupted),
    next: nextCommands(view, names, again),
    width: console.width(),
    style: console.style,
  });
}

/** What was kept of the hooks that failed, by step ID; what can't be read is left out, since a report is better without a log than not at all. */
async function evidenceOf(
  client: SynclineClient,
  view: SyncView,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, HookEvidence>> {
  const { application, cluster } = view.status;
  const handle = client.handle(application, { cluster, runId: view.runId });
  const found = await Promise.all(
    failedHooks(view).map(async ({ id }): Promise<readonly [string, HookEvidence][]> => {
      const kept = await handle.evidence(id, { signal }).catch(() => undefined);
      return kept === undefined ? [] : [[id, kept]];
    }),
  );
  return new Map(found.flat());
}

function succeeded(result: SyncResult, { style }: Console): string {
  const { applied, unchanged, pruned, hooks } = result.counts;
  const counts = [
    [applied, 'applied'],
    [unchanged, 'unchanged'],
    [pruned, result.operation === 'delete' ? 'deleted' : 'pruned'],
    [hooks, hooks === 1 ? 'hook' : 'hooks'],
    [skippedObjects(result.phases), 'skipped'],
  ] as const;
  const words = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const verb = result.operation === 'delete' ? 'deleted' : 'succeeded';
  const took = formatDuration(result.finishedAt - result.startedAt);
  return `${style.green('✓')} ${style.bold(result.application)} ${verb} in ${took}${words.length === 0 ? '' : ` · ${words.join(', ')}`}`;
}
