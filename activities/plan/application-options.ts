import type { SyncRequest } from '../../core/sync/request.ts';

/** Sentences about sync options of an application that change nothing here. */
export function idleOptionWarnings({ options }: SyncRequest): readonly string[] {
  const { ServerSideApply, RespectIgnoreDifferences } = options.syncOptions ?? {};
  return [
    ...(ServerSideApply === 'false'
      ? ['ServerSideApply=false has no effect: every object is applied server-side.']
      : []),
    ...(RespectIgnoreDifferences === 'true'
      ? [
          'RespectIgnoreDifferences=true has no effect in this version: a sync writes ignored fields as the manifests say.',
        ]
      : []),
  ];
}
