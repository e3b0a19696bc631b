import { failure } from '../../core/failures.ts';
import { titleOf } from '../../core/objects.ts';
import type { Phase } from '../../core/phases.ts';
import type { HookStatus, SyncStatus } from '../../core/sync/status.ts';
import { NotFound } from '../errors.ts';

/** A hook with the place it runs at. */
export interface PlacedHook {
  readonly phase: Phase;
  readonly wave: number;
  readonly hook: HookStatus;
}

/** The hooks of a sync in the order of its plan. */
export function hooksOf(status: SyncStatus): readonly PlacedHook[] {
  return status.phases.flatMap(({ phase, waves }) =>
    waves.flatMap(({ wave, steps }) =>
      steps.flatMap((step) => (step.kind === 'hook' ? [{ phase, wave, hook: step }] : [])),
    ),
  );
}

/**
 * The hook that a person names: by name (`db-migrate`), title (`Job/db-migrate`), phase and name (`PreSync/db-migrate`)
 * or step ID. Of a hook that runs in several phases it is the one that has begun last. Throws `InvalidRequest` with the
 * hooks there are, when none is meant or more than one could be.
 */
export function selectHook(status: SyncStatus, wanted: string): PlacedHook {
  const hooks = hooksOf(status);
  const matching = hooks.filter(({ phase, hook }) =>
    [hook.id, hook.ref.name, titleOf(hook.ref), `${phase}/${hook.ref.name}`, `${phase}/${titleOf(hook.ref)}`].includes(
      wanted,
    ),
  );
  const titles = new Set(
    matching.map(({ hook }) => `${hook.ref.apiVersion} ${titleOf(hook.ref)} ${hook.ref.namespace ?? ''}`),
  );
  if (titles.size === 1) {
    const begun = matching.filter(({ hook }) => hook.startedAt !== undefined);
    const found = begun.at(-1) ?? matching[0];
    if (found !== undefined) return found;
  }
  if (titles.size > 1) {
    const ids = matching.map(({ hook }) => hook.id);
    throw failure('InvalidRequest', `${wanted} could be more than one hook`, { remedy: namesOf(ids) });
  }
  const names = hooks.map(({ hook }) => titleOf(hook.ref));
  throw new NotFound(`this sync of ${status.application} has no hook ${wanted}`, {
    remedy: names.length === 0 ? 'it has no hooks at all' : namesOf(names),
  });
}

function namesOf(names: readonly string[]): string {
  return `name one of: ${[...new Set(names)].join(', ')}`;
}
