import type { Account } from '../core/accounts/account.ts';
import { describeAccount } from '../core/accounts/account.ts';
import type { MissingRule } from '../core/accounts/missing-rule.ts';
import { grantFor } from '../core/accounts/missing-rule.ts';
import type { SynclineError } from '../core/failures.ts';
import { failure } from '../core/failures.ts';
import type { Credentials } from './credentials.ts';
import type { ApiError } from './errors.ts';

/**
 * The headers that let a request in, as `account` where one is given
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation). Throws `Forbidden` where
 * the credentials act as somebody already: Kubernetes knows no second step, and replacing the first would go around it.
 */
export function headersFor({ headers }: Credentials, account: Account | undefined): Record<string, string | string[]> {
  if (account === undefined) return { ...headers };
  const known = headers['impersonate-user'];
  if (known !== undefined) {
    throw failure(
      'Forbidden',
      `no request can be made as ${account.user}: the kubeconfig's user acts as ${known} already`,
      {
        remedy: 'give the worker a kubeconfig whose user has no `as`',
      },
    );
  }
  const { user, groups = [] } = account;
  return {
    ...headers,
    'impersonate-user': user,
    ...(groups.length === 0 ? {} : { 'impersonate-group': [...groups] }),
  };
}

/** Who may not impersonate, in the words of a refusal; since Kubernetes 1.35 the verb may be one of a constrained impersonation. */
const REFUSAL = /User "([^"]*)" cannot impersonate\b/;

/** The failure that an API server's refusal to let us act as an account means; undefined for any other error. */
export function refusedImpersonation(account: Account | undefined, error: ApiError): SynclineError | undefined {
  const [, worker] = REFUSAL.exec(error.message) ?? [];
  if (account === undefined || error.code !== 403 || worker === undefined) return undefined;
  const grants = rulesToActAs(account, worker).map(grantFor);
  return failure('Forbidden', `${worker} may not act as ${describeAccount(account)}`, {
    remedy: `${grants.join(', and ')}, then sync again`,
  });
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):[^:]+$/;

function rulesToActAs({ user: name, groups = [] }: Account, worker: string): readonly MissingRule[] {
  const rule = { user: worker, verb: 'impersonate', group: '' };
  const [, namespace] = SERVICE_ACCOUNT.exec(name) ?? [];
  return [
    namespace === undefined ? { ...rule, resource: 'users' } : { ...rule, resource: 'serviceaccounts', namespace },
    ...(groups.length === 0 ? [] : [{ ...rule, resource: 'groups' }]),
  ];
}
