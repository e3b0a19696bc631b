import type { BundleStore } from '../../bundles/bundle-store.ts';
import type { SyncRecord } from '../../core/record/record.ts';
import { bundlesIn } from '../../core/record/transitions.ts';
import type { ApplicationNames } from '../../core/retention/references.ts';
import { YOUNG_MS } from '../../core/retention/retention.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { applicationReference, applicationReferences } from '../../core/retention/references.ts';

/**
 * Keeps the bundles that an application's record names, so that no collection takes what its deletion will need. It only
 * adds: what the record no longer names is released by a collection, which reads the record then, while a late
 * call of a predecessor would go by an old one. A bundle that is not in the store can't be kept, and is no reason to stop.
 */
export async function keepBundles(
  store: BundleStore,
  application: ApplicationNames,
  record: SyncRecord,
  { signal, now }: Pick<ActivityRuntime, 'signal' | 'now'>,
): Promise<void> {
  for (const digest of bundlesIn(record)) {
    const name = applicationReference(application, digest);
    const known = await store.reference(name, signal);
    // A collection may be about to release an old one: written again, it stays.
    const isSafe = known !== undefined && now() - known.writtenAt < YOUNG_MS / 2;
    if (!isSafe && (await store.has(digest, signal))) await store.refer(name, [digest], signal);
  }
}

/** Lets go of the bundles of an application that is gone. */
export async function releaseBundles(
  store: BundleStore,
  application: ApplicationNames,
  signal: AbortSignal,
): Promise<void> {
  for (const { name } of await store.references(applicationReferences(application), signal)) {
    await store.release(name, signal);
  }
}
