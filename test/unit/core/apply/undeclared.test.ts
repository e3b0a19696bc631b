import { describe, expect, it } from 'vitest';
import { droppingUndeclared, undeclaredPaths, withoutUndeclared } from '../../../../core/apply/undeclared.ts';
import type { KubernetesObject } from '../../../../core/objects.ts';
import { annotationsOf } from '../../../../core/objects.ts';

/** As Kubernetes 1.36 says it. */
const SAID = `Cannot apply Deployment default/d: failed to create typed patch object (default/d; apps/v1, Kind=Deployment): errors:
  .metadata.zed: field not declared in schema
  .spec.template.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"].nope: field not declared in schema
  .spec.template.spec.containers[name="c"].command[0]: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"x":1}}
  .spec.template.spec.tolerations[0].no: field not declared in schema
  .spec.a.b/c: field not declared in schema (HTTP 500)`;

const object: KubernetesObject = {
  metadata: { name: 'd', zed: 1 },
  spec: {
    'a.b/c': { x: 1 },
    a: { b: 2 },
    template: {
      spec: {
        containers: [
          { name: 'other', nope: 1 },
          { name: 'c', ports: [{ containerPort: 80, nope: 1, name: 'web' }] },
        ],
        tolerations: [{ key: 'k', no: 1 }],
      },
    },
  },
};

const PATHS = [
  '.metadata.zed',
  '.spec.template.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"].nope',
  '.spec.template.spec.tolerations[0].no',
  '.spec.a.b/c',
];

describe('fields that a kind does not declare', () => {
  it('are read from what the API server says, and nothing else is', () => {
    expect(undeclaredPaths(SAID)).toEqual(PATHS);
    expect(undeclaredPaths('.spec.x: expected string')).toEqual([]);
    expect(undeclaredPaths('.dat: field not declared in schema (the words are withheld)')).toEqual(['.dat']);
  });

  it('are left out, each at its own path, and noted', () => {
    const rest = droppingUndeclared(object, PATHS);
    expect(rest).toMatchObject({
      spec: {
        a: { b: 2 },
        template: {
          spec: {
            containers: [
              { name: 'other', nope: 1 },
              { name: 'c', ports: [{ containerPort: 80, name: 'web' }] },
            ],
            tolerations: [{ key: 'k' }],
          },
        },
      },
    });
    expect(rest).not.toHaveProperty('spec.a\\.b/c');
    expect(rest).not.toHaveProperty('metadata.zed');
    expect(JSON.parse(annotationsOf(rest ?? {})['syncline.dev/undeclared-fields'] ?? '')).toEqual(PATHS.toSorted());
    expect(object).toHaveProperty('metadata.zed');
  });

  it.each<[string, KubernetesObject, string, unknown]>([
    ['an item of a set', { tags: [{ a: 1 }, 'x'] }, '.tags[={"a":1}].a', { tags: [{}, 'x'] }],
    ['an item by its index', { list: [{}, { no: 1 }] }, '.list[1].no', { list: [{}, {}] }],
    ['a name with dots', { 'x.y': { z: 1 }, x: { y: 2 } }, '.x.y.z', { 'x.y': {}, x: { y: 2 } }],
  ])('are found in %s', (_, from, path, rest) => {
    expect(bare(droppingUndeclared(from, [path]))).toEqual(rest);
  });

  it('are unknown where no path leads to a field of the object', () => {
    expect(
      droppingUndeclared(object, ['.spec.other', '.spec.template.spec.containers[name="z"].nope']),
    ).toBeUndefined();
    expect(droppingUndeclared(object, [])).toBeUndefined();
  });

  it('are remembered by the live object, round after round', () => {
    const first = droppingUndeclared(object, ['.metadata.zed']) ?? {};
    const second = droppingUndeclared(first, ['.spec.a.b/c']) ?? {};
    expect(withoutUndeclared(object, second)).toEqual(second);
    expect(withoutUndeclared(object, {})).toBe(object);
    const broken = { metadata: { annotations: { 'syncline.dev/undeclared-fields': 'not JSON' } } };
    expect(withoutUndeclared(object, broken)).toBe(object);
  });
});

function bare(object: KubernetesObject | undefined): unknown {
  const { metadata: _noted, ...rest } = object ?? {};
  return rest;
}
