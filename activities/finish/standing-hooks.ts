import { formatFailure } from '../../core/failures.ts';
import { hookStep } from '../../core/sync/stored-plan.ts';
import type { FinishInput } from '../../workflows/activities.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { settleHooks } from '../hooks/settle-hooks.ts';
import type { SyncContext } from '../sync-context.ts';
import { failureIn } from '../sync-context.ts';

/** What became of the hooks that stood until the end. */
export type Standing = { readonly kind: 'settled'; readonly warnings: readonly string[] } | { readonly kind: 'fenced' };

/**
 * Deletes hooks that stood until now, by their policies and what the ledger says became of them. One that can't be deleted
 * is a warning: it must not keep the record from being released.
 */
export async function settleStanding(
  sync: SyncContext,
  { scope, hooks }: FinishInput,
  deps: ActivityDependencies,
): Promise<Standing> {
  const warnings: string[] = [];
  for (const hook of hooks) {
    const phase = hookStep(sync.plan, hook.id)?.phase;
    if (phase === undefined) continue;
    try {
      const answer = await settleHooks({ scope, phase, hooks: [hook] }, sync.runtime, deps);
      if (answer.kind === 'fenced') return answer;
      warnings.push(...(answer.kind === 'done' ? answer.warnings : answer.failures.map(formatFailure)));
    } catch (error) {
      const failure = failureIn(sync.bundle, error, hook.ref);
      if (failure === undefined) throw error;
      warnings.push(formatFailure(failure));
    }
  }
  return { kind: 'settled', warnings };
}
