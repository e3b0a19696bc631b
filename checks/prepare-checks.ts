import type { CheckSet, CustomCheck } from '../core/health/custom-checks.ts';
import { checkSet } from '../core/health/custom-checks.ts';
import { describeError } from './custom-health.ts';
import type { LuaSandbox } from './lua/sandbox.ts';

/** Makes checks ready to be looked up, and says which of them can't be read. */
export type PrepareChecks = (checks: readonly CustomCheck[], acrossSlash: boolean) => Promise<CheckSet>;

/** Prepares checks by reading each of them once in a sandbox; a broken one is told by `warn`, and is in the set all the same. */
export function prepareChecks(sandbox: Pick<LuaSandbox, 'evaluate'>, warn: (message: string) => void): PrepareChecks {
  return async (checks, acrossSlash) => {
    for (const check of checks) {
      const answer = await sandbox.evaluate(check.code);
      if (answer.kind === 'error') warn(`a health check is broken: ${describeError(check, answer)}`);
    }
    return checkSet(checks, acrossSlash);
  };
}
