import type { KubernetesObject } from '../objects.ts';
import { conditionOf, trueCondition } from './conditions.ts';
import type { Health } from './health.ts';

/**
 * Health of a CustomResourceDefinition: Degraded when its names are taken or its schema is not structural, Healthy once
 * Established. Mirrors `resource_customizations/apiextensions.k8s.io/CustomResourceDefinition/health.lua`, save that
 * one without any Established condition yet is Progressing here (argo-cd#26346).
 */
export function customResourceDefinitionHealth(object: KubernetesObject): Health {
  const terminating = trueCondition(object, 'Terminating');
  if (terminating !== undefined) return { status: 'Progressing', message: `being deleted: ${terminating.message}` };
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return { status: 'Degraded', message: `names not accepted: ${names.message}` };
  const schema = trueCondition(object, 'NonStructuralSchema');
  if (schema !== undefined) return { status: 'Degraded', message: `schema is not structural: ${schema.message}` };
  const established = conditionOf(object, 'Established');
  if (established?.status === 'True') return { status: 'Healthy', message: 'established' };
  if (established === undefined || established.reason === 'Installing') {
    return { status: 'Progressing', message: 'waiting to be established' };
  }
  return { status: 'Degraded', message: `not established: ${established.message}` };
}
