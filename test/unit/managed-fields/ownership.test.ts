import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../core/json.ts';
import { isJsonObject, objectAt } from '../../../core/json.ts';
import { appliedUnchanged } from '../../../core/managed-fields/ownership.ts';
import { DIGEST_ANNOTATION } from '../../../core/markers.ts';
import type { KubernetesObject } from '../../../core/objects.ts';

interface Recorded {
  readonly name: string;
  readonly unchanged: boolean;
  readonly desired: KubernetesObject;
  readonly live: KubernetesObject;
}

/** Written by a kube-apiserver 1.36.3: `desired` applied by the field manager `syncline`, then edited by `kubectl-edit`. */
const RECORDED = readFileSync(new URL('recorded.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

const MANAGER = 'syncline';
const ANNOTATIONS = { [DIGEST_ANNOTATION]: 'sha256:1' };

function aManifest(spec: JsonObject): KubernetesObject {
  return { apiVersion: 'example.io/v1', kind: 'Widget', metadata: { name: 'w', annotations: ANNOTATIONS }, spec };
}

/** The live form of a manifest, with these field sets below `spec`. */
function liveOf(
  desired: KubernetesObject,
  specFields: JsonObject,
  others: readonly JsonObject[] = [],
): KubernetesObject {
  const annotations = { 'f:annotations': { [`f:${DIGEST_ANNOTATION}`]: {} } };
  const managedFields = [
    anEntry({ fieldsV1: { 'f:metadata': annotations, 'f:spec': specFields } }),
    ...others.map((fields) =>
      anEntry({ manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:spec': fields } }),
    ),
  ];
  return { ...desired, metadata: { ...objectAt(desired, 'metadata'), managedFields } };
}

function anEntry(more: JsonObject): JsonObject {
  return { manager: MANAGER, operation: 'Apply', apiVersion: 'example.io/v1', fieldsType: 'FieldsV1', ...more };
}

/** The field set that an API server without a schema writes for an apply: maps are walked, lists are atomic. */
function fieldsOf(value: Json): JsonObject {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, at]) => [`f:${key}`, at === undefined ? {} : nodeOf(at)]));
}

function nodeOf(value: Json): JsonObject {
  const below = fieldsOf(value);
  return Object.keys(below).length === 0 ? {} : { '.': {}, ...below };
}

describe('appliedUnchanged, as a real API server keeps its managed fields', () => {
  it.each(RECORDED)('answers $unchanged for $name', ({ desired, live, unchanged }) => {
    expect(appliedUnchanged(desired, live, MANAGER)).toBe(unchanged);
  });

  it.each(RECORDED.filter(({ unchanged }) => unchanged))(
    'answers false for $name, asked for another manager',
    ({ desired, live }) => {
      expect(appliedUnchanged(desired, live, 'syncline:other')).toBe(false);
    },
  );

  it.each(RECORDED.filter(({ unchanged }) => unchanged))(
    'answers false for $name, once a field was removed from the manifest',
    ({ desired, live }) => {
      const metadata = { ...objectAt(desired, 'metadata'), annotations: { [DIGEST_ANNOTATION]: 'sha256:other' } };
      expect(appliedUnchanged({ ...desired, metadata }, live, MANAGER)).toBe(false);
    },
  );
});

