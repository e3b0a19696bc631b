import type { SearchAttributePair } from '@temporalio/common';
import { defineSearchAttributeKey } from '@temporalio/common';
import { describeSelection } from '../core/selection/selection.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';

/** What Temporal shows of a sync, whoever starts its workflow. */
export function describedSync(request: SyncRequest) {
  const { application, cluster, namespace, revision, syncId, requestedBy, options } = request;
  const part = options.selection === undefined ? {} : { selection: describeSelection(options.selection) };
  return {
    staticSummary: `${application} → ${cluster}/${namespace} · ${revision}${part.selection === undefined ? '' : ' · partial'}`,
    staticDetails: `${options.dryRun ? 'dry run' : 'sync'} ${syncId}, asked for by ${requestedBy}${part.selection === undefined ? '' : `: ${part.selection}`}`,
    memo: { syncId, revision, namespace, requestedBy, ...part },
  };
}

/** The search attributes by which a sync is found. */
export function attributesOfSync({ application, cluster, revision }: SyncRequest): SearchAttributePair[] {
  return [
    ...attributesOfApplication(cluster, application),
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.revision, 'KEYWORD'), value: revision },
  ];
}

/** The search attributes by which everything of an application is found. */
export function attributesOfApplication(cluster: string, application: string): SearchAttributePair[] {
  return [
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.application, 'KEYWORD'), value: application },
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.cluster, 'KEYWORD'), value: cluster },
  ];
}
