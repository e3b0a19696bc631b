import type { Command } from 'commander';
import type { AccountPolicy } from '../../core/accounts/account.ts';
import type { SyncOptions } from '../../core/sync/request.ts';
import { failure } from '../../core/failures.ts';

/** As whom a sync reads and writes the application's objects. */
export interface AccountFlags {
  readonly as?: string;
  readonly asGroup: readonly string[];
}

/** What a worker lets syncs act as. */
export interface AccountPolicyFlags {
  readonly allowAs: readonly string[];
  readonly allowAsGroup: readonly string[];
  readonly requireAs: boolean;
}

/** Adds the flags that name an account, as kubectl has them. */
export function withAccount(command: Command): Command {
  return command
    .option(
      '--as <user>',
      "read and write the application's objects as this account, e.g. system:serviceaccount:NAMESPACE:NAME",
    )
    .option<readonly string[]>('--as-group <group>', 'a group to do so in; repeatable', added, []);
}

/** The account that the flags name. Throws `InvalidRequest` for a group without a user. */
export function accountOf({ as: user, asGroup: groups }: AccountFlags): Pick<SyncOptions, 'as'> {
  if (user === undefined && groups.length > 0) {
    throw failure('InvalidRequest', '--as-group names a group and no user', { remedy: 'name one with --as' });
  }
  if (user === undefined) return {};
  return { as: { user, ...(groups.length === 0 ? {} : { groups }) } };
}

/** The flags as they would be typed again; none where none was given. */
export function accountWords({ as: user, asGroup: groups }: AccountFlags): readonly string[] {
  return [...(user === undefined ? [] : [`--as ${user}`]), ...groups.map((group) => `--as-group ${group}`)];
}

/** Adds the flags that say what a worker lets syncs act as. */
export function withAccountPolicy(command: Command): Command {
  return command
    .option<readonly string[]>(
      '--allow-as <pattern>',
      "accounts that syncs may act as, e.g. 'system:serviceaccount:{namespace}:*', {namespace} and {application} being the sync's own; repeatable (else any that the worker may impersonate)",
      added,
      [],
    )
    .option<readonly string[]>('--allow-as-group <pattern>', 'groups that syncs may act in; repeatable', added, [])
    .option('--require-as', 'refuse syncs that name no account', false);
}

/** The policy that the flags describe. */
export function accountPolicyOf({ allowAs, allowAsGroup, requireAs }: AccountPolicyFlags): AccountPolicy {
  return {
    required: requireAs,
    ...(allowAs.length === 0 ? {} : { users: allowAs }),
    ...(allowAsGroup.length === 0 ? {} : { groups: allowAsGroup }),
  };
}

function added(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
