import type { JsonObject } from '../json.ts';
import { arrayAt, isJsonObject, numberAt, objectAt, stringAt } from '../json.ts';
import type { KubernetesObject, ObjectRef } from '../objects.ts';
import { annotationsOf, groupOf, uidOf } from '../objects.ts';
import { CLAIM_ANNOTATION, GATE_ANNOTATION, SCHEDULING_GATE, TTL_ANNOTATION } from '../markers.ts';

/** How a kind's start is held back: a Job by `suspend`, a Pod by a scheduling gate, any other kind not at all. */
export type Gate = 'suspend' | 'scheduling-gate' | 'none';

/** What a hook's object is marked with, so that whoever finds it knows whose it is. */
export interface HookMarks {
  readonly ref: ObjectRef;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Names sync and attempt; the value of the gate annotation. */
  readonly gate: string;
  /** The epoch of the claim under which it is made. */
  readonly claim: string;
}

/** Kubernetes' own Job controller, which `spec.managedBy` may name. */
const JOB_CONTROLLER = 'kubernetes.io/job-controller';

/**
 * Which gate a manifest can have. A Job that another controller manages (`spec.managedBy`) may be started by that one, and
 * a Pod that names its node may not carry a scheduling gate, so neither counts as gated.
 */
export function gateFor(manifest: KubernetesObject): Gate {
  const kind = stringAt(manifest, 'kind');
  const group = groupOf(stringAt(manifest, 'apiVersion') ?? '');
  if (kind === 'Job' && group === 'batch') {
    const manager = stringAt(manifest, 'spec', 'managedBy') ?? JOB_CONTROLLER;
    return manager === JOB_CONTROLLER ? 'suspend' : 'none';
  }
  if (kind === 'Pod' && group === '') {
    return stringAt(manifest, 'spec', 'nodeName') === undefined ? 'scheduling-gate' : 'none';
  }
  return 'none';
}

/** The object that is created for a hook: the manifest with marks, its start held back, its TTL withheld. */
export function gatedObject(manifest: KubernetesObject, marks: HookMarks): KubernetesObject {
  const gate = gateFor(manifest);
  const spec = objectAt(manifest, 'spec') ?? {};
  const ttl = gate === 'suspend' ? numberAt(spec, 'ttlSecondsAfterFinished') : undefined;
  return {
    ...manifest,
    metadata: metadataFor(manifest, marks, {
      ...(gate === 'none' ? {} : { [GATE_ANNOTATION]: marks.gate, [CLAIM_ANNOTATION]: marks.claim }),
      ...(ttl === undefined ? {} : { [TTL_ANNOTATION]: String(ttl) }),
    }),
    ...(gate === 'suspend' ? { spec: suspended(spec) } : {}),
    ...(gate === 'scheduling-gate' ? { spec: withSchedulingGate(spec) } : {}),
  };
}

function metadataFor(manifest: KubernetesObject, marks: HookMarks, gate: Readonly<Record<string, string>>): JsonObject {
  const { generateName, ...metadata } = objectAt(manifest, 'metadata') ?? {};
  return {
    ...metadata,
    name: marks.ref.name,
    ...(marks.ref.namespace === undefined ? {} : { namespace: marks.ref.namespace }),
    labels: { ...objectAt(metadata, 'labels'), ...marks.labels },
    annotations: { ...objectAt(metadata, 'annotations'), ...marks.annotations, ...gate },
  };
}

function suspended(spec: JsonObject): JsonObject {
  const { ttlSecondsAfterFinished, ...rest } = spec;
  return { ...rest, suspend: true };
}

function withSchedulingGate(spec: JsonObject): JsonObject {
  return { ...spec, schedulingGates: [{ name: SCHEDULING_GATE }, ...arrayAt(spec, 'schedulingGates')] };
}

/** Whether a live object's start is still held back by us. */
export function isGated(live: KubernetesObject): boolean {
  return annotationsOf(live)[GATE_ANNOTATION] !== undefined;
}

