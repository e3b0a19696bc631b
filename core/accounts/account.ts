/** A Kubernetes user as which requests are made: what `kubectl --as` and `--as-group` name. */
export interface Account {
  /** E.g. `system:serviceaccount:shop:deployer`. */
  readonly user: string;
  /** Without any, a service account has the groups that Kubernetes gives it, and every user is in `system:authenticated`. */
  readonly groups?: readonly string[];
}

/** A sync as far as its account depends on it. */
export interface ActingSync {
  readonly application: string;
  /** Its destination namespace. */
  readonly namespace: string;
  readonly options: { readonly as?: Account };
}

/** What a worker lets syncs act as. */
export interface AccountPolicy {
  /** Patterns of users; `*` stands for any text without a colon, `{namespace}` and `{application}` for the sync's own. Undefined = any that the worker's own rights allow. */
  readonly users?: readonly string[];
  /** Patterns of groups, as of users. Undefined = any where `users` is undefined too, else none. */
  readonly groups?: readonly string[];
  /** Refuse syncs that name no account. */
  readonly required: boolean;
}

/** The policy of a worker that was told nothing. */
export const ANY_ACCOUNT: AccountPolicy = { required: false };

/** Why a worker does not let a sync act as it asks to; undefined where it does. */
export function accountRefusal(policy: AccountPolicy, sync: ActingSync): string | undefined {
  const account = sync.options.as;
  if (account === undefined) return policy.required ? 'this worker only syncs as an account that is named' : undefined;
  const { user, groups = [] } = account;
  if (policy.users !== undefined && !isAmong(policy.users, user, sync)) {
    return `this worker does not let application ${sync.application} act as ${user}, only as ${listedPatterns(policy.users)}`;
  }
  const known = policy.groups ?? (policy.users === undefined ? undefined : []);
  const wrong = known === undefined ? undefined : groups.find((group) => !isAmong(known, group, sync));
  return wrong === undefined
    ? undefined
    : `this worker does not let application ${sync.application} act in group ${wrong}, only in ${listedPatterns(known ?? [])}`;
}

/** An account in words: `system:serviceaccount:shop:deployer, group ops`. */
export function describeAccount({ user, groups = [] }: Account): string {
  if (groups.length === 0) return user;
  return `${user}, ${groups.length === 1 ? 'group' : 'groups'} ${groups.join(' and ')}`;
}

/** Whether a text can name a user or a group: it stands in a header, whose ends are trimmed. */
export function isAccountName(text: string): boolean {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);
}

function isAmong(patterns: readonly string[], name: string, { namespace, application }: ActingSync): boolean {
  // Split before anything is filled in: what a request says must not become a star.
  return patterns.some((pattern) => {
    const parts = pattern
      .split(/\*+/)
      .map((part) => part.replaceAll('{namespace}', namespace).replaceAll('{application}', application))
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${parts.join('[^:]*')}$`).test(name);
  });
}

function listedPatterns(patterns: readonly string[]): string {
  return patterns.length === 0 ? 'none' : patterns.join(' or ');
}
