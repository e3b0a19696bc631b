import { isGated, sealPatch } from '../../core/hooks/gated-object.ts';
import { OWNER_ANNOTATION, SYNC_LABEL } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { annotationsOf, describeRef, labelsOf, refOf, uidOf } from '../../core/objects.ts';
import type { SyncRecord, Verdict } from '../../core/record/record.ts';
import { abandoned, withVerdict } from '../../core/record/transitions.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isPatchRefused } from '../../kubernetes/errors.ts';
import type { RecordStore } from './record-store.ts';
import { openRecord } from './record-store.ts';

/**
 * Tells whether a sync still runs, for the sweep: what its record says may be out of date after a terminate. `temporal` is
 * whose sync it is (`Holder.temporal`): of one that another Temporal runs nothing is known here.
 */
export type IsRunning = (
  sync: { readonly application: string; readonly syncId: string; readonly temporal: string },
  signal: AbortSignal,
) => Promise<boolean>;

/**
 * A hook's object as it may be deleted, where its sync is over; undefined for one that stays, since its sync runs, or has
 * claimed its record meanwhile. The record is let go of first, so that nothing that still runs of the sync writes an intent
 * for it. One that has an intent is sealed against a late release, and its attempt written down as aborted: a sync that is reset
 * makes another, and does not miss this one.
 */
export async function forsakenHook(
  cluster: Cluster,
  object: KubernetesObject,
  isRunning: IsRunning,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const syncId = labelsOf(object)[SYNC_LABEL] ?? '';
  const [namespace, application] = (annotationsOf(object)[OWNER_ANNOTATION] ?? '').split('/');
  // Not one that we made: whoever copied our annotation keeps it.
  if (namespace === undefined || application === undefined) return undefined;
  const store = openRecord(cluster, { namespace, application });
  const record = await store.read(signal);
  if (record?.syncId !== syncId) return object;
  const { holder, epoch } = record;
  if (holder !== null && (await isRunning({ application, syncId, temporal: holder.temporal }, signal)))
    return undefined;
  const left = await store.update((known) => (known?.epoch === epoch ? abandoned(known) : undefined), signal);
  if (left === undefined) return undefined;
  const isIntended = isGated(object) && openAttempt(left, object) !== undefined;
  return isIntended ? sealed(cluster, store, { object, epoch }, signal) : object;
}

/** The object, which nobody can release any more as it was, and whose attempt has its verdict; undefined where somebody has been faster. */
async function sealed(
  cluster: Cluster,
  store: RecordStore,
  { object, epoch }: { readonly object: KubernetesObject; readonly epoch: number },
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const live = await seal(cluster, object, signal);
  if (live === undefined) return undefined;
  const change = (known: SyncRecord | undefined) =>
    known?.epoch === epoch ? withVerdictOfSweep(known, object) : undefined;
  return (await store.update(change, signal)) === undefined ? undefined : live;
}

async function seal(
  cluster: Cluster,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  try {
    return await cluster.patch(refOf(object), sealPatch(object), signal);
  } catch (error) {
    if (isPatchRefused(error)) return undefined;
    throw error;
  }
}

interface OpenAttempt {
  readonly hook: string;
  readonly attempt: number;
}

/** The attempt without a verdict whose object this is. */
function openAttempt({ ledger }: SyncRecord, object: KubernetesObject): OpenAttempt | undefined {
  const all = Object.entries(ledger).flatMap(([hook, entries]) => entries.map((entry) => ({ hook, ...entry })));
  return all.find(({ uid, verdict }) => uid === uidOf(object) && verdict === undefined);
}

function withVerdictOfSweep(record: SyncRecord, object: KubernetesObject): SyncRecord {
  const open = openAttempt(record, object);
  if (open === undefined) return record;
  const title = describeRef(refOf(object));
  const why = 'was removed unreleased because its sync was over';
  const failure = { type: 'Aborted', object: title, message: `hook ${title} ${why}` } as const;
  const verdict: Verdict = { outcome: 'aborted', at: Date.now(), message: why, failure };
  return withVerdict(record, open.hook, open.attempt, verdict);
}
