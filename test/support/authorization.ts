import type { JsonObject } from '../../core/json.ts';
import { arrayAt, booleanAt, stringAt } from '../../core/json.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { until } from '../e2e/support/waiting.ts';

/** Whom the API server is asked about. */
export interface Account {
  readonly user: string;
  readonly groups?: readonly string[];
}

/**
 * Resolves once an account may do what RBAC rules say, in a namespace: the API server's authorizer hears of roles and bindings a
 * moment after they were written. Of each rule the first group and resource are asked for, with all verbs.
 */
export async function untilGranted(
  cluster: Pick<Cluster, 'create'>,
  account: Account,
  namespace: string,
  rules: readonly JsonObject[],
): Promise<void> {
  await Promise.all(
    rules.flatMap((rule) => {
      const group = stringAt(rule, 'apiGroups', 0) ?? '';
      const resource = stringAt(rule, 'resources', 0) ?? '';
      const name = stringAt(rule, 'resourceNames', 0);
      return arrayAt(rule, 'verbs').map((verb) => {
        const attributes = { namespace, group, resource, verb, ...(name === undefined ? {} : { name }) };
        return until(`${account.user} may ${JSON.stringify(verb)} ${resource}`, async () => {
          const review = await cluster.create(
            {
              apiVersion: 'authorization.k8s.io/v1',
              kind: 'SubjectAccessReview',
              metadata: {},
              spec: { ...account, resourceAttributes: attributes },
            },
            {},
            AbortSignal.timeout(60_000),
          );
          return booleanAt(review, 'status', 'allowed') === true || undefined;
        });
      });
    }),
  );
}
