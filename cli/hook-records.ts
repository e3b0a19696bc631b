import type { SynclineClient } from '../client/client.ts';
import type { SyncView } from '../client/view.ts';
import type { HookEvidence } from '../core/evidence/evidence.ts';
import { failure } from '../core/failures.ts';
import { titleOf } from '../core/objects.ts';
import type { HookProgress } from '../core/sync/progress.ts';
import { attemptsOf, readEvidence } from './evidence.ts';
import type { PlacedHook } from './hook-selection.ts';

/** What the worker that waits for a hook last said of it; undefined when it does not run. */
export function progressOf(view: SyncView, hook: PlacedHook): HookProgress | undefined {
  if (hook.hook.state !== 'running') return undefined;
  const all = view.work.flatMap(({ progress }) => (progress?.kind === 'hook' ? [progress] : []));
  return all.find((progress) => progress.id === hook.hook.id);
}

/**
 * What was kept of a hook: of its latest attempt, or of the one asked for. Throws `InvalidRequest` where nothing was kept,
 * naming the attempts there are.
 */
export async function keptEvidence(
  client: SynclineClient,
  view: SyncView,
  { hook }: PlacedHook,
  attempt: number | undefined,
  signal: AbortSignal,
): Promise<HookEvidence> {
  if (hook.evidence !== undefined && (attempt === undefined || attempt === hook.attempt)) {
    return readEvidence(client.bundles(), hook.evidence, signal);
  }
  const attempts = hook.startedAt === undefined ? [] : await attemptsOf(client.bundles(), view.status, hook, signal);
  const found = attempt === undefined ? attempts.at(-1) : attempts.find((each) => each.attempt === attempt);
  if (found !== undefined) return found;
  const title = titleOf(hook.ref);
  const counts = attempts.map((each) => each.attempt).join(', ');
  const what =
    attempt === undefined ? `nothing was kept of ${title}` : `nothing was kept of attempt ${attempt} of ${title}`;
  throw failure('InvalidRequest', what, {
    remedy: counts === '' ? `it is ${hook.state}` : `there are the attempts ${counts}`,
  });
}
