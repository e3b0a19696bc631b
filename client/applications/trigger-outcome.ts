import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/client';
import type { Failure } from '../../core/failures.ts';
import type { TriggerOutcome } from '../../core/triggers/trigger.ts';

/** The failures that a trigger has ended with. */
export function failuresIn({ cause, message }: WorkflowFailedError): readonly [Failure, ...Failure[]] {
  const details = cause instanceof ApplicationFailure ? (cause.details as readonly TriggerOutcome[] | undefined) : [];
  const told = details?.[0];
  const [first, ...others] = told?.kind === 'failed' ? told.failures : [];
  if (first !== undefined) return [first, ...others];
  return [{ type: 'TemporalUnavailable', message: cause?.message ?? message, remedy: 'see its workflow in Temporal' }];
}
