import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { ApplicationSyncOptions } from '../../core/annotations/sync-options.ts';
import { readApplicationSyncOptions } from '../../core/annotations/sync-options.ts';
import type { SyncOptions } from '../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../core/sync/request.ts';
import type { AccountFlags } from './account-flags.ts';
import { accountOf, withAccount } from './account-flags.ts';
import type { IgnoreFlags } from './ignore-flags.ts';
import { withIgnored } from './ignore-flags.ts';
import type { SelectionFlags } from './selection-flags.ts';
import { selectionOf, withSelection } from './selection-flags.ts';
import type { RenderingFlags } from './server-flags.ts';
import type { NamespaceFlags } from './namespace-flags.ts';
import { namespaceMetadataOf, withNamespace } from './namespace-flags.ts';
import { countFlag, durationFlag } from '../settings.ts';
import type { SourceFlags } from './source-flags.ts';
import { withSource } from './source-flags.ts';
import type { TurnFlags } from './turn-flags.ts';
import { withTurn } from './turn-flags.ts';
import type { WatchFlags } from '../watching.ts';
import type { ClosedFlags } from './window-flags.ts';
import { closedOptionsOf, withClosed } from './window-flags.ts';

/** Which application's manifests go where. */
export interface ApplicationFlags extends NamespaceFlags {
  /** Absent where an application that is kept is named. */
  readonly app?: string;
  readonly revision?: string;
}

/** What a plan depends on besides the manifests. */
export interface PlanningFlags extends SelectionFlags, SourceFlags, IgnoreFlags, AccountFlags {
  readonly prune: boolean;
  readonly allowEmpty: boolean;
  readonly maxPrune?: number;
  readonly forceConflicts: boolean;
  readonly force: boolean;
  readonly adopt: boolean;
  readonly lenient: boolean;
  readonly syncOption: ApplicationSyncOptions;
}

/** What `syncline sync` is told besides the path. */
export type SyncFlags = WatchFlags &
  TurnFlags &
  ClosedFlags &
  ApplicationFlags &
  PlanningFlags &
  RenderingFlags & {
    readonly detach: boolean;
    readonly timeout?: number;
    readonly failStuckAfter?: number;
    readonly approvalTimeout?: number;
    readonly dryRun: boolean;
    readonly validate: boolean;
    readonly wait: boolean;
    readonly takeOver: boolean;
    readonly syncFailOnAbort: boolean;
    readonly onFailure?: 'fail' | 'hold' | 'rollback';
    readonly holdFor?: number;
    readonly from?: string;
  };

/** Adds the flags that name the application and its namespace. */
export function withApplication(command: Command): Command {
  return withNamespace(command.option('--app <name>', 'the application of a source')).option(
    '--revision <text>',
    "what to call these manifests, e.g. a commit (else the commit they are of, or their digest's first characters)",
  );
}

/** Adds the flags that change what is planned. */
export function withPlanning(command: Command): Command {
  return withAccount(withIgnored(withSelection(withSource(command))))
    .option('--prune', 'delete what the application owns and the manifests no longer have', false)
    .option('--allow-empty', 'let a sync prune everything the application owns', false)
    .option('--max-prune <count>', 'the most objects to prune', countFlag)
    .option('--force-conflicts', 'take fields over that another manager owns', false)
    .option('--force', 'delete and make anew what can not be changed, as sync option Force=true for all objects', false)
    .option('--adopt', 'take over what Argo CD, a Helm release or another application owns', false)
    .option('--lenient', 'read misspelled annotations as Argo CD does, with a warning', false)
    .option(
      '--sync-option <name=value>',
      "a sync option of Argo CD's for the whole application; repeatable",
      syncOptionFlag,
      {},
    );
}

/** The flags that change what is planned, besides source, selection and ignored fields, as they would be typed. */
export function planningWords(flags: PlanningFlags): readonly string[] {
  const switches = [
    [flags.prune, '--prune'],
    [flags.allowEmpty, '--allow-empty'],
    [flags.forceConflicts, '--force-conflicts'],
    [flags.force, '--force'],
    [flags.adopt, '--adopt'],
    [flags.lenient, '--lenient'],
  ] as const;
  return [
    ...switches.flatMap(([isSet, word]) => (isSet ? [word] : [])),
    ...(flags.maxPrune === undefined ? [] : [`--max-prune ${String(flags.maxPrune)}`]),
    ...Object.entries(flags.syncOption).map(([name, value]) => `--sync-option ${name}=${value}`),
  ];
}

