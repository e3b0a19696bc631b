import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { groupOf } from '../objects.ts';

const RUN_TO_COMPLETION: ReadonlySet<string> = new Set(['batch/Job', '/Pod', 'argoproj.io/Workflow']);

/** Tells whether objects of a kind run to an end: Jobs, Pods and Argo Workflows. */
export function runsToCompletion(apiVersion: string, kind: string): boolean {
  return RUN_TO_COMPLETION.has(`${groupOf(apiVersion)}/${kind}`);
}

/**
 * Why a hook can't be created gated and so is at-least-once, as a clause, or undefined when its start is exactly once.
 * Only a Job that Kubernetes' own controller runs can be suspended, and only a Pod that is yet to be scheduled can be held.
 */
export function ungatedBecause(hook: KubernetesObject, apiVersion: string, kind: string): string | undefined {
  switch (`${groupOf(apiVersion)}/${kind}`) {
    case 'batch/Job': {
      const manager = stringAt(hook, 'spec', 'managedBy') ?? 'kubernetes.io/job-controller';
      return manager === 'kubernetes.io/job-controller' ? undefined : `it is managed by ${manager}`;
    }
    case '/Pod':
      return stringAt(hook, 'spec', 'nodeName') === undefined ? undefined : 'it names its node';
    case 'argoproj.io/Workflow':
      return 'a Workflow has no gate';
    default:
      return undefined;
  }
}
