import { grantFor } from '../../core/accounts/missing-rule.ts';
import type { MissingRule } from '../../core/accounts/missing-rule.ts';
import type { Failure } from '../../core/failures.ts';
import { objectAt } from '../../core/json.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, groupOf } from '../../core/objects.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import type { NamedManifestStep, Planning } from './planning.ts';
import { placeOf } from './planning.ts';

/** A permission that a step needs and no dry run tries. */
interface Need {
  readonly verb: 'list' | 'patch' | 'delete';
  /** Absent for all objects of the kind. */
  readonly name?: string;
  readonly step: NamedManifestStep;
}

/**
 * What the account of a sync may not do and the dry run does not try, asked of the API server: to follow the objects it waits
 * for, and to release and delete hooks. Without an account nothing is asked, as the worker's own rights are its operator's.
 */
export async function permissionFailures(
  planning: Planning,
  steps: readonly NamedManifestStep[],
): Promise<readonly Failure[]> {
  const { options } = planning.request;
  if (options.as === undefined || !options.validate) return [];
  const answers = await mapConcurrently(needsOf(steps), CONCURRENCY, planning.runtime.signal, (need) =>
    failureFor(planning, options.as?.user ?? '', need),
  );
  return answers.filter((failure) => failure !== undefined);
}

function needsOf(steps: readonly NamedManifestStep[]): readonly Need[] {
  const kinds = new Map(steps.map((step) => [`${step.apiVersion}/${step.kind}/${step.namespace ?? ''}`, step]));
  const hooks = steps.filter(({ action }) => action === 'hook');
  return [
    ...[...kinds.values()].map((step) => ({ verb: 'list' as const, step })),
    ...hooks.flatMap((step) => (['patch', 'delete'] as const).map((verb) => ({ verb, name: step.name, step }))),
  ];
}

async function failureFor(planning: Planning, user: string, need: Need): Promise<Failure | undefined> {
  const { cluster, runtime } = planning;
  const { verb, name, step } = need;
  const { apiVersion, kind, namespace } = step;
  const served = await cluster.servedKind(apiVersion, kind, runtime.signal);
  // What is not served yet can't be named: the sync itself makes its definition.
  if (served === undefined) return undefined;
  const place = namespace === undefined ? {} : { namespace };
  const rule: MissingRule = { user, verb, resource: served.plural, group: groupOf(apiVersion), ...place };
  if (await isAllowed(planning, rule, name)) return undefined;
  return {
    type: 'Forbidden',
    message: `${user} may not ${verb} ${name === undefined ? `${served.plural}, so ${describeRef(step)} can't be followed` : describeRef(step)}`,
    remedy: `${grantFor(rule)}, then sync again`,
    object: describeRef(step),
    location: placeOf(planning, step.manifest),
  };
}

/** Asks as the account itself, which every account may (https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access). */
async function isAllowed(
  { cluster, runtime }: Planning,
  rule: MissingRule,
  name: string | undefined,
): Promise<boolean> {
  const { verb, resource, group, namespace } = rule;
  const review: KubernetesObject = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        ...{ verb, resource, group },
        ...(namespace === undefined ? {} : { namespace }),
        ...(name === undefined ? {} : { name }),
      },
    },
  };
  const answer = await cluster.create(review, {}, runtime.signal);
  return objectAt(answer, 'status')?.['allowed'] === true;
}
