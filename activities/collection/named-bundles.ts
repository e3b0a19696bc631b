import { bundlesIn } from '../../core/record/transitions.ts';
import type { RetentionFacts } from '../../core/retention/judgement.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { listRecords } from '../record/record-store.ts';

/** What the records of some clusters name. */
export interface NamedBundles {
  readonly bundlesNamed: RetentionFacts['bundlesNamed'];
  /** Which clusters could not be read, and why, in sentences. */
  readonly warnings: readonly string[];
}

/** Reads the records of all applications in some clusters. Of one that can't be read nothing is known, whatever the reason. */
export async function namedBundles(clusters: readonly Cluster[], signal: AbortSignal): Promise<NamedBundles> {
  const known = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  const warnings: string[] = [];
  for (const cluster of clusters) {
    try {
      known.set(cluster.name, byApplication(await listRecords(cluster, signal)));
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      warnings.push(`Nothing of cluster ${cluster.name} is released, because its records can't be read: ${why}`);
    }
  }
  return {
    bundlesNamed: ({ cluster, application }) => known.get(cluster)?.get(application) ?? emptyIf(known.has(cluster)),
    warnings,
  };
}

function emptyIf(isRead: boolean): ReadonlySet<string> | undefined {
  return isRead ? new Set() : undefined;
}

/** Two namespaces may hold a record of one name each: both count. */
function byApplication(records: Awaited<ReturnType<typeof listRecords>>): ReadonlyMap<string, ReadonlySet<string>> {
  const named = new Map<string, Set<string>>();
  for (const { record } of records) {
    const bundles = named.get(record.application) ?? new Set();
    named.set(record.application, bundles);
    for (const digest of bundlesIn(record)) bundles.add(digest);
  }
  return named;
}