describe('appliedUnchanged', () => {
  const desired = aManifest({ replicas: 1 });
  const live = liveOf(desired, { 'f:replicas': {} });
  const withEntry = (entry: JsonObject): KubernetesObject => ({
    ...live,
    metadata: {
      ...objectAt(live, 'metadata'),
      managedFields: [{ ...anEntry({ fieldsV1: { 'f:metadata': {}, 'f:spec': { 'f:replicas': {} } } }), ...entry }],
    },
  });

  it('is true when every field is owned', () => {
    expect(appliedUnchanged(desired, live, MANAGER)).toBe(true);
  });

  it.each([
    ['the manifest has no digest', { ...desired, metadata: { name: 'w' } }, live],
    ['the live object has no managed fields', desired, desired],
    ['the entry is of another API version', { ...desired, apiVersion: 'example.io/v2' }, live],
    ['the entry is of an update', desired, withEntry({ operation: 'Update' })],
    ['the entry is of a subresource', desired, withEntry({ subresource: 'status' })],
    ['the entry has another format', desired, withEntry({ fieldsType: 'FieldsV2' })],
    ['the entry has no fields', desired, withEntry({ fieldsV1: null })],
    ['a field is owned by nobody', aManifest({ replicas: 1, size: 2 }), live],
    ['a field that is a scalar is owned as a map', desired, liveOf(desired, { 'f:replicas': { 'f:x': {} } })],
    ['a status is written and not owned', { ...desired, status: { phase: 'Ready' } }, live],
  ])('is false when %s', (_name, manifest: KubernetesObject, object: KubernetesObject) => {
    expect(appliedUnchanged(manifest, object, MANAGER)).toBe(false);
  });

  const ports = (...items: readonly JsonObject[]) => aManifest({ ports: items });
  const owning = (...keys: readonly JsonObject[]) => ({
    'f:ports': Object.fromEntries(
      keys.map((key) => [`k:${JSON.stringify(key)}`, { '.': {}, ...fieldsOf(key), 'f:name': {} }]),
    ),
  });
  const liveWith = (manifest: KubernetesObject, live: readonly JsonObject[], fields: JsonObject) =>
    liveOf({ ...manifest, spec: { ports: live } }, fields);
  const TCP = { port: 53, protocol: 'TCP' };
  const UDP = { port: 53, protocol: 'UDP' };

  it('reads a key that the manifest leaves out as its default', () => {
    const manifest = ports({ port: 53, name: 'a' }, { port: 53, protocol: 'UDP', name: 'b' });
    expect(appliedUnchanged(manifest, liveWith(manifest, [TCP, UDP], owning(TCP, UDP)), MANAGER)).toBe(true);
    expect(appliedUnchanged(manifest, liveWith(manifest, [UDP], owning(UDP)), MANAGER)).toBe(false);
  });

  it('reads a key without a known default as the only item that it can be', () => {
    const manifest = ports({ port: 1, name: 'a' });
    const x = { port: 1, zone: 'x' };
    const y = { port: 1, zone: 'y' };
    expect(appliedUnchanged(manifest, liveWith(manifest, [x], owning(x)), MANAGER)).toBe(true);
    expect(appliedUnchanged(manifest, liveWith(manifest, [x, y], owning(x, y)), MANAGER)).toBe(false);
  });

  it('is false when a field of an item has gone to another manager', () => {
    const manifest = ports({ ...TCP, name: 'a' });
    const fields = { 'f:ports': { [`k:${JSON.stringify(TCP)}`]: { '.': {}, 'f:port': {}, 'f:protocol': {} } } };
    expect(appliedUnchanged(manifest, liveWith(manifest, [TCP], fields), MANAGER)).toBe(false);
  });

  it('is false when nothing of an item is owned but its place', () => {
    const manifest = ports({ ...TCP, name: 'a' });
    const fields = { 'f:ports': { [`k:${JSON.stringify(TCP)}`]: {} } };
    expect(appliedUnchanged(manifest, liveWith(manifest, [TCP], fields), MANAGER)).toBe(false);
  });

  it('is false when the same key stands twice in the manifest', () => {
    const manifest = ports({ ...TCP, name: 'a' }, { ...TCP, name: 'b' });
    expect(appliedUnchanged(manifest, liveWith(manifest, [TCP], owning(TCP)), MANAGER)).toBe(false);
  });

  it('knows items of sets by their value and items of lists by their index', () => {
    const manifest = aManifest({ tags: ['red', 7], rows: [{ a: 1 }] });
    const fields = { 'f:tags': { 'v:"red"': {}, 'v:7': {} }, 'f:rows': { 'i:0': { 'f:a': {} } } };
    expect(appliedUnchanged(manifest, liveOf(manifest, fields), MANAGER)).toBe(true);
    expect(
      appliedUnchanged(manifest, liveOf(manifest, { ...fields, 'f:tags': { 'v:"red"': {}, 'v:"7"': {} } }), MANAGER),
    ).toBe(false);
  });

  it('finds each item of a set by its own value', () => {
    const manifest = aManifest({ tags: ['a', 'b', 'c'] });
    const fields = { 'f:tags': { 'v:"a"': {}, 'v:"b"': {}, 'v:"c"': {} } };
    expect(appliedUnchanged(manifest, liveOf(manifest, fields), MANAGER)).toBe(true);
    expect(appliedUnchanged(aManifest({ tags: ['a', 'b', 'd'] }), liveOf(manifest, fields), MANAGER)).toBe(false);
  });

  it.each([
    ['holds all that the manifest says', { app: 'x', tier: 'y' }, { app: 'x', tier: 'y', more: 'z' }, true],
    ['lacks a key', { app: 'x', tier: 'y' }, { app: 'x' }, false],
    ['lacks a key that is null in the manifest', { app: 'x', tier: null }, { app: 'x' }, true],
    ['is a list of as many items', [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 2 }], true],
    ['is a shorter list', [{ a: 1 }, { a: 2 }], [{ a: 1 }], false],
    ['is a longer list', [1], [1, 2], false],
    ['is a list of which one item lacks a key', [{ a: 1 }, { a: 2 }], [{ a: 1 }, {}], false],
    ['is no list', [1], { length: 1 }, false],
  ])('of a place that is owned whole, is decided by whether the live one %s', (_name, wanted, there, unchanged) => {
    const manifest = aManifest({ whole: wanted });
    const object = liveOf({ ...manifest, spec: { whole: there } }, { 'f:whole': {} });
    expect(appliedUnchanged(manifest, object, MANAGER)).toBe(unchanged);
  });

  it('is false when the live object has something else where the manifest has a list', () => {
    const manifest = ports({ ...TCP, name: 'a' });
    const object = liveOf({ ...manifest, spec: { ports: 'none' } }, owning(TCP));
    expect(appliedUnchanged(manifest, object, MANAGER)).toBe(false);
  });

  it('is false when the node of an item is no map', () => {
    const manifest = ports({ ...TCP, name: 'a' });
    const fields = { 'f:ports': { [`k:${JSON.stringify(TCP)}`]: 7 } };
    expect(appliedUnchanged(manifest, liveWith(manifest, [TCP], fields), MANAGER)).toBe(false);
  });

  it('compares stringData with data in Secrets of the core group only', () => {
    const custom = { ...aManifest({ replicas: 1 }), kind: 'Secret', stringData: { a: 'b' } };
    const object = withEntry({
      fieldsV1: {
        'f:metadata': { 'f:annotations': { [`f:${DIGEST_ANNOTATION}`]: {} } },
        'f:spec': { 'f:replicas': {} },
        'f:stringData': { 'f:a': {} },
      },
    });
    expect(appliedUnchanged(custom, object, MANAGER)).toBe(true);
  });

  it('ignores what the server alone writes, as it stands in an exported manifest', () => {
    const written = { creationTimestamp: '2026-08-22T10:00:00Z', generation: 4, selfLink: '/w' };
    const exported = { ...desired, metadata: { ...objectAt(desired, 'metadata'), ...written } };
    expect(appliedUnchanged(exported, live, MANAGER)).toBe(true);
  });

  it('ignores fields that are null, and takes an empty map or list for owned where it is', () => {
    const manifest = aManifest({ gone: null, map: {}, list: [], inner: { gone: null } });
    expect(appliedUnchanged(manifest, liveOf(manifest, { 'f:map': {}, 'f:list': {}, 'f:inner': {} }), MANAGER)).toBe(
      true,
    );
    expect(appliedUnchanged(manifest, liveOf(manifest, { 'f:map': {}, 'f:inner': {} }), MANAGER)).toBe(false);
  });

  it.each([
    ['k:{"port"', 'broken JSON'],
    ['x:1', 'an unknown element'],
    ['k:1', 'a key that is no map'],
  ])('is false for %s, %s', (element) => {
    const manifest = ports({ port: 1 });
    expect(appliedUnchanged(manifest, liveOf(manifest, { 'f:ports': { [element]: { 'f:port': {} } } }), MANAGER)).toBe(
      false,
    );
  });
});

