import type { Command } from 'commander';
import type { SynclineClient } from '../../client/syncline-client.ts';
import type { DeletionOrder } from '../../client/starting/request.ts';
import { readPlan } from '../../client/starting/read-plan.ts';
import { checkApplication, checkCluster, checkNamespace } from '../../client/starting/validation.ts';
import { SynclineError, failure } from '../../core/failures.ts';
import { printablePlan } from '../../core/plan/printable.ts';
import type { SyncPlan } from '../../core/plan/plan.ts';
import type { SyncOptions } from '../../core/sync/request.ts';
import type { SyncStatus } from '../../core/sync/status.ts';
import type { AccountFlags } from '../flags/account-flags.ts';
import { accountOf, accountWords, withAccount } from '../flags/account-flags.ts';
import type { Console } from '../console.ts';
import { detached } from '../detached.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import { commandNames } from '../next-commands.ts';
import type { Registration } from '../registration.ts';
import { renderPlan } from '../render/plan.ts';
import {
  clusterName,
  durationFlag,
  noWorker,
  requester,
  withClient,
  withKubeconfig,
  withOutput,
  withPlace,
} from '../settings.ts';
import { syncOptionFlag } from '../flags/sync-flags.ts';
import type { ApplicationSyncOptions } from '../../core/annotations/sync-options.ts';
import type { SourceFlags } from '../flags/source-flags.ts';
import { describedSource, readingWith, sourceWords, withSource } from '../flags/source-flags.ts';
import type { TurnFlags } from '../flags/turn-flags.ts';
import { turnOf, withTurn } from '../flags/turn-flags.ts';
import type { WatchFlags } from '../watching.ts';
import { watchToEnd } from '../watching.ts';

type DeleteFlags = WatchFlags &
  TurnFlags &
  SourceFlags &
  AccountFlags & {
    readonly namespace?: string;
    readonly orphan: boolean;
    readonly skipHooks: boolean;
    readonly yes: boolean;
    readonly dryRun: boolean;
    readonly detach: boolean;
    readonly lenient: boolean;
    readonly validate: boolean;
    readonly takeOver: boolean;
    readonly timeout?: number;
    readonly approvalTimeout?: number;
    readonly syncOption: ApplicationSyncOptions;
  };

