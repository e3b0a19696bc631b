import type { BundleStore } from '../bundles/bundle-store.ts';
import type { HookEvidence } from '../core/evidence/evidence.ts';
import { refKey } from '../core/objects.ts';
import type { HookStatus, SyncStatus } from '../core/sync/status.ts';

/** Reads the evidence of a digest. Throws `BundleNotFound` and `BundleDigestMismatch` as the store does. */
export async function readEvidence(store: BundleStore, digest: string, signal: AbortSignal): Promise<HookEvidence> {
  return JSON.parse(new TextDecoder().decode(await store.get(digest, signal))) as HookEvidence;
}

/** What was kept of hooks' latest attempts, by step ID; what can't be read is left out, since a report is better without a log than not at all. */
export async function evidenceOf(
  bundles: () => BundleStore,
  status: SyncStatus,
  hooks: readonly HookStatus[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, HookEvidence>> {
  const found = await Promise.all(
    hooks.map(async (hook): Promise<readonly [string, HookEvidence][]> => {
      if (hook.startedAt === undefined) return [];
      try {
        // The status of a hook that was stopped names no evidence: whoever stopped it was not the one that ran it.
        const found =
          hook.evidence === undefined
            ? (await attemptsOf(bundles(), status, hook, signal)).at(-1)
            : await readEvidence(bundles(), hook.evidence, signal);
        return found === undefined ? [] : [[hook.id, found]];
      } catch {
        return [];
      }
    }),
  );
  return new Map(found.flat());
}

/** The evidence of each attempt of a hook in one sync that was kept, oldest first. */
export async function attemptsOf(
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
