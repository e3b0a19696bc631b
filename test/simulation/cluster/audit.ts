import { stringAt } from '../../../core/json.ts';
import { isGated } from '../../../core/hooks/gated-object.ts';
import { ATTEMPT_LABEL, SYNC_LABEL } from '../../../core/markers.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { labelsOf, refOf, uidOf } from '../../../core/objects.ts';
import type { SyncRecord } from '../../../core/record/record.ts';
import type { DeleteOptions } from '../../../kubernetes/cluster.ts';
import type { Process } from '../engine/scheduler.ts';
import { currentProcess } from '../engine/scheduler.ts';

/** A Job, or a Pod of nobody, that began to run: what the model saw, whatever our records say. */
export interface Run {
  readonly uid: string;
  readonly name: string;
  readonly syncId: string;
  readonly attempt: string;
  /** How many times its sync had come to hold the record by then. */
  readonly turn: number;
  /** Whether the record knew of it by then. */
  readonly intended: boolean;
  readonly startedAt: number;
  endedAt?: number;
  outcome?: 'succeeded' | 'failed' | 'stopped';
}

/** A deletion of something that was running. */
export interface Stop {
  readonly run: Run;
  readonly at: number;
  readonly by: string;
}

/** A deletion of a hook's object that had begun, or was over, before its verdict was in the record. */
export interface EarlyDeletion {
  readonly name: string;
  readonly uid: string;
  readonly by: string;
}

/** How the resources were when a sync released the record: their values by name, undefined for one that was not there. */
export interface Release {
  readonly syncId: string;
  readonly rootRun: string;
  readonly values: Readonly<Record<string, string | undefined>>;
}

/** A resource that a sync applied. */
export interface Applied {
  readonly name: string;
  readonly syncId: string;
  readonly at: number;
}

/** What happened in the cluster, as the API server and its controllers saw it. */
export interface Audit {
  readonly runs: readonly Run[];
  readonly stops: readonly Stop[];
  readonly early: readonly EarlyDeletion[];
  readonly releases: readonly Release[];
  readonly applied: readonly Applied[];
  /** Every record that was ever stored, oldest first. */
  readonly records: readonly SyncRecord[];
  recorded(object: KubernetesObject): void;
  /** What broke a rule in the moment it happened. */
  readonly faults: string[];
  /** A process has read the record: it knows whose turn it is. */
  looked(by: Process | undefined): void;
  /** The sync that held the record when a process last read it; undefined where it never has. */
  lastSeenBy(by: Process): string | undefined;
  caller(): Process | undefined;
  deleting(object: KubernetesObject | undefined, options: DeleteOptions, by: Process | undefined): void;
  applying(object: KubernetesObject, by: Process | undefined): void;
  began(object: KubernetesObject, at: number): void;
  ended(uid: string, outcome: NonNullable<Run['outcome']>, at: number): void;
}

/** What an audit is made with. */
export interface Audited {
  /** The cluster's clock. */
  readonly now: () => number;
  /** Is told of hooks that begin and end. */
  readonly tell: (moment: 'hook begins' | 'hook ends') => void;
  /** What a ConfigMap of the application says. */
  readonly valueOf: (name: string) => string | undefined;
}

/** Makes an empty audit. */
export function auditOf({ now, tell, valueOf }: Audited): Audit {
  const runs: Run[] = [];
  const stops: Stop[] = [];
  const early: EarlyDeletion[] = [];
  const releases: Release[] = [];
  const applied: Applied[] = [];
  const intended = new Set<string>();
  const faults: string[] = [];
  const records: SyncRecord[] = [];
  const seen = new Map<Process, string>();
  const turns = new Map<string, number>();
  /** Whether the record has an attempt of a UID that has no verdict. */
  const isOpen = (of: string): boolean =>
    Object.values(records.at(-1)?.ledger ?? {})
      .flat()
      .some(({ uid, verdict }) => uid === of && verdict === undefined);
  const running = (uid: string) => runs.find((run) => run.uid === uid && run.outcome === undefined);
  return {
    runs,
    stops,
    early,
    releases,
    applied,
    records,
    recorded(object) {
      const record = JSON.parse(stringAt(object, 'data', 'record') ?? '{}') as SyncRecord;
      if (records.at(-1)?.syncId !== record.syncId) turns.set(record.syncId, (turns.get(record.syncId) ?? 0) + 1);
      for (const { uid } of Object.values(record.ledger).flat()) intended.add(uid);
      const before = records.at(-1)?.holder ?? undefined;
      if (before !== undefined && record.holder === null) {
        const values = { settings: valueOf('settings'), extra: valueOf('extra') };
        releases.push({ syncId: before.syncId, rootRun: before.rootRun, values });
      }
      records.push(record);
    },
    faults,
    looked(by) {
      if (by !== undefined) seen.set(by, records.at(-1)?.syncId ?? '');
    },
    lastSeenBy: (by) => seen.get(by),
    caller: () => currentProcess.getStore(),
    deleting(object, { uid, resourceVersion }, by) {
      if (object === undefined || (uid !== undefined && uid !== uidOf(object))) return;
      if (resourceVersion !== undefined && resourceVersion !== stringAt(object, 'metadata', 'resourceVersion')) return;
      const run = running(uidOf(object));
      const who = by?.name ?? 'somebody';
      if (run !== undefined) stops.push({ run, at: now(), by: who });
      if (isOpen(uidOf(object)) && !isGated(object))
        early.push({ name: refOf(object).name, uid: uidOf(object), by: who });
    },
    applying(object, by) {
      if (by?.syncId !== undefined) applied.push({ name: refOf(object).name, syncId: by.syncId, at: now() });
    },
    began(object, at) {
      const labels = labelsOf(object);
      const { name } = refOf(object);
      const other = runs.find((run) => run.name === name && run.outcome === undefined);
      const run = { uid: uidOf(object), name, syncId: labels[SYNC_LABEL] ?? '', attempt: labels[ATTEMPT_LABEL] ?? '' };
      if (other !== undefined) faults.push(`${name} began to run (${run.uid}) while ${other.uid} was running`);
      runs.push({ ...run, turn: turns.get(run.syncId) ?? 0, intended: intended.has(run.uid), startedAt: at });
      tell('hook begins');
    },
    ended(uid, outcome, at) {
      const run = running(uid);
      if (run === undefined) return;
      run.outcome = outcome;
      run.endedAt = at;
      tell('hook ends');
    },
  };
}
