import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import type { AttemptMark } from '../../core/hooks/live-hook.ts';
import type { HookMarks } from '../../core/hooks/gated-object.ts';
import {
  APPLICATION_LABEL,
  ATTEMPT_LABEL,
  DIGEST_ANNOTATION,
  OWNER_ANNOTATION,
  PHASE_LABEL,
  SYNC_LABEL,
  ownerOf,
} from '../../core/markers.ts';
import type { BundleStore } from '../../bundles/bundle-store.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { HookInput } from '../../workflows/activities.ts';
import type { HealthJudge } from '../health/judge.ts';
import type { RecordStore } from '../record/record-store.ts';
import type { ActivityRuntime } from '../runtime.ts';

/** What the protocol of one hook works with. All effects go through `cluster` (as the sync's account), `record` and `bundles`. */
export interface HookRun {
  readonly input: HookInput;
  readonly cluster: Cluster;
  readonly record: RecordStore;
  readonly bundles: BundleStore;
  readonly runtime: ActivityRuntime;
  readonly judge: HealthJudge;
  /** The hook as its author wrote it. */
  readonly manifest: KubernetesObject;
  /** Digest of the manifest. */
  readonly digest: string;
  /** The object's name at a given attempt: a generateName makes a new one each time. */
  refAt(attempt: number): ObjectRef;
  /** Takes the bundle's Secret values out of a text. */
  redact(text: string): string;
}

/** What identifies an attempt on its object. */
export function markOf(run: HookRun, attempt: number): AttemptMark {
  const { request } = run.input.scope;
  return { owner: ownerOf(request), syncId: request.syncId, phase: run.input.phase, attempt };
}

/** What the object of an attempt is marked with. */
export function marksOf(run: HookRun, attempt: number): HookMarks {
  const { request, epoch } = run.input.scope;
  return {
    ref: run.refAt(attempt),
    gate: `${request.syncId}.${String(attempt)}`,
    claim: String(epoch),
    labels: {
      [APPLICATION_LABEL]: request.application,
      [SYNC_LABEL]: request.syncId,
      [PHASE_LABEL]: run.input.phase,
      [ATTEMPT_LABEL]: String(attempt),
    },
    annotations: { [OWNER_ANNOTATION]: ownerOf(request), [DIGEST_ANNOTATION]: run.digest },
  };
}
