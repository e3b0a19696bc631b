import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../core/apply/canonical-json.ts';
import type { FieldChange } from '../../../core/diff/field-changes.ts';
import { fieldChanges } from '../../../core/diff/field-changes.ts';
import type { FieldPath, ItemKey } from '../../../core/diff/field-path.ts';
import { pathText } from '../../../core/diff/field-path.ts';
import type { Json } from '../../../core/json.ts';

/** The changes as people read them: `~ spec.replicas 3 → 5`. */
function told(before: Json, after: Json): readonly string[] {
  return fieldChanges(before, after).map((change) => {
    const values = { before: undefined, after: undefined, ...change };
    const sign = { added: '+', removed: '-', changed: '~', reordered: '⇅' }[change.kind];
    const both = [values.before, values.after]
      .filter((value) => value !== undefined)
      .map((value) => JSON.stringify(value));
    return `${sign} ${pathText(change.path)} ${both.join(' → ')}`;
  });
}

const container = (name: string, image: string) => ({ name, image });

describe('the changes of fields', () => {
  it.each<{ what: string; before: Json; after: Json; changes: readonly string[] }>([
    {
      what: 'nothing, for the same fields in another order',
      before: { a: 1, b: 2 },
      after: { b: 2, a: 1 },
      changes: [],
    },
    {
      what: 'a scalar that changes',
      before: { spec: { replicas: 3 } },
      after: { spec: { replicas: 5 } },
      changes: ['~ spec.replicas 3 → 5'],
    },
    {
      what: 'a field that is added, and one that an apply removes',
      before: { metadata: { labels: { old: 'x' } } },
      after: { metadata: { labels: { new: 'y' } } },
      changes: ['+ metadata.labels.new "y"', '- metadata.labels.old "x"'],
    },
    {
      what: 'a quoted field, where its name has dots',
      before: { metadata: { annotations: { 'a.b/c': '1' } } },
      after: { metadata: { annotations: { 'a.b/c': '2' } } },
      changes: ['~ metadata.annotations["a.b/c"] "1" → "2"'],
    },
    {
      what: 'a list item by its name, wherever it stands',
      before: { containers: [container('web', 'web:1'), container('log', 'log:1')] },
      after: { containers: [container('web', 'web:1'), container('log', 'log:2')] },
      changes: ['~ containers[name=log].image "log:1" → "log:2"'],
    },
    {
      what: 'ports by number and protocol, as Kubernetes tells them apart',
      before: {
        ports: [
          { containerPort: 53, protocol: 'TCP' },
          { containerPort: 53, protocol: 'UDP' },
        ],
      },
      after: {
        ports: [
          { containerPort: 53, protocol: 'TCP' },
          { containerPort: 53, protocol: 'UDP', name: 'dns' },
        ],
      },
      changes: ['+ ports[containerPort=53,protocol=UDP].name "dns"'],
    },
    {
      what: 'a list item that comes and one that goes',
      before: [container('a', '1'), container('b', '1')],
      after: [container('b', '1'), container('c', '1')],
      changes: ['- [name=a] {"name":"a","image":"1"}', '+ [name=c] {"name":"c","image":"1"}'],
    },
    {
      what: 'the order of a list, where it is all that differs',
      before: { containers: [container('a', '1'), container('b', '1')] },
      after: { containers: [container('b', '1'), container('a', '1')] },
      changes: ['⇅ containers [{"name":"a"},{"name":"b"}] → [{"name":"b"},{"name":"a"}]'],
    },
    {
      what: 'a list of scalars as a whole',
      before: { args: ['--a', '--b'] },
      after: { args: ['--a', '--c', '--b'] },
      changes: ['~ args ["--a","--b"] → ["--a","--c","--b"]'],
    },
    {
      what: 'items without a key by their place',
      before: { rules: [{ verbs: ['get'] }, { verbs: ['list'] }] },
      after: { rules: [{ verbs: ['get'] }, { verbs: ['list', 'watch'] }] },
      changes: ['~ rules[1].verbs ["list"] → ["list","watch"]'],
    },
    {
      what: 'a value whose type changes',
      before: { data: { a: '1' } },
      after: { data: { a: 1 } },
      changes: ['~ data.a "1" → 1'],
    },
    {
      what: 'a field called like one of every object',
      before: { data: {} },
      after: { data: { constructor: 'x' } },
      changes: ['+ data.constructor "x"'],
    },
    { what: 'no difference between absent and undefined', before: { a: undefined }, after: {}, changes: [] },
    { what: 'an empty map that comes', before: {}, after: { emptyDir: {} }, changes: ['+ emptyDir {}'] },
  ])('name $what', ({ before, after, changes }) => {
    expect(told(before, after)).toEqual(changes);
  });

  it('are none between a value and itself, for any value', () => {
    fc.assert(fc.property(anObject, (value) => fieldChanges(value, structuredClone(value)).length === 0));
  });

  it('turn the one value into the other when they are applied, for any values', () => {
    fc.assert(
      fc.property(anObject, anObject, (before, after) => {
        const made = fieldChanges(before, after).reduce(applied, before);
        expect(canonicalJson(made)).toBe(canonicalJson(after));
      }),
      { numRuns: 500 },
    );
  });
});

