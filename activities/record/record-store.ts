import { failure } from '../../core/failures.ts';
import { stringAt } from '../../core/json.ts';
import { APPLICATION_LABEL, ROLE_LABEL, recordName } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { refOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import type { SyncRecord } from '../../core/record/record.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { wroteUnchanged } from '../kept/compare-and-swap.ts';
import type { RecordChange, RecordIo, RecordWriter } from './record-writer.ts';
import { recordWriter } from './record-writer.ts';

/** An application's record in its destination cluster, changed by compare-and-swap alone. */
export interface RecordStore {
  /** The record, or undefined where there is none yet. */
  read(signal: AbortSignal): Promise<SyncRecord | undefined>;
  /**
   * Changes the record: `change` is asked again after each lost race and answers undefined to leave the record as it is.
   * Answers the record as `change` left it, or undefined where it declined. Changes that are asked for at the same time over
   * one connection are written together.
   */
  update(change: RecordChange, signal: AbortSignal): Promise<SyncRecord | undefined>;
  /** Removes the record, unless `may` declines. Answers whether it is gone. */
  remove(may: (record: SyncRecord) => boolean, signal: AbortSignal): Promise<boolean>;
}

type RecordCluster = Pick<Cluster, 'get' | 'create' | 'replace' | 'delete'>;

/** Opens the record of an application. Reads and writes nothing yet. */
export function openRecord(
  cluster: RecordCluster,
  application: { readonly application: string; readonly namespace: string },
): RecordStore {
  const ref: ObjectRef = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: application.namespace,
    name: recordName(application.application),
  };
  return {
    async read(signal) {
      return parseRecord(await cluster.get(ref, signal), ref);
    },
    update: (change, signal) => writerOf(cluster, ref).update(change, signal),
    async remove(may, signal) {
      for (;;) {
        signal.throwIfAborted();
        const stored = await cluster.get(ref, signal);
        const record = parseRecord(stored, ref);
        if (stored === undefined || record === undefined) return true;
        if (!may(record)) return false;
        if (await deleteUnchanged(cluster, stored, signal)) return true;
      }
    },
  };
}

/** A record and where it stands. */
export interface PlacedRecord {
  readonly record: SyncRecord;
  readonly namespace: string;
}

/** The records of all applications in a cluster. Throws where one of them can't be read. */
export async function listRecords(
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<readonly PlacedRecord[]> {
  const labelSelector = `app.kubernetes.io/managed-by=syncline,${ROLE_LABEL}=record`;
  const stored = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', labelSelector }, signal);
  return stored.flatMap((object) => {
    const ref = refOf(object);
    const record = parseRecord(object, ref);
    return record === undefined ? [] : [{ record, namespace: ref.namespace ?? '' }];
  });
}

/** The writers that have something to write, by the connection and the record's place in its cluster. */
const writers = new WeakMap<RecordCluster, Map<string, RecordWriter>>();

function writerOf(cluster: RecordCluster, ref: ObjectRef): RecordWriter {
  const own = writers.get(cluster) ?? new Map<string, RecordWriter>();
  writers.set(cluster, own);
  const key = `${ref.namespace ?? ''}/${ref.name}`;
  const known = own.get(key);
  if (known !== undefined) return known;
  const io: RecordIo<KubernetesObject | undefined> = {
    read: async (signal) => {
      const stored = await cluster.get(ref, signal);
      return { record: parseRecord(stored, ref), token: stored };
    },
    write: (stored, record, signal) => write(cluster, ref, stored, record, signal),
  };
  const writer = recordWriter(io, () => own.delete(key));
  own.set(key, writer);
  return writer;
}

/** Writes the record if nobody has changed it since it was read; false where the race was lost. */
function write(
  cluster: Pick<Cluster, 'create' | 'replace'>,
  ref: ObjectRef,
  stored: KubernetesObject | undefined,
  record: SyncRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const object = recordObject(ref, record, stored === undefined ? undefined : resourceVersionOf(stored));
  return wroteUnchanged(cluster, object, stored, signal);
}

/** Deletes the record if nobody has changed it since it was read; false where the race was lost. */
async function deleteUnchanged(
  cluster: Pick<Cluster, 'delete'>,
  stored: KubernetesObject,
  signal: AbortSignal,
): Promise<boolean> {
  const preconditions = { uid: uidOf(stored), resourceVersion: resourceVersionOf(stored) };
  try {
    await cluster.delete(refOf(stored), { ...preconditions, propagation: 'Background' }, signal);
    return true;
  } catch (error) {
    if (isApiError(error, 409)) return false;
    throw error;
  }
}

function recordObject(ref: ObjectRef, record: SyncRecord, resourceVersion: string | undefined): KubernetesObject {
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      labels: {
        'app.kubernetes.io/managed-by': 'syncline',
        [ROLE_LABEL]: 'record',
        [APPLICATION_LABEL]: record.application,
      },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    data: { record: JSON.stringify(record) },
  };
}

function parseRecord(stored: KubernetesObject | undefined, ref: ObjectRef): SyncRecord | undefined {
  if (stored === undefined) return undefined;
  const text = stringAt(stored, 'data', 'record');
  if (text === undefined) throw unreadable(ref, 'it has no data.record');
  try {
    const parsed = JSON.parse(text) as SyncRecord;
    // A later version may hold what this code can't keep: better to stop than to write it away.
    if ((parsed.version as number) !== 1) throw new Error(`its version is ${String(parsed.version)}, this is 1`);
    return parsed;
  } catch (error) {
    throw unreadable(ref, error instanceof Error ? error.message : String(error));
  }
}

function unreadable(ref: ObjectRef, why: string) {
  return failure('InvalidRequest', `the record ConfigMap ${ref.namespace ?? ''}/${ref.name} can't be read: ${why}`, {
    object: `ConfigMap ${ref.namespace ?? ''}/${ref.name}`,
    remedy: 'use a Syncline of the version that wrote it; delete it only when no sync of the application runs',
  });
}
