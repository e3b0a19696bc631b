import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Health } from './health.ts';
import { healthOfVerdict } from './verdict-health.ts';
import type { Verdict } from './verdict.ts';
import { timesOf } from './verdict.ts';

/** Where an Argo Workflow has got to. */
export type WorkflowVerdict = Verdict<'running' | 'succeeded' | 'failed' | 'unknown'>;

/** Where an argoproj.io Workflow has got to, read from its phase alone, as Argo CD's `health_argo.go` does. */
export function workflowVerdict(object: KubernetesObject): WorkflowVerdict {
  const phase = stringAt(object, 'status', 'phase') ?? '';
  const kind = kindOf(phase);
  const message = stringAt(object, 'status', 'message') ?? stringAt(object, 'status', 'progress') ?? '';
  const finishedAt = kind === 'running' ? undefined : stringAt(object, 'status', 'finishedAt');
  return {
    kind,
    reason: phase,
    message: message === '' ? (phase === '' ? 'not started yet' : phase) : message,
    ...timesOf(stringAt(object, 'status', 'startedAt'), finishedAt),
  };
}

/** Health of an argoproj.io Workflow. */
export function workflowHealth(object: KubernetesObject): Health {
  return healthOfVerdict(workflowVerdict(object));
}

function kindOf(phase: string): WorkflowVerdict['kind'] {
  switch (phase) {
    case '':
    case 'Pending':
    case 'Running':
      return 'running';
    case 'Succeeded':
      return 'succeeded';
    case 'Failed':
    case 'Error':
      return 'failed';
    default:
      return 'unknown';
  }
}
