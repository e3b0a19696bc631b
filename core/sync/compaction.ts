import type { ObjectRef } from '../objects.ts';
import { groupOf, titleOf } from '../objects.ts';
import type { ApprovalGate } from './approval.ts';
import type {
  CompactBatch,
  CompactHook,
  CompactPlan,
  CompactSegment,
  CompactWave,
  Destination,
} from './compact-plan.ts';
import type { StoredApply, StoredHook, StoredPlan, StoredSegment, StoredWave } from './stored-plan.ts';
import { appliesOf, applySteps, prunesOf } from './stored-plan.ts';

/** How many titles a batch shows. */
const MOST_TITLES = 3;

/** Built-in kinds that have neither a health rule nor conditions, by `group/kind`: they are healthy once applied. */
const WITHOUT_STATUS: ReadonlySet<string> = new Set([
  '/ConfigMap',
  '/Endpoints',
  '/LimitRange',
  '/PodTemplate',
  '/ResourceQuota',
  '/Secret',
  '/ServiceAccount',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'coordination.k8s.io/Lease',
  'discovery.k8s.io/EndpointSlice',
  'networking.k8s.io/IngressClass',
  'networking.k8s.io/NetworkPolicy',
  'node.k8s.io/RuntimeClass',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/CSIDriver',
  'storage.k8s.io/StorageClass',
]);

/** Tells whether the health of a kind is always judged: by a rule, or by a configured check. */
export type HasHealthRule = (apiVersion: string, kind: string) => boolean;

/** Whether an object of a kind may need time until it is healthy: it is judged, or may have conditions. */
export function mayNeedTime(
  { apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>,
  hasRule: HasHealthRule,
): boolean {
  return hasRule(apiVersion, kind) || !WITHOUT_STATUS.has(`${groupOf(apiVersion)}/${kind}`);
}

/** What a compact plan tells besides its plan. */
export interface CompactFacts {
  /** That of the stored plan. */
  readonly digest: string;
  readonly destination: Destination;
  readonly hasRule: HasHealthRule;
}

/** The apply steps of a wave whose health is waited for. */
export function awaitedApplies(wave: StoredWave, hasRule: HasHealthRule): readonly StoredApply[] {
  return appliesOf(wave).filter((step) => step.awaited !== false && mayNeedTime(step, hasRule));
}

/** The form of a stored plan that Temporal's history holds. */
export function compactPlan(plan: StoredPlan, { digest, destination, hasRule }: CompactFacts): CompactPlan {
  const applies = applySteps(plan);
  const hooks = plan.phases.flatMap(({ waves }) => waves.flatMap(({ segments }) => segments.flatMap(hooksOf)));
  return {
    version: 1,
    digest,
    destination,
    objects: applies.length + hooks.length,
    unchanged: applies.filter((step) => step.unchanged).length,
    skipped: plan.skipped.length,
    phases: plan.phases.map(({ phase, waves }) => ({ phase, waves: waves.map((wave) => compactWave(wave, hasRule)) })),
    warnings: plan.warnings,
  };
}

function hooksOf(segment: StoredSegment): readonly StoredHook[] {
  return segment.kind === 'hooks' ? segment.steps : [];
}

function compactWave(wave: StoredWave, hasRule: HasHealthRule): CompactWave {
  const approval = gateBefore(wave);
  const slow = appliesOf(wave).filter((step) => mayNeedTime(step, hasRule));
  const hooks = wave.segments.flatMap(hooksOf);
  const awaited = [...prunesOf(wave), ...awaitedApplies(wave, hasRule)];
  return {
    wave: wave.wave,
    segments: wave.segments.map((segment) => compactSegment(segment, slow, hooks)),
    deadlineMs: longestDeadline(awaited),
    awaits: awaited.length > 0,
    ...(approval === undefined ? {} : { approval }),
  };
}

/** What asks for an approval of a wave: hooks, prunes, and resources that the wave would change. */
function gateBefore(wave: StoredWave): ApprovalGate | undefined {
  const hooks = wave.segments.flatMap(hooksOf);
  const asking = [...prunesOf(wave), ...appliesOf(wave).filter((step) => !step.unchanged), ...hooks];
  const reasons = [...new Set(asking.flatMap(({ approval }) => approval ?? []))].map((reason) => {
    const titles = asking.filter(({ approval }) => approval === reason).map(titleOf);
    const more = titles.length - MOST_TITLES;
    const shown = titles.slice(0, MOST_TITLES).join(', ');
    return `${reason} on ${more > 0 ? `${shown} and ${String(more)} more` : shown}`;
  });
  return reasons.length === 0 ? undefined : { reasons };
}

function longestDeadline(steps: readonly { readonly deadlineMs: number }[]): number {
  return steps.reduce((longest, step) => Math.max(longest, step.deadlineMs), 0);
}

/** `slow` are the wave's resources that may need time, `hooks` all of its hooks. */
function compactSegment(
  segment: StoredSegment,
  slow: readonly StoredApply[],
  hooks: readonly StoredHook[],
): CompactSegment {
  switch (segment.kind) {
    case 'prune':
      return batch('prune', segment.steps, segment.steps.length);
    case 'apply':
      return applyBatch(segment.groups.flat());
    case 'hooks':
      return { kind: 'hooks', hooks: segment.steps.map(compactHook) };
    case 'await': {
      const needed = new Set(segment.steps);
      const resources = slow.filter(({ id }) => needed.has(id));
      return {
        kind: 'await',
        hooks: hooks.filter(({ id }) => needed.has(id)).map(({ id }) => id),
        resources: resources.length,
        deadlineMs: longestDeadline(resources),
        titles: resources.slice(0, MOST_TITLES).map(titleOf),
      };
    }
  }
}

/** What changes is named before what does not. */
function applyBatch(steps: readonly StoredApply[]): CompactBatch {
  const changed = steps.filter((step) => !step.unchanged);
  return batch('apply', [...changed, ...steps.filter((step) => step.unchanged)], changed.length);
}

function batch(kind: CompactBatch['kind'], steps: readonly ObjectRef[], changed: number): CompactBatch {
  return { kind, count: steps.length, changed, titles: steps.slice(0, MOST_TITLES).map(titleOf) };
}

function compactHook(hook: StoredHook): CompactHook {
  const { apiVersion, kind, namespace, name } = hook;
  return {
    id: hook.id,
    ref: { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name },
    deadlineMs: hook.deadlineMs,
    deletePolicies: hook.deletePolicies,
    runsToCompletion: hook.runsToCompletion,
    settlesAtOnce: hook.settlesAtOnce,
    guarantee: hook.guarantee,
    ...(hook.retries === undefined ? {} : { retries: hook.retries }),
  };
}
