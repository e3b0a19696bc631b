import { arrayAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { groupOf, versionOf } from '../objects.ts';
import { apiServiceHealth } from './api-service.ts';
import { rolloutHealth } from './argo-rollout.ts';
import { workflowHealth } from './argo-workflow.ts';
import { cronJobHealth } from './cron-job.ts';
import { customResourceDefinitionHealth } from './custom-resource-definition.ts';
import { daemonSetHealth } from './daemon-set.ts';
import { declaredHealth } from './declared-health.ts';
import { deploymentHealth } from './deployment.ts';
import type { Health, HealthFacts, HealthRule } from './health.ts';
import { horizontalPodAutoscalerHealth } from './horizontal-pod-autoscaler.ts';
import { jobHealth } from './job-verdict.ts';
import { namespaceHealth } from './namespace.ts';
import { persistentVolumeClaimHealth } from './persistent-volume-claim.ts';
import { podDisruptionBudgetHealth } from './pod-disruption-budget.ts';
import { podHealth } from './pod-verdict.ts';
import { replicaSetHealth } from './replica-set.ts';
import { ingressHealth, serviceHealth } from './service.ts';
import { statefulSetHealth } from './stateful-set.ts';

interface KindRule {
  readonly rule: HealthRule;
  /** The API versions whose status the rule can read; undefined = the status is the same in all of them. */
  readonly versions?: readonly string[];
}

const V1 = ['v1'];

/** The rules by `group/kind`. */
const RULES: Readonly<Record<string, KindRule>> = {
  '/Namespace': { rule: namespaceHealth },
  '/PersistentVolumeClaim': { rule: persistentVolumeClaimHealth, versions: V1 },
  '/Pod': { rule: podHealth, versions: V1 },
  '/ReplicationController': { rule: replicaSetHealth, versions: V1 },
  '/Service': { rule: serviceHealth, versions: V1 },
  'apiextensions.k8s.io/CustomResourceDefinition': { rule: customResourceDefinitionHealth },
  'apiregistration.k8s.io/APIService': { rule: apiServiceHealth, versions: ['v1', 'v1beta1'] },
  'apps/DaemonSet': { rule: daemonSetHealth, versions: V1 },
  'apps/Deployment': { rule: deploymentHealth, versions: V1 },
  'apps/ReplicaSet': { rule: replicaSetHealth, versions: V1 },
  'apps/StatefulSet': { rule: statefulSetHealth, versions: V1 },
  'argoproj.io/Rollout': { rule: rolloutHealth },
  'argoproj.io/Workflow': { rule: workflowHealth },
  'autoscaling/HorizontalPodAutoscaler': {
    rule: horizontalPodAutoscalerHealth,
    versions: ['v1', 'v2', 'v2beta1', 'v2beta2'],
  },
  'batch/CronJob': { rule: cronJobHealth },
  'batch/Job': { rule: jobHealth, versions: V1 },
  'extensions/DaemonSet': { rule: daemonSetHealth, versions: [] },
  'extensions/Deployment': { rule: deploymentHealth, versions: [] },
  'extensions/Ingress': { rule: ingressHealth },
  'extensions/ReplicaSet': { rule: replicaSetHealth, versions: [] },
  'networking.k8s.io/Ingress': { rule: ingressHealth },
  'policy/PodDisruptionBudget': { rule: podDisruptionBudgetHealth },
};

/** Argo CD's finalizer that keeps a deleted hook readable until its verdict is taken. */
const ARGO_HOOK_FINALIZER = 'argocd.argoproj.io/hook-finalizer';

/**
 * What is to be said of a live object: one that is being deleted is Progressing (unless Argo CD's hook finalizer holds it for
 * its verdict), then a configured check decides, then the kind's rule, else what the object declares by conditions. Undefined
 * means that there is nothing to judge by, which a sync takes as healthy. A kind whose rule can't read this API version is
 * Unknown. Mirrors `GetResourceHealth` of Argo CD's `health.go`.
 */
export function healthOf(object: KubernetesObject, facts: HealthFacts = {}): Health | undefined {
  if (isBeingDeleted(object) && !arrayAt(object, 'metadata', 'finalizers').includes(ARGO_HOOK_FINALIZER)) {
    return { status: 'Progressing', message: deletionMessage(object) };
  }
  if (facts.custom !== undefined) return facts.custom;
  const apiVersion = stringAt(object, 'apiVersion') ?? '';
  const kind = stringAt(object, 'kind') ?? '';
  const found = ruleFor(apiVersion, kind);
  if (found === undefined) return declaredHealth(object);
  if (found.versions?.includes(versionOf(apiVersion)) === false) {
    return {
      status: 'Unknown',
      message: `the health of ${apiVersion} ${kind} can't be judged; use a newer API version`,
    };
  }
  return found.rule(object, facts);
}

/** Whether `healthOf` judges objects of a kind by a rule, and so always has an answer. */
export function hasHealthRule(apiVersion: string, kind: string): boolean {
  return ruleFor(apiVersion, kind) !== undefined;
}

/** Whether the object is on its way out. */
export function isBeingDeleted(object: KubernetesObject): boolean {
  return stringAt(object, 'metadata', 'deletionTimestamp') !== undefined;
}

function ruleFor(apiVersion: string, kind: string): KindRule | undefined {
  const key = `${groupOf(apiVersion)}/${kind}`;
  return Object.hasOwn(RULES, key) ? RULES[key] : undefined;
}

function deletionMessage(object: KubernetesObject): string {
  const finalizers = arrayAt(object, 'metadata', 'finalizers').filter((name) => typeof name === 'string');
  return finalizers.length === 0 ? 'being deleted' : `being deleted, waiting for finalizers ${finalizers.join(', ')}`;
}