/** Whether the cluster kept the gate of a created object: a webhook or another controller may have opened it. */
export function gateWasKept(live: KubernetesObject): boolean {
  if (!isGated(live)) return false;
  if (stringAt(live, 'kind') === 'Job') return objectAt(live, 'spec')?.['suspend'] === true;
  return gateIndex(live) >= 0;
}

function gateIndex(live: KubernetesObject): number {
  return arrayAt(live, 'spec', 'schedulingGates').findIndex(
    (gate) => isJsonObject(gate) && gate['name'] === SCHEDULING_GATE,
  );
}

/** One step of a JSON Patch, as this module makes them. */
export type ReleaseStep =
  | { readonly op: 'test' | 'replace' | 'add'; readonly path: string; readonly value: string | boolean | number }
  | { readonly op: 'remove'; readonly path: string };

const GATE_PATH = `/metadata/annotations/${escapePointer(GATE_ANNOTATION)}`;
const CLAIM_PATH = `/metadata/annotations/${escapePointer(CLAIM_ANNOTATION)}`;
const TTL_PATH = `/metadata/annotations/${escapePointer(TTL_ANNOTATION)}`;

/**
 * The JSON Patch by which a claim takes a hook's object over that an earlier one has made; undefined where it has it already.
 * Whoever has found the object before, and is to delete it as it was then, finds another resourceVersion.
 */
export function takeOverPatch(live: KubernetesObject, claim: string): readonly ReleaseStep[] | undefined {
  if (annotationsOf(live)[CLAIM_ANNOTATION] === claim) return undefined;
  return [
    { op: 'test', path: '/metadata/uid', value: uidOf(live) },
    { op: 'add', path: CLAIM_PATH, value: claim },
  ];
}

/**
 * The JSON Patch that seals a gated object: a release that was made for it as it was tests another gate, and changes nothing. It
 * tests UID and gate itself, so that it is refused for one that has been released.
 */
export function sealPatch(live: KubernetesObject): readonly ReleaseStep[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uidOf(live) },
    { op: 'test', path: GATE_PATH, value: annotationsOf(live)[GATE_ANNOTATION] ?? '' },
    { op: 'replace', path: GATE_PATH, value: 'sealed' },
  ];
}

/**
 * The JSON Patch that releases a gated object: it tests UID and gate and removes both, so that it works once.
 * A Job whose author wrote `suspend: true` stays suspended.
 */
export function releasePatch(live: KubernetesObject, manifest: KubernetesObject): readonly ReleaseStep[] {
  const gate = annotationsOf(live)[GATE_ANNOTATION];
  const tests: ReleaseStep[] = [{ op: 'test', path: '/metadata/uid', value: uidOf(live) }];
  if (gate !== undefined) {
    tests.push({ op: 'test', path: GATE_PATH, value: gate }, { op: 'remove', path: GATE_PATH });
  }
  if (stringAt(live, 'kind') === 'Job') {
    const staysSuspended = objectAt(manifest, 'spec')?.['suspend'] === true;
    return staysSuspended ? tests : [...tests, { op: 'replace', path: '/spec/suspend', value: false }];
  }
  const index = gateIndex(live);
  if (index < 0) return tests;
  const path = `/spec/schedulingGates/${String(index)}`;
  return [...tests, { op: 'test', path: `${path}/name`, value: SCHEDULING_GATE }, { op: 'remove', path }];
}

/** The JSON Patch that gives a settled Job its withheld TTL back; undefined where none was withheld. */
export function ttlPatch(live: KubernetesObject): readonly ReleaseStep[] | undefined {
  const ttl = annotationsOf(live)[TTL_ANNOTATION];
  if (ttl === undefined) return undefined;
  return [
    { op: 'test', path: '/metadata/uid', value: uidOf(live) },
    { op: 'add', path: '/spec/ttlSecondsAfterFinished', value: Number(ttl) },
    { op: 'remove', path: TTL_PATH },
  ];
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
