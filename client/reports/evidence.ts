import type { BundleStore } from '../../bundles/bundle-store.ts';
import type { HookEvidence } from '../../core/evidence/evidence.ts';
import { failure, SynclineError } from '../../core/failures.ts';
import { refKey, titleOf } from '../../core/objects.ts';
import { collectedReference, evidenceReferences } from '../../core/retention/references.ts';
import type { HookStatus, SyncStatus } from '../../core/sync/status.ts';
import { NotFound } from '../errors.ts';

/**
 * What was kept of a hook: of its latest attempt, or of the one asked for. Throws `EvidenceCollected` where its time was
 * over, `InvalidRequest` where nothing was kept, naming the attempts there are, and `BundleNotFound` and
 * `BundleDigestMismatch` as the store does.
 */
export async function keptEvidence(
  store: BundleStore,
  status: SyncStatus,
  hook: HookStatus,
  attempt: number | undefined,
  signal: AbortSignal,
): Promise<HookEvidence> {
  try {
    return await findEvidence(store, status, hook, attempt, signal);
  } catch (error) {
    const isMissing =
      error instanceof SynclineError && (error.type === 'BundleNotFound' || error.type === 'InvalidRequest');
    const mark = isMissing ? await store.reference(collectedReference(status), signal) : undefined;
    if (mark === undefined || hook.startedAt === undefined) throw error;
    throw collected(hook, mark.writtenAt);
  }
}

function collected(hook: HookStatus, at: number): Error {
  const when = new Date(at).toISOString();
  return failure('EvidenceCollected', `log and events of ${titleOf(hook.ref)} were collected at ${when}`, {
    remedy: 'the sync itself is not affected; how long they are kept is said to the worker with --keep-for',
  });
}

async function findEvidence(
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
  throw new NotFound(what, {
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
  const references = await store.references(evidenceReferences(status), signal);
  const digests = references.flatMap((reference) => reference.digests);
  const all = await Promise.all(digests.map((digest) => readEvidence(store, digest, signal)));
  return all.filter((each) => refKey(each.hook) === refKey(hook.ref)).sort((a, b) => a.attempt - b.attempt);
}
