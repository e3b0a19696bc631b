import type { SearchAttributePair } from '@temporalio/common';
import { defineSearchAttributeKey } from '@temporalio/common';
import { describeAccount } from '../core/accounts/account.ts';
import { describeSelection } from '../core/selection/selection.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import { SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';

/** What Temporal shows of a sync, whoever starts its workflow. */
export function describedSync(request: SyncRequest) {
  const { application, cluster, namespace, revision, bundle, syncId, requestedBy, options } = request;
  const as = options.as === undefined ? '' : `, as ${describeAccount(options.as)}`;
  const part = partOf(request);
  return {
    staticSummary: `${application} → ${cluster}/${namespace} · ${revision}${part === undefined ? '' : ' · partial'}`,
    staticDetails: `${options.dryRun ? 'dry run' : 'sync'} ${syncId}, asked for by ${requestedBy}${as}${part === undefined ? '' : `: ${part}`}`,
    memo: { syncId, revision, bundle, namespace, requestedBy, ...(part === undefined ? {} : { selection: part }) },
  };
}

/** The flags of the part of the application that a sync is for; undefined for all of it. */
function partOf({ options }: SyncRequest): string | undefined {
  const { selection, from } = options;
  const parts = [
    ...(selection === undefined ? [] : [describeSelection(selection)]),
    ...(from === undefined ? [] : [`--from ${from}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' ');
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
