import { describe, expect, it } from 'vitest';
import { diffSummary, renderDiff } from '../../../cli/render/diff.ts';
import { styleOf } from '../../../cli/render/style.ts';
import type { ObjectDifference } from '../../../core/diff/sync-diff.ts';
import { syncDiff } from '../../../core/diff/sync-diff.ts';
import type { ObjectRef } from '../../../core/objects.ts';

const plain = styleOf(false);

function ref(kind: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind, namespace: 'shop', name };
}

function rendered(...objects: readonly ObjectDifference[]): readonly string[] {
  const text = renderDiff(syncDiff(objects, 0), plain);
  return text.split('\n').map((line) => line.trimEnd());
}

describe('a diff in the terminal', () => {
  it('has a sign of its own for whatever becomes of an object', () => {
    expect(
      rendered(
        { kind: 'removed', ref: ref('Service', 'old') },
        { kind: 'added', ref: ref('ConfigMap', 'new') },
        { kind: 'remade', ref: ref('Job', 'fixed') },
        { kind: 'unpredicted', ref: ref('Pod', 'p'), reason: 'a webhook' },
        { kind: 'hook', ref: ref('Job', 'migrate'), phase: 'PreSync' },
        { kind: 'marked', ref: ref('ConfigMap', 'adopted') },
        { kind: 'extra', ref: ref('ConfigMap', 'stays') },
      ),
    ).toEqual([
      '- Service shop/old                         is pruned',
      '+ ConfigMap shop/new                       is created',
      '± Job shop/fixed                           is deleted and made anew',
      '? Pod shop/p                               is applied; a webhook',
      '* Job shop/migrate                         hook of PreSync, runs',
      '! ConfigMap shop/stays                     extra: not in the manifests, and stays',
    ]);
  });

  it('shows each field with what stood there and what will', () => {
    expect(
      rendered({
        kind: 'changed',
        ref: ref('Deployment', 'web'),
        changes: [
          { kind: 'changed', path: ['spec', 'replicas'], before: 3, after: 5 },
          { kind: 'added', path: ['spec', 'containers', { key: { name: 'web' } }, 'env'], after: [{ name: 'A' }] },
          { kind: 'removed', path: ['metadata', 'labels', 'a.b/c'], before: 'x' },
          {
            kind: 'reordered',
            path: ['spec', 'c'],
            before: [{ name: 'a' }, { name: 'b' }],
            after: [{ name: 'b' }, { name: 'a' }],
          },
        ],
      }),
    ).toEqual([
      '~ Deployment shop/web                      4 fields',
      '    spec.replicas',
      '  -   3',
      '  +   5',
      '    spec.containers[name=web].env',
      '  +   - name: A',
      '    metadata.labels["a.b/c"]',
      '  -   x',
      '    spec.c (order)',
      '  -   name=a, name=b',
      '  +   name=b, name=a',
    ]);
  });

  it('shows of a long text the lines that differ, with three around them', () => {
    const text = (at5: string) => Array.from({ length: 9 }, (_, at) => (at === 4 ? at5 : `line ${at + 1}`)).join('\n');
    const changes = [{ kind: 'changed', path: ['data', 'f'], before: text('old'), after: text('new') } as const];
    expect(rendered({ kind: 'changed', ref: ref('ConfigMap', 'c'), changes }).slice(2)).toEqual([
      '      line 2',
      '      line 3',
      '      line 4',
      '  -   old',
      '  +   new',
      '      line 6',
      '      line 7',
      '      line 8',
    ]);
  });

  it('says so where all that differs is hidden', () => {
    const url = 'db://[redacted]@db';
    const changes = [{ kind: 'changed', path: ['data', 'url'], before: url, after: url } as const];
    expect(rendered({ kind: 'changed', ref: ref('ConfigMap', 'c'), changes }).slice(2)).toEqual([
      '  ~   differs in the value of a Secret, which is hidden',
    ]);
  });

  it('lets no control code of a value through to the terminal', () => {
    const changes = [{ kind: 'added', path: ['data', 'x\u001b[2J'], after: 'a\u001b[31mb\rc' } as const];
    const text = renderDiff(syncDiff([{ kind: 'changed', ref: ref('ConfigMap', 'c'), changes }], 0), plain);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('is summed up in one line', () => {
    const objects: readonly ObjectDifference[] = [
      { kind: 'added', ref: ref('ConfigMap', 'a') },
      { kind: 'hook', ref: ref('Job', 'j'), phase: 'PreSync' },
      { kind: 'marked', ref: ref('ConfigMap', 'm') },
    ];
    expect(diffSummary('shop', syncDiff(objects, 3).counts)).toBe(
      "shop: 1 to create, 1 only to be marked as the application's, 3 unchanged, 1 hook to run",
    );
    expect(diffSummary('shop', syncDiff([], 3).counts)).toBe('shop: nothing differs, 3 unchanged');
  });
});
