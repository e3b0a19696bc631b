import { describe, expect, it } from 'vitest';
import type { AccountPolicy, ActingSync } from '../../../core/accounts/account.ts';
import { accountRefusal, describeAccount, isAccountName } from '../../../core/accounts/account.ts';
import { grantFor, missingRuleIn } from '../../../core/accounts/missing-rule.ts';
import { headersFor } from '../../../kubernetes/impersonation.ts';

const OWN: AccountPolicy = { required: false, users: ['system:serviceaccount:{namespace}:*', 'ci-{application}'] };

const sync = (user?: string, groups?: readonly string[], overrides: Partial<ActingSync> = {}): ActingSync => ({
  application: 'web',
  namespace: 'shop',
  options: user === undefined ? {} : { as: { user, ...(groups === undefined ? {} : { groups }) } },
  ...overrides,
});

describe('a worker’s policy on accounts', () => {
  it.each<[string, AccountPolicy, ActingSync]>([
    ['any, where nothing is said', { required: false }, sync('anybody', ['system:masters'])],
    ['none, where none is required', OWN, sync()],
    ['an account of the sync’s namespace', OWN, sync('system:serviceaccount:shop:deployer')],
    ['an account named after the application', OWN, sync('ci-web')],
    ['a group that is allowed', { ...OWN, groups: ['ops'] }, sync('ci-web', ['ops'])],
  ])('lets a sync act as %s', (_, policy, asked) => {
    expect(accountRefusal(policy, asked)).toBeUndefined();
  });

  it.each<[string, AccountPolicy, ActingSync, string]>([
    ['none, where one is required', { required: true }, sync(), 'an account that is named'],
    ['one of another namespace', OWN, sync('system:serviceaccount:kube-system:admin'), 'only as system:'],
    ['a star that would match too much', OWN, sync('system:serviceaccount:shop:a:b'), 'only as'],
    ['what only begins alike', OWN, sync('ci-web2'), 'only as'],
    [
      'a group, where only users are allowed',
      OWN,
      sync('ci-web', ['system:masters']),
      'group system:masters, only in none',
    ],
    ['another group', { ...OWN, groups: ['ops'] }, sync('ci-web', ['ops', 'root']), 'group root, only in ops'],
  ])('does not let a sync act as %s', (_, policy, asked, why) => {
    expect(accountRefusal(policy, asked)).toContain(why);
  });

  it('takes no pattern from a request', () => {
    const forged = sync('system:serviceaccount:kube-system:admin', undefined, { namespace: '*' });
    expect(accountRefusal(OWN, forged)).toContain('only as');
    expect(accountRefusal({ required: false, users: ['a{namespace}'] }, sync('ab', [], { namespace: '.' }))).toContain(
      'only as',
    );
  });
});

describe('a name of an account', () => {
  it.each(['system:serviceaccount:shop:deployer', 'jane@example.com', 'CN=Jane Doe'])('may be %s', (name) => {
    expect(isAccountName(name)).toBe(true);
  });

  it.each(['', ' ', 'a\r\nx-evil: 1', 'jane ', 'jäne', 'a\u0000b'])('may not be %j', (name) => {
    expect(isAccountName(name)).toBe(false);
  });

  it('is told with its groups', () => {
    expect(describeAccount({ user: 'jane', groups: ['ops', 'dev'] })).toBe('jane, groups ops and dev');
  });
});

describe('a refusal of the API server', () => {
  it.each([
    [
      'jobs.batch "m" is forbidden: User "system:serviceaccount:shop:d" cannot patch resource "jobs" in API group "batch" in the namespace "shop"',
      'give system:serviceaccount:shop:d the rule {apiGroups: ["batch"], resources: ["jobs"], verbs: ["patch"]} in namespace shop',
    ],
    [
      'serviceaccounts "d" is forbidden: User "worker" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "shop"',
      'give worker the rule {apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"]} in namespace shop',
    ],
    [
      'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole not found',
      'give jane the rule {apiGroups: [""], resources: ["nodes"], verbs: ["list"]} in a ClusterRole',
    ],
  ])('names the rule that is missing: %s', (words, grant) => {
    expect(grantFor(missingRuleIn(words)!)).toBe(grant);
  });

  it.each([
    'pods "x" is forbidden: exceeded quota: compute, requested: cpu=2, used: cpu=1, limited: cpu=2',
    'pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged',
  ])('of another cause names none: %s', (words) => {
    expect(missingRuleIn(words)).toBeUndefined();
  });
});

describe('the headers of a request', () => {
  const credentials = { headers: { authorization: 'Bearer t' }, tls: {} };

  it('name the account and each of its groups', () => {
    expect(headersFor(credentials, { user: 'jane', groups: ['a', 'b'] })).toEqual({
      authorization: 'Bearer t',
      'impersonate-user': 'jane',
      'impersonate-group': ['a', 'b'],
    });
    expect(headersFor(credentials, undefined)).toEqual(credentials.headers);
  });

  it('can’t name one where the kubeconfig’s user acts as another already', () => {
    const acting = { headers: { 'impersonate-user': 'limited' }, tls: {} };
    expect(() => headersFor(acting, { user: 'jane' })).toThrow('acts as limited already');
    expect(headersFor(acting, undefined)).toEqual(acting.headers);
  });
});
