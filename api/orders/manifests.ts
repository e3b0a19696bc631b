import type { z } from 'zod';
import type { OfflinePlan } from '../../client/index.ts';
import { NotFound, planFiles } from '../../client/index.ts';
import { failure } from '../../core/failures.ts';
import type { Location } from '../../core/manifests/manifest.ts';
import type { ManifestFile } from '../../core/manifests/parse.ts';
import type { Scope } from '../access/token.ts';
import type { Service } from '../route.ts';
import type { deletionOrder, syncOrder } from '../schemas/orders.ts';
import { readOrdered } from './source.ts';

/** An order that may name manifests. */
export type Subject = Pick<
  z.output<typeof syncOrder>,
  'namespace' | 'manifests' | 'files' | 'source' | 'bundle' | 'options'
> &
  Pick<z.output<typeof deletionOrder>, never>;

/** What an order is about. */
export type Ordered =
  | { readonly kind: 'none' }
  | { readonly kind: 'bundle'; readonly bundle: string }
  | ({ readonly kind: 'manifests'; readonly revision?: string } & OfflinePlan);

/**
 * Reads what an order is about, and plans it without a cluster, so that what can't be right is told before anything is begun. Throws a
 * `SynclineError` with everything that is wrong.
 */
export async function readSubject(
  order: Subject,
  archive: string | undefined,
  scope: Scope,
  service: Service,
  signal: AbortSignal,
): Promise<Ordered> {
  const { manifests, files, source, bundle, namespace } = order;
  const uploaded = archive === undefined ? undefined : (source ?? {});
  const given = [manifests, files, uploaded ?? source, bundle].filter((each) => each !== undefined);
  if (given.length > 1) {
    throw failure(
      'InvalidRequest',
      'the order names more than one of manifests, files, source, bundle and an archive',
      {
        remedy: 'give one of them',
      },
    );
  }
  if (given.length === 0) return { kind: 'none' };
  if (bundle !== undefined) return { kind: 'bundle', bundle: await knownBundle(bundle, scope, service, signal) };
  if (manifests !== undefined) return { kind: 'manifests', ...planned(order, manifests.map(fileOf), manifests) };
  if (files !== undefined) return { kind: 'manifests', ...planned(order, files) };
  const release = { application: scope.application, namespace };
  const read = await readOrdered(uploaded ?? source ?? {}, archive, release, service, signal);
  const revision = read.revision === undefined ? {} : { revision: read.revision };
  return { kind: 'manifests', ...planned(order, read.files), ...revision };
}

type Given = NonNullable<Subject['manifests']>[number];

/** One of the manifests as a file of its own, so that it is read as any other. */
function fileOf(given: Given, index: number): ManifestFile {
  return { file: `manifests[${String(index)}]`, text: JSON.stringify(isPlaced(given) ? given.object : given) };
}

function isPlaced(given: Given): given is Extract<Given, { readonly location: Location }> {
  return !('apiVersion' in given);
}

function planned(order: Subject, files: readonly ManifestFile[], given: readonly Given[] = []): OfflinePlan {
  const { namespace, options = {} } = order;
  const { lenient = false, selection, prune = false } = options;
  const read = planFiles(files, {
    ...{ namespace, lenient, prune },
    ...(selection === undefined ? {} : { selection }),
  });
  const places = new Map<string, Location>(
    given.flatMap((each, index) => (isPlaced(each) ? [[`manifests[${String(index)}]`, each.location] as const] : [])),
  );
  const manifests = read.manifests.map((each) => ({
    ...each,
    location: places.get(each.location.file) ?? each.location,
  }));
  return { ...read, manifests };
}

/** A bundle may be named only where the application has it already: a digest must not open the manifests of another. */
async function knownBundle(bundle: string, scope: Scope, { client }: Service, signal: AbortSignal): Promise<string> {
  const latest = await client.latestOrder(scope.application, { cluster: scope.cluster, signal });
  if (latest.bundle === bundle) return bundle;
  throw new NotFound(`the latest sync of ${scope.application} is not of that bundle`, {
    remedy: 'give the manifests themselves',
  });
}
