import type { SyncRequest } from '../../core/sync/request.ts';

/** Sentences about sync options of an application that change nothing here. */
export function idleOptionWarnings({ options }: SyncRequest): readonly string[] {
  const { ServerSideApply, RespectIgnoreDifferences } = options.syncOptions ?? {};
  const hasRules = (options.ignoreDifferences ?? []).length > 0;
  return [
    ...(ServerSideApply === 'false'
      ? ['ServerSideApply=false has no effect: every object is applied server-side.']
      : []),
    ...(RespectIgnoreDifferences === 'true' && !hasRules
      ? ['RespectIgnoreDifferences=true has no effect: no rule says which fields are ignored (--ignore-differences).']
      : []),
  ];
}
