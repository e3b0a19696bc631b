import type { LineOwner } from '../core/queue/line-messages.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { faultOfRequest, isRequest } from '../core/sync/request-fault.ts';
import { refusal } from './refusal.ts';

/**
 * The request that a sync's workflow was started with. Throws `InvalidRequest`, which closes the workflow: one that was started by hand
 * with something else would fail at its first task for ever, and hold the lock of its application.
 */
export function checkedRequest(input: unknown): SyncRequest {
  if (isRequest(input)) return input;
  throw refusal(
    `this workflow was started with what is no request of a sync: ${faultOfRequest(input) ?? ''}; begin one with \`syncline sync\``,
  );
}

/** Whose line a workflow was started for. Throws `InvalidRequest` as `checkedRequest` does. */
export function checkedOwner(input: LineOwner | undefined): LineOwner {
  const { cluster, application }: { readonly [Name in keyof LineOwner]?: unknown } = input ?? {};
  if (typeof cluster === 'string' && typeof application === 'string') return { cluster, application };
  throw refusal('this workflow was started without the `cluster` and the `application` whose line it is');
}