describe('appliedUnchanged of any manifest', () => {
  const key = fc.stringMatching(/^[a-z.\/-]{1,6}$/);
  const leaf = fc.oneof(fc.string({ maxLength: 4 }), fc.integer(), fc.boolean());
  const { spec: anySpec } = fc.letrec<{ spec: JsonObject; value: Json }>((tie) => ({
    spec: fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 4 }),
    value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(leaf, { maxLength: 3 }), tie('spec')),
  }));

  it('is true right after the apply', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const desired = aManifest(spec);
        expect(appliedUnchanged(desired, liveOf(desired, fieldsOf(spec)), MANAGER)).toBe(true);
      }),
    );
  });

  it('is true after others added fields of their own', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const desired = aManifest(spec);
        const live = liveOf({ ...desired, spec: { ...spec, THEIRS: 1 } }, fieldsOf(spec), [{ 'f:THEIRS': {} }]);
        expect(appliedUnchanged(desired, live, MANAGER)).toBe(true);
      }),
    );
  });

  it('is false after any one field was edited by hand', () => {
    fc.assert(
      fc.property(anySpec, fc.nat(), (spec, choice) => {
        const paths = leavesOf(spec);
        const path = paths[choice % paths.length] ?? [];
        const desired = aManifest(spec);
        const moved = liveOf(
          desired,
          without(
            fieldsOf(spec),
            path.map((step) => `f:${step}`),
          ),
          [only(path)],
        );
        expect(appliedUnchanged(desired, moved, MANAGER)).toBe(false);
      }),
    );
  });

  it('is false after any one field was deleted by hand', () => {
    fc.assert(
      fc.property(anySpec, fc.nat(), (spec, choice) => {
        const paths = leavesOf(spec);
        const path = paths[choice % paths.length] ?? [];
        const desired = aManifest(spec);
        const live = liveOf(
          { ...desired, spec: without(spec, path) },
          without(
            fieldsOf(spec),
            path.map((step) => `f:${step}`),
          ),
        );
        expect(appliedUnchanged(desired, live, MANAGER)).toBe(false);
      }),
    );
  });
});

/** The paths of everything that is owned by itself: scalars, lists, empty maps. */
function leavesOf(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, at]) => leavesOf(at ?? null, [...path, key]));
}

function without(node: JsonObject, [key = '', ...rest]: readonly string[]): JsonObject {
  if (rest.length === 0) return Object.fromEntries(Object.entries(node).filter(([name]) => name !== key));
  const below = node[key];
  return isJsonObject(below) ? { ...node, [key]: without(below, rest) } : node;
}

function only([step = '', ...rest]: readonly string[]): JsonObject {
  return { [`f:${step}`]: rest.length === 0 ? {} : only(rest) };
}
