import type { ApplicationDefinition } from '../../core/application/application.ts';
import { SynclineError } from '../../core/failures.ts';
import type { OnPush } from '../../core/triggers/on-push.ts';
import { matchPush } from '../../core/triggers/on-push.ts';
import type { PushMatch } from '../../core/triggers/on-push.ts';
import type { Push } from '../../core/triggers/push.ts';
import { readLocation } from '../../sources/location.ts';
import type { FindInput, FindAnswer } from '../../workflows/activities.ts';
import { DEFAULT_DEFINITIONS_NAMESPACE, readDefinitions } from '../applications/definitions.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ActivityRuntime } from '../runtime.ts';

/**
 * Finds the applications of a cluster that a push starts, and says of the others of its repository why it does not. A definition that
 * can't be read is a failure, and no reason to leave the others out.
 */
export async function findTriggered(
  { cluster: name, push }: FindInput,
  { signal }: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<FindAnswer> {
  const cluster = await deps.cluster(name);
  const home = deps.definitions ?? DEFAULT_DEFINITIONS_NAMESPACE;
  const { definitions, failures } = await readDefinitions(cluster, home, signal);
  const matched = definitions.flatMap(({ onPush, ...definition }) =>
    onPush === undefined
      ? []
      : [{ application: definition.application, match: matchOf({ ...definition, onPush }, push) }],
  );
  return {
    kind: 'found',
    applications: matched.flatMap(({ application, match }) => (match.kind === 'starts' ? [application] : [])),
    ignored: matched.flatMap(({ application, match }) =>
      match.kind === 'ignored' ? [{ application, why: match.why }] : [],
    ),
    failures,
  };
}

function matchOf({ source, onPush }: ApplicationDefinition & { readonly onPush: OnPush }, push: Push): PushMatch {
  try {
    const location = readLocation(source.location, source);
    if (location.kind !== 'git') return { kind: 'foreign' };
    const { url, ref } = location;
    return matchPush({ url, onPush, ...(ref === undefined ? {} : { ref }) }, push);
  } catch (error) {
    // What its source is can't be told, and so not whose push it would be.
    if (error instanceof SynclineError) return { kind: 'foreign' };
    throw error;
  }
}
