import { failure } from '../../core/failures.ts';
import { stringAt } from '../../core/json.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { resolveHookName } from '../../core/annotations/hook-names.ts';
import { hookStep } from '../../core/sync/stored-plan.ts';
import type { HookInput } from '../../workflows/activities.ts';
import { loadBundle, loadPlan } from '../bundle-cache.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { judgeFor } from '../health/judge.ts';
import { manifestDigest } from '../manifest-digest.ts';
import { openRecord } from '../record/record-store.ts';
import type { ActivityRuntime } from '../runtime.ts';
import type { HookRun } from './hook-run.ts';

/** Puts together what the protocol of one hook works with. Throws `BundleNotFound` when the bundle or the plan is gone. */
export async function prepareHookRun(
  input: HookInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<HookRun> {
  const { request } = input.scope;
  const own = await deps.cluster(request.cluster);
  const cluster = await deps.cluster(request.cluster, request);
  const plan = await loadPlan(deps, input.scope.plan, runtime.signal);
  const bundle = await loadBundle(deps, plan.bundle, runtime.signal);
  const step = hookStep(plan, input.hook.id);
  const manifest = step === undefined ? undefined : bundle.manifests[step.manifest]?.object;
  if (manifest === undefined)
    throw failure('BundleNotFound', `the plan ${input.scope.plan} has no hook ${input.hook.id}`);
  return {
    input,
    cluster,
    record: openRecord(own, request),
    bundles: deps.bundles,
    runtime,
    judge: await judgeFor(deps, { cluster, own }, runtime.signal),
    manifest,
    digest: manifestDigest(manifest),
    refAt: (attempt) => refAt(input, stringAt(manifest, 'metadata', 'generateName'), attempt),
    redact: (text) => bundle.redact(text),
  };
}

function refAt(input: HookInput, generateName: string | undefined, attempt: number): ObjectRef {
  const { hook, phase, scope } = input;
  if (attempt === 1 || generateName === undefined) return hook.ref;
  const { revision, syncId } = scope.request;
  return { ...hook.ref, name: resolveHookName(generateName, { phase, revision, syncId, attempt }) };
}
