import { describe, expect, it } from 'vitest';
import {
  gateFor,
  gateWasKept,
  gatedObject,
  isGated,
  releasePatch,
  takeOverPatch,
  ttlPatch,
} from '../../../core/hooks/gated-object.ts';
import type { JsonObject } from '../../../core/json.ts';
import { CLAIM_ANNOTATION, GATE_ANNOTATION, SCHEDULING_GATE, TTL_ANNOTATION } from '../../../core/markers.ts';

const REF = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: 'migrate' };
const MARKS = { ref: REF, labels: { ours: '1' }, annotations: { owner: 'shop/shop' }, gate: 's1.1', claim: '5' };
const GATE_PATH = '/metadata/annotations/syncline.dev~1gate';

function aJob(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', ...metadata }, spec };
}

function aPod(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'migrate', ...metadata }, spec };
}

describe('the gate of a kind', () => {
  it.each([
    ['a Job', aJob(), 'suspend'],
    ['a Job that its author suspends', aJob({ suspend: true }), 'suspend'],
    ['a Job of another controller', aJob({ managedBy: 'kueue.x-k8s.io/multikueue' }), 'none'],
    ['a Job of another group', { ...aJob(), apiVersion: 'batch.volcano.sh/v1alpha1' }, 'none'],
    ['a Pod', aPod(), 'scheduling-gate'],
    ['a Pod that names its node', aPod({ nodeName: 'n1' }), 'none'],
    ['a Pod of another group', { ...aPod(), apiVersion: 'metrics.k8s.io/v1' }, 'none'],
    ['a ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap' }, 'none'],
    ['nothing', {}, 'none'],
  ])('of %s', (_, manifest, expected) => {
    expect(gateFor(manifest)).toBe(expected);
  });
});

describe('the object that is created', () => {
  it('of a Job is suspended, keeps what its author wrote, and has its TTL withheld [argo 1.hook-finalizer] [argo 6.ttl]', () => {
    const manifest = aJob(
      { ttlSecondsAfterFinished: 30, backoffLimit: 2 },
      { labels: { a: 'b' }, annotations: { c: 'd' } },
    );
    const before = JSON.stringify(manifest);
    expect(gatedObject(manifest, MARKS)).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: 'migrate',
        namespace: 'shop',
        labels: { a: 'b', ours: '1' },
        annotations: {
          c: 'd',
          owner: 'shop/shop',
          [GATE_ANNOTATION]: 's1.1',
          [CLAIM_ANNOTATION]: '5',
          [TTL_ANNOTATION]: '30',
        },
      },
      spec: { suspend: true, backoffLimit: 2 },
    });
    expect(JSON.stringify(manifest)).toBe(before);
  });

  it('of a TTL of 0 withholds that too', () => {
    const created = gatedObject(aJob({ ttlSecondsAfterFinished: 0 }), MARKS);
    expect(ttlPatch({ ...created, metadata: { ...(created['metadata'] as JsonObject), uid: 'u' } })).toContainEqual({
      op: 'add',
      path: '/spec/ttlSecondsAfterFinished',
      value: 0,
    });
  });

  it('of a Pod has our gate before its own', () => {
    const created = gatedObject(aPod({ schedulingGates: [{ name: 'theirs' }] }), MARKS);
    expect(created['spec']).toEqual({ schedulingGates: [{ name: SCHEDULING_GATE }, { name: 'theirs' }] });
  });

  it('of any other kind carries the marks alone', () => {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } };
    const created = gatedObject(manifest, MARKS);
    expect(created['data']).toEqual({ k: 'v' });
    expect(isGated(created)).toBe(false);
    expect(created['spec']).toBeUndefined();
  });

  it('has the name of the attempt in place of a generateName', () => {
    const { name: _, ...metadata } = aJob()['metadata'] as JsonObject;
    const created = gatedObject({ ...aJob(), metadata: { ...metadata, generateName: 'migrate-' } }, MARKS);
    expect(created['metadata']).toMatchObject({ name: 'migrate' });
    expect(created['metadata']).not.toHaveProperty('generateName');
  });
});

describe('whether the gate was kept', () => {
  const gate = { annotations: { [GATE_ANNOTATION]: 's1.1' } };
  it.each([
    ['a suspended Job with our annotation', aJob({ suspend: true }, gate), true],
    ['a Job that a webhook let go', aJob({ suspend: false }, gate), false],
    ['a Job without suspend', aJob({}, gate), false],
    ['a Job whose annotation is gone', aJob({ suspend: true }), false],
    ['a Pod with our gate', aPod({ schedulingGates: [{ name: 'x' }, { name: SCHEDULING_GATE }] }, gate), true],
    ['a Pod whose gate is gone', aPod({ schedulingGates: [{ name: 'x' }] }, gate), false],
    ['a ConfigMap', { kind: 'ConfigMap', metadata: {} }, false],
  ])('of %s', (_, live, expected) => {
    expect(gateWasKept(live)).toBe(expected);
  });
});

describe('an object that is taken over', () => {
  const live = (claim: JsonObject) => aJob({}, { uid: 'u1', annotations: { owner: 'shop/shop', ...claim } });
  const changed = [
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'add', path: '/metadata/annotations/syncline.dev~1claim', value: '5' },
  ];
  it.each([
    ['of an earlier claim is changed', { [CLAIM_ANNOTATION]: '4' }, changed],
    ['of an earlier version is changed', {}, changed],
    ['of the same claim is left as it is', { [CLAIM_ANNOTATION]: '5' }, undefined],
  ])('%s', (_, claim, expected) => {
    expect(takeOverPatch(live(claim), '5')).toEqual(expected);
  });
});

describe('the release', () => {
  const metadata = { uid: 'u1', annotations: { [GATE_ANNOTATION]: 's1.1' } };
  const tests = [
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: GATE_PATH, value: 's1.1' },
    { op: 'remove', path: GATE_PATH },
  ];
  const podGate = (index: number) => [
    { op: 'test', path: `/spec/schedulingGates/${String(index)}/name`, value: SCHEDULING_GATE },
    { op: 'remove', path: `/spec/schedulingGates/${String(index)}` },
  ];
  it.each([
    [
      'a Job',
      aJob({ suspend: true }, metadata),
      aJob(),
      [...tests, { op: 'replace', path: '/spec/suspend', value: false }],
    ],
    ['a Job that its author suspends', aJob({ suspend: true }, metadata), aJob({ suspend: true }), tests],
    ['a Pod', aPod({ schedulingGates: [{ name: SCHEDULING_GATE }] }, metadata), aPod(), [...tests, ...podGate(0)]],
    [
      'a Pod with another gate before ours',
      aPod({ schedulingGates: [{ name: 'x' }, { name: SCHEDULING_GATE }] }, metadata),
      aPod(),
      [...tests, ...podGate(1)],
    ],
    ['a Pod whose gate is gone', aPod({}, metadata), aPod(), tests],
  ])('of %s', (_, live, manifest, expected) => {
    expect(releasePatch(live, manifest)).toEqual(expected);
  });
});

describe('the TTL', () => {
  it('is given back to the very object it was withheld from', () => {
    const live = aJob({}, { uid: 'u1', annotations: { [TTL_ANNOTATION]: '30' } });
    expect(ttlPatch(live)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'add', path: '/spec/ttlSecondsAfterFinished', value: 30 },
      { op: 'remove', path: '/metadata/annotations/syncline.dev~1ttl-seconds' },
    ]);
  });

  it('needs nothing where none was withheld', () => {
    expect(ttlPatch(aJob({}, { uid: 'u1' }))).toBeUndefined();
  });
});