const scalar = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('a', 'b', 'x.y/z'),
  fc.boolean(),
  fc.constant(null),
);
const { value: anObject } = fc.letrec<{ value: Json; node: Json }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.dictionary(fc.constantFrom('a', 'b', 'name', 'x.y/z'), tie('node'), { maxKeys: 3 }),
    fc.array(tie('node'), { maxLength: 3 }),
    // Lists whose items have names, at times the same one twice.
    fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), value: tie('node') }, { requiredKeys: ['name'] }), {
      maxLength: 4,
    }),
  ),
  value: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'), { maxKeys: 3 }),
}));

function applied(value: Json, change: FieldChange): Json {
  switch (change.kind) {
    case 'added':
    case 'changed':
      return withAt(value, change.path, change.after);
    case 'removed':
      return withAt(value, change.path, undefined);
    case 'reordered':
      return orderedAt(value, change.path, change.after);
  }
}

function withAt(value: Json, path: FieldPath, set: Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return set!;
  if (typeof step === 'string') {
    const map = value as Readonly<Record<string, Json>>;
    if (rest.length > 0) return { ...map, [step]: withAt(map[step]!, rest, set) };
    return Object.fromEntries([
      ...Object.entries(map).filter(([field]) => field !== step),
      ...(set === undefined ? [] : [[step, set] as const]),
    ]);
  }
  const list = value as readonly Json[];
  const found = 'index' in step ? step.index : list.findIndex((item) => hasKey(item, step.key));
  if (rest.length > 0) return list.map((item, at) => (at === found ? withAt(item, rest, set) : item));
  if (found < 0) return [...list, set!];
  return list.flatMap((item, at) => (at === found ? (set === undefined ? [] : [set]) : [item]));
}

function orderedAt(value: Json, path: FieldPath, keys: readonly ItemKey[]): Json {
  const [step, ...rest] = path;
  if (step === undefined) return keys.map((key) => (value as readonly Json[]).find((item) => hasKey(item, key))!);
  if (typeof step === 'string') {
    const map = value as Readonly<Record<string, Json>>;
    return { ...map, [step]: orderedAt(map[step]!, rest, keys) };
  }
  const list = value as readonly Json[];
  const found = 'index' in step ? step.index : list.findIndex((item) => hasKey(item, step.key));
  return list.map((item, at) => (at === found ? orderedAt(item, rest, keys) : item));
}

function hasKey(item: Json, key: ItemKey): boolean {
  return Object.entries(key).every(([field, value]) => (item as Readonly<Record<string, Json>>)[field] === value);
}
