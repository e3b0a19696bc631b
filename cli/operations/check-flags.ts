import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CheckSource } from '../../checks/check-source.ts';
import { parseCheckSource } from '../../checks/check-source.ts';
import { SynclineError } from '../../core/failures.ts';
import type { Console } from '../console.ts';

/** Where a command finds health checks besides the built-in rules. */
export interface CheckFlags {
  readonly checks: readonly CheckSource[];
}

/** Where checks are found when no flag says so; several places are separated by commas. */
const VARIABLE = 'SYNCLINE_HEALTH_CHECKS';

/** Adds the flag that says where health checks are. */
export function withChecks(command: Command): Command {
  return command.option<readonly CheckSource[]>(
    '--checks <place>',
    `Lua health checks as Argo CD has them: a folder like resource_customizations, a file with a ConfigMap like argocd-cm, or configmap:NAMESPACE/NAME in the cluster; repeatable, the first that knows a kind decides (${VARIABLE})`,
    (text, before) => [...before, checkFlag(text)],
    [],
  );
}

/** The sources of health checks that the flags or the environment give. Throws `InvalidRequest` for a place that is none. */
export function checkSources(flags: CheckFlags, env: Console['env']): readonly CheckSource[] {
  if (flags.checks.length > 0) return flags.checks;
  const places = (env[VARIABLE] ?? '').split(',').map((place) => place.trim());
  return places.filter((place) => place !== '').map(parseCheckSource);
}

function checkFlag(text: string): CheckSource {
  try {
    return parseCheckSource(text);
  } catch (error) {
    if (error instanceof SynclineError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
}
