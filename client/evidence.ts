import type { BundleStore } from '../bundles/bundle-store.ts';
import type { HookEvidence } from '../core/evidence/evidence.ts';
import { failure } from '../core/failures.ts';
import { refKey, titleOf } from '../core/objects.ts';
import type { HookStatus, SyncStatus } from '../core/sync/status.ts';

/**
 * What was kept of a hook: of its latest attempt, or of the one asked for. Throws `InvalidRequest` where nothing was kept,
 * naming the attempts there are, and `BundleNotFound` and `BundleDigestMismatch` as the store does.
 */
export async function keptEvidence(
  store: BundleStore,
  status: SyncStatus,
  hook: HookStatus,
  attempt: number | undefined,
  signal: AbortSignal,
): Promise<HookEvidence> {
  if (hook.evidence !== undefined && (attempt === undefined || attempt === hook.attempt)) {
    return readEvidence(store, hook.evidence, signal);
  }
  // The status of a hook that was stopped names no evidence: whoever stopped it was not the one that ran it.
  const attempts = hook.startedAt === undefined ? [] : await attemptsOf(store, status, hook, signal);
  const found = attempt === undefined ? attempts.at(-1) : attempts.find((each) => each.attempt === attempt);
  if (found !== undefined) return found;
  const title = titleOf(hook.ref);
  const counts = attempts.map((each) => each.attempt).join(', ');
  const what =
    attempt === undefined ? `nothing was kept of ${title}` : `nothing was kept of attempt ${attempt} of ${title}`;
  throw failure('InvalidRequest', what, {
    remedy: counts === '' ? `it is ${hook.state}` : `there are the attempts ${counts}`,
  });
}

async function readEvidence(store: BundleStore, digest: string, signal: AbortSignal): Promise<HookEvidence> {
  return JSON.parse(new TextDecoder().decode(await store.get(digest, signal))) as HookEvidence;
}

/** The evidence of each attempt of a hook in one sync that was kept, oldest first. */
async function attemptsOf(
  store: BundleStore,
  status: SyncStatus,
  hook: HookStatus,
  signal: AbortSignal,
): Promise<readonly HookEvidence[]> {
  const prefix = `evidence/${status.cluster}/${status.application}/${status.syncId}/`;
  const names = await store.references(prefix, signal);
  const digests = await Promise.all(names.map((name) => store.referred(name, signal)));
  const all = await Promise.all(digests.flat().map((digest) => readEvidence(store, digest, signal)));
  return all.filter((each) => refKey(each.hook) === refKey(hook.ref)).sort((a, b) => a.attempt - b.attempt);
}
