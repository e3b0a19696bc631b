import type { SyncRequest } from '../core/sync/request.ts';
import type { DeleteOptions } from '../kubernetes/cluster.ts';

type Propagation = DeleteOptions['propagation'];

const PROPAGATIONS: Readonly<Record<string, Propagation>> = {
  foreground: 'Foreground',
  background: 'Background',
  orphan: 'Orphan',
};

/** What becomes of the dependants of what an application's sync deletes: Argo CD's `PrunePropagationPolicy`, in the foreground where none is given. */
export function propagationOf({ options }: Pick<SyncRequest, 'options'>): Propagation {
  return PROPAGATIONS[options.syncOptions?.PrunePropagationPolicy ?? ''] ?? 'Foreground';
}

/**
 * The same for a hook whose pods may still run: it is deleted so that they end, and whoever waits for its end waits for
 * theirs. Orphaned pods would run on and be waited for by nobody, so that `orphan` does not count here.
 */
export function stoppingPropagationOf(request: Pick<SyncRequest, 'options'>): Propagation {
  const propagation = propagationOf(request);
  return propagation === 'Orphan' ? 'Foreground' : propagation;
}
