import { ApplicationFailure } from '@temporalio/workflow';

/** The error that refuses a command, of type `InvalidRequest`; `why` is for the person who sent it. */
export function refusal(why: string): ApplicationFailure {
  return withoutStack(ApplicationFailure.nonRetryable(why, 'InvalidRequest'));
}

/** A failure that tells all in its message: Temporal's UI would show the stack beside it, which says nothing to a person. */
export function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}
