import type { JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import type { SyncRequest } from './request.ts';

/** What a request can't do without, as every version of Syncline has written it. */
const TEXTS = ['syncId', 'application', 'cluster', 'namespace', 'bundle', 'revision', 'requestedBy'] as const;
const NAMES = ['syncId', 'application', 'cluster'] as const;
const FLAGS = ['createNamespace', 'indexed'] as const;
const OPTION_FLAGS = ['dryRun', 'prune', 'allowEmpty', 'wait', 'lenient', 'forceConflicts', 'validate'] as const;
const OPTION_LENGTHS = ['timeoutMs', 'approvalTimeoutMs', 'holdForMs', 'retryPauseMs', 'stopWithinMs'] as const;

/**
 * What keeps a value from being the request of a sync, as a clause; undefined where nothing does. Whoever may start workflows and send
 * signals in Temporal can send anything, and a workflow that stumbles over its input would hold its application's lock for ever.
 */
export function faultOfRequest(value: unknown): string | undefined {
  if (!isJsonObject(value)) return 'it is no request of a sync';
  const text = TEXTS.find((name) => typeof value[name] !== 'string') ?? NAMES.find((name) => value[name] === '');
  if (text !== undefined) return `its \`${text}\` is no text, or an empty one`;
  if (value['version'] !== 1) return 'its `version` is not 1';
  if (!isLength(value['requestedAt'])) return 'its `requestedAt` is no point of time in ms';
  const flag = FLAGS.find((name) => typeof value[name] !== 'boolean');
  if (flag !== undefined) return `its \`${flag}\` is neither \`true\` nor \`false\``;
  return isJsonObject(value['options']) ? faultOfOptions(value['options']) : 'it has no `options`';
}

/** The request in a value that `faultOfRequest` finds nothing against. */
export function isRequest(value: unknown): value is SyncRequest {
  return faultOfRequest(value) === undefined;
}

function faultOfOptions(options: JsonObject): string | undefined {
  const flag = OPTION_FLAGS.find((name) => typeof options[name] !== 'boolean');
  if (flag !== undefined) return `its option \`${flag}\` is neither \`true\` nor \`false\``;
  const length = OPTION_LENGTHS.find((name) => options[name] !== undefined && !isLength(options[name]));
  return length === undefined ? undefined : `its option \`${length}\` is no number of ms`;
}

function isLength(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
