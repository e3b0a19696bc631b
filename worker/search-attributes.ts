import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../core/sync/search-attributes.ts';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API (temporal/api/enums/v1/common.proto). */
const KEYWORD = 2;

const NAMES = Object.values(SEARCH_ATTRIBUTES);

/** What came of the registration: done, or the command with which someone who may can do it. */
export type Registration =
  { readonly kind: 'registered' } | { readonly kind: 'refused'; readonly command: string; readonly why: string };

/** Registers Syncline's search attributes where they are missing. Never throws for want of permission. */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<Registration> {
  try {
    const known = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = NAMES.filter((name) => known.customAttributes[name] === undefined);
    if (missing.length === 0) return { kind: 'registered' };
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return { kind: 'registered' };
  } catch (error) {
    const flags = NAMES.map((name) => `--name ${name} --type Keyword`).join(' ');
    return {
      kind: 'refused',
      command: `temporal operator search-attribute create --namespace ${namespace} ${flags}`,
      why: error instanceof Error ? error.message : String(error),
    };
  }
}
