import { describe, expect, it } from 'vitest';
import { planSync } from '../../activities/plan/plan-sync.ts';
import type { Cluster, ServedKind } from '../../kubernetes/cluster.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { plannedSync } from '../support/planned-sync.ts';
import { activityRuntime } from '../support/runtime.ts';

const yaml =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: b }\n';

const served = async (apiVersion: string, kind: string): Promise<ServedKind> => ({
  apiVersion,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
  verbs: [],
});

/** A cluster with namespace `shop` and nothing in it. */
const empty: Partial<Cluster> = {
  servedKind: served,
  get: async ({ kind }) => (kind === 'Namespace' ? { metadata: { name: 'shop' } } : undefined),
};

function answering(code: number, message: string): ApiError {
  return new ApiError(message, { code, reason: '', causes: [], retryAfterSeconds: undefined });
}

describe('the dry run of a plan', () => {
  it('takes a webhook without dry-run support for a warning', async () => {
    const apply: Cluster['apply'] = () =>
      Promise.reject(answering(400, 'admission webhook "w" does not support dry run'));
    const { scope, deps } = await plannedSync(yaml, { ...empty, apply });
    const answer = await planSync(scope.request, activityRuntime(), deps);
    expect(answer.kind === 'planned' && answer.plan.warnings).toEqual([
      'Not validated, because an admission webhook does not support dry runs: ConfigMap shop/a, ConfigMap shop/b.',
    ]);
  });

  it('throws on what may pass by itself', async () => {
    const error = answering(503, 'starting');
    const { scope, deps } = await plannedSync(yaml, { ...empty, apply: () => Promise.reject(error) });
    await expect(planSync(scope.request, activityRuntime(), deps)).rejects.toBe(error);
  });

  it('says that no rule tells which ignored fields would be left as they are', async () => {
    const { scope, deps } = await plannedSync(yaml, { ...empty, apply: async (object) => object });
    const syncOptions = { RespectIgnoreDifferences: 'true' } as const;
    const request = { ...scope.request, options: { ...scope.request.options, syncOptions } };
    const answer = await planSync(request, activityRuntime(), deps);
    expect(answer.kind === 'planned' && answer.plan.warnings).toEqual([
      'RespectIgnoreDifferences=true has no effect: no rule says which fields are ignored (--ignore-differences).',
    ]);
  });

  it('is left out where it was asked to be', async () => {
    const { scope, deps } = await plannedSync(yaml, empty);
    const request = { ...scope.request, options: { ...scope.request.options, validate: false } };
    await expect(planSync(request, activityRuntime(), deps)).resolves.toMatchObject({ kind: 'planned' });
  });

  it('says in heartbeats how far it is', async () => {
    const runtime = activityRuntime();
    const { scope, deps } = await plannedSync(yaml, { ...empty, apply: async (object) => object });
    await planSync(scope.request, runtime, deps);
    expect(runtime.heartbeats).toEqual([
      { kind: 'batch', done: 1, total: 2 },
      { kind: 'batch', done: 2, total: 2 },
    ]);
  });
});