/** Adds the flags that choose how a sync is done. */
export function withSyncOptions(command: Command): Command {
  return withClosed(withTurn(withKeptOptions(command)))
    .option('--dry-run', 'show what would change, and change nothing', false)
    .option('--take-over', 'take the record over from another Temporal that holds it', false)
    .option('--detach', 'end once the sync is accepted', false)
    .option('--wait-timeout <duration>', 'stop watching after so long; the sync goes on', durationFlag);
}

/** Adds the flags that an application keeps for all its syncs. */
export function withKeptOptions(command: Command): Command {
  return withPlanning(command)
    .option(
      '--no-validate',
      'skip the server-side dry run before anything is changed (sync option Validate=false, of unknown fields, is another thing)',
    )
    .option('--no-wait', 'do not wait for the health of the last wave')
    .option('--sync-fail-on-abort', 'run SyncFail hooks when the sync is aborted too', false)
    .option(
      '--fail-stuck-after <duration>',
      'fail a hook or a resource whose pod has been stuck for so long in one problem (ImagePullBackOff, Unschedulable, CrashLoopBackOff, …)',
      durationFlag,
    )
    .option('--timeout <duration>', 'end the sync after so long, e.g. 30m', durationFlag)
    .addOption(
      new Option(
        '--on-failure <action>',
        'what a failed sync does: end, wait for retry, skip or abort, or be followed by a rollback to the last success',
      ).choices(['fail', 'hold', 'rollback']),
    )
    .option(
      '--from <place>',
      'begin at PHASE or PHASE:WAVE of the plan, e.g. Sync:1; what stands before it is left out',
    )
    .option('--hold-for <duration>', 'how long a failed sync waits (24h)', durationFlag)
    .option('--approval-timeout <duration>', 'how long to wait for each approval (24h)', durationFlag);
}

/** The options of a request that the flags ask for. */
export function syncOptionsOf(flags: SyncFlags): SyncOptions {
  const { dryRun, wait, validate, syncFailOnAbort, takeOver } = flags;
  return {
    ...planningOptionsOf(flags),
    ...closedOptionsOf(flags),
    ...{ dryRun, wait, validate, syncFailOnAbort, takeOver },
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
    ...(flags.failStuckAfter === undefined ? {} : { stuckPodGraceMs: flags.failStuckAfter }),
    ...(flags.onFailure === undefined ? {} : { onFailure: flags.onFailure }),
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.holdFor === undefined ? {} : { holdForMs: flags.holdFor }),
    ...(flags.approvalTimeout === undefined ? {} : { approvalTimeoutMs: flags.approvalTimeout }),
  };
}

/** The options of a request for a plan alone. */
export function planningOptionsOf(flags: PlanningFlags & NamespaceFlags): SyncOptions {
  const { prune, allowEmpty, maxPrune, lenient, forceConflicts } = flags;
  const syncOptions: ApplicationSyncOptions = { ...(flags.force ? { Force: 'true' } : {}), ...flags.syncOption };
  return {
    ...DEFAULT_SYNC_OPTIONS,
    ...{ prune, allowEmpty, lenient, forceConflicts },
    ...(maxPrune === undefined ? {} : { maxPrune }),
    ...(flags.adopt ? { adopt: true } : {}),
    ...(Object.keys(syncOptions).length === 0 ? {} : { syncOptions }),
    ...accountOf(flags),
    ...selectionOf(flags),
    ...namespaceMetadataOf(flags),
  };
}

/** Adds one `NAME=VALUE` to the sync options, for commander; of a repeated name the first wins, as in Argo CD. */
export function syncOptionFlag(text: string, known: ApplicationSyncOptions): ApplicationSyncOptions {
  const { options, findings } = readApplicationSyncOptions('--sync-option', [text]);
  const [wrong] = findings;
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`${wrong.message}${wrong.remedy === undefined ? '' : `; ${wrong.remedy}`}.`);
  }
  return { ...options, ...known };
}
