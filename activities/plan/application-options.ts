import type { SyncRequest } from '../../core/sync/request.ts';

/** Sentences about sync options of an application that change nothing here. */
export function idleOptionWarnings({ options }: SyncRequest): readonly string[] {
  return options.syncOptions?.ServerSideApply === 'false'
    ? ['ServerSideApply=false has no effect: every object is applied server-side.']
    : [];
}
