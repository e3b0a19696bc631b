import type { z } from 'zod';
import type { OfflinePlan, SyncOptions } from '../../client/index.ts';
import { NotFound, planFiles } from '../../client/index.ts';
import { failure } from '../../core/failures.ts';
import type { Location } from '../../core/manifests/manifest.ts';
import type { ManifestFile } from '../../core/manifests/parse.ts';
import type { Scope } from '../access/token.ts';
import type { Service } from '../route.ts';
import type { syncOrder } from '../../client/http/schemas/orders.ts';
import type { SourceOrder } from './source.ts';
import { readOrdered } from './source.ts';

type OrderBody = z.output<typeof syncOrder>;

/** An order that may name manifests, and what their plan depends on. */
export interface Subject extends Pick<OrderBody, 'manifests' | 'files' | 'bundle'> {
  readonly namespace: string;
  readonly source?: SourceOrder;
  readonly options: Partial<SyncOptions>;
}

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
  refuseSeveral(order, archive);
  const uploaded = archive === undefined ? undefined : (source ?? {});
  if (bundle !== undefined) return { kind: 'bundle', bundle: await knownBundle(bundle, scope, service, signal) };
  if (manifests !== undefined) return { kind: 'manifests', ...planned(order, manifests.map(fileOf), manifests) };
  if (files !== undefined) return { kind: 'manifests', ...planned(order, files) };
  const named = uploaded ?? source;
  if (named === undefined) return { kind: 'none' };
  const release = { application: scope.application, namespace };
  const read = await readOrdered(named, archive, release, service, signal);
  const revision = read.revision === undefined ? {} : { revision: read.revision };
  return { kind: 'manifests', ...planned(order, read.files), ...revision };
}

/** Throws `InvalidRequest` for an order that is about more than one thing. */
export function refuseSeveral(order: Partial<OrderBody> | Subject, archive: string | undefined): void {
  const { manifests, files, source, bundle, kept, rollback }: Partial<Record<keyof OrderBody, unknown>> = order;
  const uploaded = archive === undefined ? source : (source ?? {});
  const given = [manifests, files, uploaded, bundle, kept, rollback].filter((each) => each !== undefined);
  if (given.length < 2) return;
  const names = 'manifests, files, source, bundle, kept, rollback and an archive';
  throw failure('InvalidRequest', `the order names more than one of ${names}`, { remedy: 'give one of them' });
}

type Given = NonNullable<Subject['manifests']>[number];

/** One of the manifests as a file of its own, so that it is read as any other. */
function fileOf(given: Given, index: number): ManifestFile {
  const file = `manifests[${String(index)}]`;
  try {
    return { file, text: JSON.stringify(isPlaced(given) ? given.object : given) };
  } catch (cause) {
    // JSON is read however deep it is, and written only as deep as the stack is.
    throw failure('InvalidManifest', `${file} is nested too deeply`, {}, { cause });
  }
}

function isPlaced(given: Given): given is Extract<Given, { readonly location: Location }> {
  return !('apiVersion' in given);
}

function planned(order: Subject, files: readonly ManifestFile[], given: readonly Given[] = []): OfflinePlan {
  const { namespace, options } = order;
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
