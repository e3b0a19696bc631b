import type { SourceOptions, SourceText } from '../../client/index.ts';
import { foreignToRemote, mayRender, MOST_RENDERING_MS, readArchive, readSource } from '../../client/index.ts';
import type { ChartSettings } from '../../core/application/application.ts';
import { failure, SynclineError } from '../../core/failures.ts';
import { ProblemError } from '../problem.ts';
import type { Service } from '../route.ts';

/** A source as an order names it. */
export interface SourceOrder {
  /** Absent where an archive is uploaded. */
  readonly location?: string;
  readonly type?: NonNullable<SourceOptions['type']>;
  /** Branch, tag or commit. */
  readonly ref?: string;
  /** The folder or file in the repository or archive. */
  readonly path?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly helm?: ChartSettings;
  /** How long fetching and rendering may take together, ms. */
  readonly timeoutMs?: number;
}

/** What a chart is told of where it is going. */
export interface Release {
  readonly application: string;
  readonly namespace: string;
}

/** What an uploaded archive is called in messages. */
const ARCHIVE = 'the archive';

/**
 * Reads what an order's source names: an uploaded archive, or a location that the server may read from. Throws a `ProblemError` for
 * any other location, and as `readSource` does.
 */
export async function readOrdered(
  order: SourceOrder,
  archive: string | undefined,
  release: Release,
  service: Pick<Service, 'sources' | 'env'>,
  signal: AbortSignal,
): Promise<SourceText> {
  const { location } = order;
  const options = optionsOf(order, release, service.env);
  const foreign = foreignToRemote(order);
  if (foreign !== undefined) throw new SynclineError([foreign]);
  if (archive !== undefined) {
    if (location !== undefined || order.helm?.repository !== undefined) {
      throw failure('InvalidRequest', 'the order has an archive and names a location too', {
        remedy: 'give one of them',
      });
    }
    return readArchive(archive, ARCHIVE, signal, options);
  }
  if (location === undefined) {
    throw failure('InvalidRequest', 'the source names no location, and no archive came with it', {
      remedy: 'give a location, or upload an archive as multipart/form-data',
    });
  }
  if (!mayRender({ ...order, location }, service.sources)) {
    throw new ProblemError('NotAllowed', 'this server may not read manifests from that location', {
      remedy: 'upload the manifests, or have the server started with a --source that the location matches',
    });
  }
  return readSource(location, signal, options);
}

function optionsOf(order: SourceOrder, { application, namespace }: Release, env: Service['env']): SourceOptions {
  const { type, ref, path, include, exclude, helm = {}, timeoutMs } = order;
  return {
    env,
    directory: { ...(include === undefined ? {} : { include }), ...(exclude === undefined ? {} : { exclude }) },
    helm: { releaseName: application, namespace, ...helm },
    git: { ...(ref === undefined ? {} : { ref }), ...(path === undefined ? {} : { path }) },
    ...(type === undefined ? {} : { type }),
    ...(timeoutMs === undefined ? {} : { timeoutMs: Math.min(timeoutMs, MOST_RENDERING_MS) }),
  };
}
