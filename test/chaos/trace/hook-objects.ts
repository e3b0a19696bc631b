import { trueCondition } from '../../../core/health/conditions.ts';
import type { JsonObject } from '../../../core/json.ts';
import { arrayAt, stringAt } from '../../../core/json.ts';
import { ATTEMPT_LABEL, GATE_ANNOTATION, PHASE_LABEL, SYNC_LABEL } from '../../../core/markers.ts';
import type { AuditWrite } from './audit-log.ts';

/** The user name of Syncline's workers in the audit log. */
export const SYNCLINE = 'syncline';

/** One Job or Pod that Syncline made for an attempt of a hook, as the API server saw its life. Times sort as texts. */
export interface HookObject {
  readonly kind: 'Job' | 'Pod';
  readonly name: string;
  readonly uid: string;
  readonly syncId: string;
  readonly phase: string;
  readonly attempt: string;
  /** When its creation was asked for and answered. */
  readonly askedAt: string;
  readonly createdAt: string;
  /** When each patch was asked for that took its gate away. */
  readonly releases: readonly string[];
  /** When each of its pods was made (of a Job) or bound to a node (of a Pod). */
  readonly pods: readonly string[];
  readonly endedAt?: string;
  readonly succeeded: boolean;
  /** Who has deleted it first, and when that was asked for. */
  readonly deletion?: { readonly by: string; readonly at: string };
}

type Draft = { -readonly [Field in keyof HookObject]: HookObject[Field] };

/** Tells the life of each hook object out of the writes of a namespace. */
export function hookObjectsOf(writes: readonly AuditWrite[]): readonly HookObject[] {
  const objects = new Map<string, Draft>();
  const gated = new Set<string>();
  const byName = new Map<string, Draft>();
  for (const write of writes) {
    const { object, resource, verb, subresource, name } = write;
    if (resource !== 'jobs' && resource !== 'pods') continue;
    const uid = object === undefined ? undefined : stringAt(object, 'metadata', 'uid');
    if (isCreation(write) && uid !== undefined && object !== undefined) {
      const made = draftOf(write, object, uid);
      if (made === undefined) notePod(objects, object, write.receivedAt);
      else {
        objects.set(uid, made);
        byName.set(`${resource}/${name}`, made);
        if (isGated(object)) gated.add(uid);
      }
      continue;
    }
    // A binding and a deletion need not answer the object.
    const draft = (uid === undefined ? undefined : objects.get(uid)) ?? byName.get(`${resource}/${name}`);
    if (draft === undefined || (uid !== undefined && objects.has(uid) && draft.uid !== uid)) continue;
    if (verb === 'create' && subresource === 'binding') draft.pods = [...draft.pods, write.receivedAt];
    if (verb === 'delete' && subresource === undefined && draft.deletion === undefined)
      draft.deletion = { by: write.user, at: write.receivedAt };
    if (object === undefined || uid !== draft.uid) continue;
    if (gated.has(uid) && !isGated(object)) {
      gated.delete(uid);
      draft.releases = [...draft.releases, write.receivedAt];
    }
    noteEnd(draft, object, write.receivedAt);
  }
  return [...objects.values()];
}

function isCreation({ verb, code, subresource }: AuditWrite): boolean {
  return verb === 'create' && code === 201 && subresource === undefined;
}

function isGated(object: JsonObject): boolean {
  return stringAt(object, 'metadata', 'annotations', GATE_ANNOTATION) !== undefined;
}

function draftOf(write: AuditWrite, object: JsonObject, uid: string): Draft | undefined {
  const syncId = stringAt(object, 'metadata', 'labels', SYNC_LABEL);
  if (write.user !== SYNCLINE || syncId === undefined) return undefined;
  return {
    kind: write.resource === 'jobs' ? 'Job' : 'Pod',
    name: write.name,
    uid,
    syncId,
    phase: stringAt(object, 'metadata', 'labels', PHASE_LABEL) ?? '',
    attempt: stringAt(object, 'metadata', 'labels', ATTEMPT_LABEL) ?? '',
    askedAt: write.receivedAt,
    createdAt: write.answeredAt,
    releases: [],
    pods: [],
    succeeded: false,
  };
}

function notePod(objects: ReadonlyMap<string, Draft>, pod: JsonObject, at: string): void {
  for (const owner of arrayAt(pod, 'metadata', 'ownerReferences')) {
    const job = objects.get(stringAt(owner, 'uid') ?? '');
    if (job !== undefined) job.pods = [...job.pods, at];
  }
}

function noteEnd(draft: Draft, object: JsonObject, at: string): void {
  if (draft.endedAt !== undefined) return;
  const phase = stringAt(object, 'status', 'phase');
  const isPod = draft.kind === 'Pod';
  const succeeded = isPod ? phase === 'Succeeded' : trueCondition(object, 'Complete') !== undefined;
  const failed = isPod ? phase === 'Failed' : trueCondition(object, 'Failed') !== undefined;
  if (!succeeded && !failed) return;
  draft.endedAt = at;
  draft.succeeded = succeeded;
}
