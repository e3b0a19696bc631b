import type { BundleStore } from '../../bundles/bundle-store.ts';
import type { HookEvidence } from '../../core/evidence/evidence.ts';
import { telltaleLines } from '../../core/evidence/telltale-lines.ts';
import type { Notification } from '../../core/notifications/notification.ts';

/** The lines of the first failed hook's log that say why, as they are kept: redacted. None where nothing was kept, or can't be read. */
export async function failureLog(
  { failedHooks }: Pick<Notification, 'failedHooks'>,
  store: Pick<BundleStore, 'get'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const digest = failedHooks.find(({ evidence }) => evidence !== undefined)?.evidence;
  if (digest === undefined) return [];
  // A notification without a log is better than none.
  const kept = await store.get(digest, signal).catch(() => undefined);
  return kept === undefined ? [] : telltaleLines(JSON.parse(new TextDecoder().decode(kept)) as HookEvidence);
}