/** `syncline delete APP [PATH]`: PreDelete hooks, the application's objects in reverse, PostDelete hooks, its record. */
export function registerDelete({ program, console, end }: Registration): void {
  const command = program
    .command('delete <app> [source]')
    .description(
      "delete an application: PreDelete hooks, what it owns in reverse order, PostDelete hooks. The hooks are those of its last sync, or of a source's manifests",
    )
    .option('-n, --namespace <name>', "the namespace of the application's record (else that of its last sync)")
    .option('--orphan', 'keep the objects and let go of them; no hook runs', false)
    .option('--skip-hooks', 'run no PreDelete and PostDelete hooks', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--dry-run', 'show what would be deleted, change nothing', false);
  withOutput(withKubeconfig(withPlace(withAccount(withDeletionOptions(withTurn(withSource(command))))))).action(
    async (application: string, path: string | undefined, flags: DeleteFlags) => {
      end(await deleteApplication(application, path, flags, console));
    },
  );
}

function withDeletionOptions(command: Command): Command {
  return command
    .option('--no-validate', 'skip the server-side dry run before anything is changed')
    .option('--lenient', 'read misspelled annotations as Argo CD does, with a warning', false)
    .option('--take-over', 'take the record over from another Temporal that holds it', false)
    .option(
      '--sync-option <name=value>',
      "a sync option of Argo CD's for the whole application; repeatable",
      syncOptionFlag,
      {},
    )
    .option('--detach', 'end once the deletion is accepted', false)
    .option('--timeout <duration>', 'end the deletion after so long, e.g. 30m', durationFlag)
    .option('--approval-timeout <duration>', 'how long to wait for each approval (24h)', durationFlag)
    .option('--wait-timeout <duration>', 'stop watching after so long; the deletion goes on', durationFlag);
}

async function deleteApplication(
  application: string,
  path: string | undefined,
  flags: DeleteFlags,
  console: Console,
): Promise<ExitCode> {
  const cluster = clusterName(flags, console.env);
  checkApplication(application);
  checkCluster(cluster);
  if (!flags.dryRun && !flags.yes && (console.ask === undefined || flags.output === 'json')) throw unasked(application);
  const json = flags.output === 'json';
  const say = json ? console.tell : console.print;
  return withClient(flags, console, async (client) => {
    const signal = console.interrupted;
    if ((await client.workers({ signal })).length === 0) throw noWorker(client.place);
    const last = await lastStatus(client, application, cluster, signal);
    const namespace = flags.namespace ?? last?.namespace;
    if (namespace === undefined) throw unknownNamespace(application);
    checkNamespace(namespace);
    const account = flags.as === undefined && last?.as !== undefined ? { as: last.as } : accountOf(flags);
    const order = await orderOf({ application, cluster, namespace }, account, path, flags, console);
    say(`${console.style.bold(application)}: delete from cluster ${cluster}, namespace ${namespace}`);
    const plan = await client.deletionPlan(order, { signal });
    if (flags.dryRun && json) console.print(JSON.stringify(printablePlan(plan), undefined, 2));
    else say(`\n${renderPlan(plan, { width: console.width(), style: console.style })}\n`);
    if (flags.dryRun) return EXIT.succeeded;
    if (!flags.yes && !(await isConfirmed(application, plan, console))) return EXIT.aborted;
    const handle = await client.delete({ ...order, ...turnOf(flags) }, { signal });
    for (const warning of handle.warnings) console.tell(`${console.style.yellow('warning')}: ${warning}`);
    const watch = { client, handle, console, flags, again: again(application, path, namespace, flags) };
    return flags.detach ? detached(watch) : watchToEnd(watch);
  });
}

/** The application's last sync, which tells namespace and account; undefined where Temporal knows none. */
async function lastStatus(
  client: SynclineClient,
  application: string,
  cluster: string,
  signal: AbortSignal,
): Promise<SyncStatus | undefined> {
  try {
    return (await client.handle(application, { cluster }).status({ signal })).status;
  } catch (error) {
    if (error instanceof SynclineError && error.type === 'InvalidRequest') return undefined;
    throw error;
  }
}

function unknownNamespace(application: string): Error {
  return failure('InvalidRequest', `Temporal knows no sync of ${application}, so its namespace is not known`, {
    remedy: 'give the namespace of its record (-n), or see `syncline list` for its name and cluster',
  });
}

async function orderOf(
  names: Pick<DeletionOrder, 'application' | 'cluster' | 'namespace'>,
  account: Pick<SyncOptions, 'as'>,
  path: string | undefined,
  flags: DeleteFlags,
  console: Console,
): Promise<DeletionOrder> {
  const { orphan, skipHooks, lenient, validate, takeOver, timeout, approvalTimeout, syncOption } = flags;
  const release = { application: names.application, namespace: names.namespace };
  const read =
    path === undefined
      ? undefined
      : await readPlan(
          describedSource(path, flags),
          release,
          { namespace: names.namespace, lenient },
          readingWith(console),
        );
  return {
    ...names,
    ...(read === undefined ? {} : { manifests: read.manifests }),
    ...{ orphan, skipHooks, requestedBy: requester(console.env) },
    options: {
      ...{ lenient, validate, takeOver, ...account },
      ...(Object.keys(syncOption).length === 0 ? {} : { syncOptions: syncOption }),
      ...(timeout === undefined ? {} : { timeoutMs: timeout }),
      ...(approvalTimeout === undefined ? {} : { approvalTimeoutMs: approvalTimeout }),
    },
  };
}

function unasked(application: string) {
  return failure('InvalidRequest', `nobody can be asked whether ${application} is to be deleted`, {
    remedy: 'look at the plan with --dry-run, then give --yes',
  });
}

async function isConfirmed(application: string, plan: SyncPlan, { ask, tell }: Console): Promise<boolean> {
  const steps = plan.phases.flatMap(({ waves }) => waves.flatMap((wave) => wave.steps));
  const count = steps.filter((step) => step.action === 'prune').length;
  const what = count === 1 ? '1 object' : `${count} objects`;
  const answer = await ask?.(`Delete ${application} and its ${what}? [y/N] `);
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return true;
  tell('nothing was changed');
  return false;
}

/** The command line that deletes again, as it would be typed. */
function again(application: string, path: string | undefined, namespace: string, flags: DeleteFlags): string {
  const choices = [
    ...(path === undefined ? [] : [sourceWords(path, flags)]),
    ...['-n', namespace],
    ...(flags.orphan ? ['--orphan'] : []),
    ...(flags.skipHooks ? ['--skip-hooks'] : []),
    ...accountWords(flags),
  ];
  return `syncline delete ${application} ${choices.join(' ')}${commandNames(flags).flags}`;
}
