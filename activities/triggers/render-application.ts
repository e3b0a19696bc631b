import type { ApplicationDefinition, ApplicationSource } from '../../core/application/application.ts';
import { SynclineError, failure } from '../../core/failures.ts';
import type { OfflinePlan } from '../../core/plan/offline-plan.ts';
import { planFiles } from '../../core/plan/offline-plan.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { optionsOfSource, targetOf } from '../../sources/application-source.ts';
import { Unfetched } from '../../sources/git/git-failure.ts';
import { foreignToRemote, mayRender } from '../../sources/remote-rendering.ts';
import { readSource } from '../../sources/source.ts';
import type { ActivityRuntime } from '../runtime.ts';

/** How a worker renders the sources of applications. */
export interface Rendering {
  /** Globs of the locations that it may render from. */
  readonly allowed: readonly string[];
  /** Where programs, proxies and credentials are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The manifests of an application, and the commit they are of, where they came from a git repository. */
export type RenderedApplication = OfflinePlan & { readonly revision?: string };

/** A repository that can't be fetched is tried again for so long, ms: forges tell of a push before each of their servers has it. */
const PATIENCE_MS = 120_000;

/**
 * Renders an application from a source and plans it without its cluster, so that what can't be right is told before anything is begun.
 * Throws a `SynclineError` with everything that is wrong: `Forbidden` where the worker may not read from there.
 */
export async function renderApplication(
  definition: ApplicationDefinition,
  source: ApplicationSource,
  cluster: Pick<Cluster, 'capabilities'>,
  { allowed, env }: Rendering,
  runtime: ActivityRuntime,
): Promise<RenderedApplication> {
  const { application, namespace, options = {} } = definition;
  if (!mayRender(source, allowed)) throw notAllowed(definition);
  const foreign = foreignToRemote(source);
  if (foreign !== undefined) throw new SynclineError([foreign]);
  const target = async (signal: AbortSignal) => {
    const { version, kinds } = await cluster.capabilities(signal);
    return targetOf(version, kinds);
  };
  const reading = { ...optionsOfSource(source, { application, namespace, target }), env };
  const { files, revision } = await readSource(source.location, runtime.signal, reading).catch((error: unknown) => {
    if (error instanceof Unfetched && runtime.now() - runtime.scheduledAt < PATIENCE_MS) throw tryAgain(error);
    throw error;
  });
  const planned = planFiles(files, { namespace, lenient: options.lenient ?? false, prune: options.prune ?? false });
  return { ...planned, ...(revision === undefined ? {} : { revision }) };
}

/** What is no failure of the catalogue is tried again by Temporal. */
function tryAgain(cause: Unfetched): Error {
  return new Error(cause.failures[0].message, { cause });
}

function notAllowed({ application, source }: ApplicationDefinition): SynclineError {
  return failure('Forbidden', `the worker may not render ${application} from ${source.location}`, {
    remedy:
      'start the workers with a --source that the location matches, e.g. --source "https://git.example.com/team/*"',
  });
}
