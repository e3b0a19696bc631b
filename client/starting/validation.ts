import type { Account } from '../../core/accounts/account.ts';
import { isAccountName } from '../../core/accounts/account.ts';
import { SynclineError, failure } from '../../core/failures.ts';
import { readIgnoreRules } from '../../core/ignored/read-rules.ts';
import type { Json } from '../../core/json.ts';
import { readSelection } from '../../core/selection/selection.ts';
import type { Selection } from '../../core/selection/selection.ts';
import { parsePlace } from '../../core/sync/plan-place.ts';
import type { SyncOptions } from '../../core/sync/request.ts';

/** An RFC 1123 label: what Kubernetes accepts where a name becomes a label's value or a namespace. */
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** An application's name stands in names of Kubernetes objects, which leaves it 50 characters. */
const APPLICATION_LENGTH = 50;
const NAMESPACE_LENGTH = 63;
const SYNC_ID_LENGTH = 40;

/** Throws `InvalidRequest` unless the text can name an application: a DNS label of at most 50 characters. */
export function checkApplication(name: string): void {
  check('application', name, APPLICATION_LENGTH);
}

/** Throws `InvalidRequest` unless the text can name a namespace: a DNS label of at most 63 characters. */
export function checkNamespace(name: string): void {
  check('namespace', name, NAMESPACE_LENGTH);
}

/** Throws `InvalidRequest` unless the text can name a cluster: a DNS label of at most 63 characters. */
export function checkCluster(name: string): void {
  check('cluster', name, NAMESPACE_LENGTH);
}

/** Throws `InvalidRequest` unless the text, where there is one, is a place in a plan. */
export function checkPlace(text: string | undefined): void {
  if (text === undefined || parsePlace(text) !== undefined) return;
  throw failure('InvalidRequest', `${JSON.stringify(text)} is no place in a plan`, {
    remedy: 'write PHASE or PHASE:WAVE, e.g. Sync:1',
  });
}

/** Throws `InvalidRequest` unless the text can name a sync: 1 to 40 characters of a-z, 0-9 and -. */
export function checkSyncId(name: string): void {
  check('sync', name, SYNC_ID_LENGTH);
}

/** Throws `InvalidRequest` unless every part of a selection can be read. */
export function checkSelection(selection: Selection | undefined): void {
  const [first, ...others] = readSelection(selection ?? {}).failures;
  if (first !== undefined) throw new SynclineError([first, ...others]);
}

/** Throws `InvalidRequest` unless the account can be named in a request's headers. */
export function checkAccount(account: Account | undefined): void {
  if (account === undefined) return;
  const wrong = [account.user, ...(account.groups ?? [])].find((name) => !isAccountName(name));
  if (wrong === undefined) return;
  throw failure('InvalidRequest', `${JSON.stringify(wrong)} can't be the name of an account or a group`, {
    remedy: 'name it as Kubernetes does, e.g. system:serviceaccount:NAMESPACE:NAME',
  });
}

/**
 * The rules of ignored fields as a request holds them; what calls from JavaScript need not be of their type. Throws
 * `InvalidRequest` unless every one can be read.
 */
export function checkedIgnoreRules(rules: unknown): Pick<SyncOptions, 'ignoreDifferences'> {
  if (rules === undefined) return {};
  const read = readIgnoreRules(rules as Json, 'options');
  const [first, ...others] = read.failures;
  if (first !== undefined) throw new SynclineError([first, ...others]);
  return { ignoreDifferences: read.rules };
}

function check(what: string, name: string, length: number): void {
  if (LABEL.test(name) && name.length <= length) return;
  throw failure(
    'InvalidRequest',
    `${JSON.stringify(name)} is no name for ${what === 'application' ? 'an' : 'a'} ${what}`,
    {
      remedy: `use at most ${length} characters of a-z, 0-9 and -, beginning and ending with a letter or digit`,
    },
  );
}
