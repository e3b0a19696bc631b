import { canonicalJson } from '../apply/canonical-json.ts';
import type { HistoryEntry } from '../history/history.ts';
import { isWholeSuccess } from '../history/history.ts';
import type { Json } from '../json.ts';
import type { SyncRequest } from '../sync/request.ts';

/** What Temporal knows of an application's syncs now. */
export interface Standing {
  /** The sync that holds the lock; the digest of its manifests is absent where it does not tell it. */
  readonly running?: { readonly syncId: string; readonly bundle?: string; readonly isPartial: boolean };
  /** Whether the application has a line, in which other requests may wait. */
  readonly hasLine: boolean;
}

/** What has the newest manifests of an application: the sync that runs, else the latest one; undefined where there was none. */
export function newestBundle({ running }: Standing, latest: HistoryEntry | undefined): string | undefined {
  return running === undefined ? latest?.bundle : running.bundle;
}

/**
 * Why a push needs no sync: its manifests are those of the sync that runs, or of the latest one, which has succeeded as a whole and
 * with the same options. Undefined where it needs one. `hasSame`: whether the newest bundle has the same manifests.
 */
export function unchangedBy(
  request: Pick<SyncRequest, 'options'>,
  hasSame: boolean,
  { running, hasLine }: Standing,
  latest: HistoryEntry | undefined,
): string | undefined {
  if (hasLine || !hasSame) return undefined;
  if (running !== undefined) {
    return running.isPartial ? undefined : `sync ${running.syncId} is bringing these very manifests about`;
  }
  if (latest === undefined || !isWholeSuccess(latest)) return undefined;
  if (optionsText(latest.request) !== optionsText(request)) return undefined;
  return `sync ${String(latest.number)} has brought these very manifests about`;
}

function optionsText({ options }: Pick<SyncRequest, 'options'>): string {
  return canonicalJson(options as unknown as Json);
}
