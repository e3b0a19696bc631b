import { describe, expect, it } from 'vitest';
import { readDefinition } from '../../../../core/application/read-definition.ts';
import type { JsonObject } from '../../../../core/json.ts';

const SHOP = { version: 1, application: 'shop', namespace: 'shop', source: { location: './deploy' } };

function problems(change: JsonObject): readonly string[] {
  return readDefinition({ ...SHOP, ...change }, 'application').failures.map(({ message }) => message);
}

describe('a definition of an application', () => {
  it('is read with all its fields', () => {
    const whole = {
      ...SHOP,
      createNamespace: true,
      source: {
        location: 'oci://registry.example.com/shop',
        type: 'helm',
        helm: { values: ['a.yaml'], set: ['a=b'], version: '1.2.3' },
        timeoutMs: 1_000,
      },
      options: {
        prune: true,
        maxPrune: 3,
        onFailure: 'rollback',
        syncOptions: { Replace: 'true' },
        namespaceMetadata: { labels: { team: 'a' }, annotations: {} },
        ignoreDifferences: [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }],
      },
    };
    expect(readDefinition(whole, 'application')).toEqual({ definition: whole, failures: [] });
  });

  it.each<[string, JsonObject, string]>([
    ['another version', { version: 2 }, 'application.version: is 2; this Syncline knows 1'],
    ['a missing source', { source: {} }, 'application.source.location: is missing'],
    ['a field that there is not', { prune: true }, 'application.prune: there is no such field'],
    ['an option of one run', { options: { dryRun: true } }, 'application.options.dryRun: there is no such field'],
    ['an option with a value it does not take', { options: { onFailure: 'retry' } }, 'is none of fail, hold, rollback'],
    ['a number that is none', { options: { timeoutMs: '1s' } }, 'application.options.timeoutMs: is no whole number'],
    ['a sync option that there is not', { options: { syncOptions: { Replaced: 'true' } } }, 'Replaced'],
    ['a rule that names no fields', { options: { ignoreDifferences: [{ kind: 'Pod' }] } }, 'names no fields'],
    [
      'a source of another type',
      { source: { location: '.', type: 'jsonnet' } },
      'is none of directory, helm, kustomize',
    ],
    ['values that are no list', { source: { location: '.', helm: { values: 'a.yaml' } } }, 'is no list of texts'],
    ['a branch that is none', { onPush: { branch: false } }, 'application.onPush.branch: is no text'],
    ['a window that is none', { windows: ['deny 0 9 * * 8h'] }, 'application.windows[0]: is no window'],
    ['a push that does what there is not', { onPush: { ifRunning: 'reject' } }, 'is none of queue, supersede'],
    ['no text for a name', { namespace: 3 }, 'application.namespace: is no text'],
  ])('is refused for %s, with the place', (_, change, expected) => {
    expect(problems(change).join('\n')).toContain(expected);
  });

  it('is refused for credentials in an address, which are not repeated', () => {
    const source = { location: 'https://me:hunter2@git.example.com/shop' };
    expect(problems({ source })).toEqual([
      'application.source.location: holds credentials, which anybody could read; put them in the environment',
    ]);
    const helm = { repository: 'https://me:hunter2@charts.example.com' };
    expect(problems({ source: { location: 'shop', helm } }).join()).toContain(
      'source.helm.repository: holds credentials',
    );
  });

  it('is refused as a text or a list', () => {
    expect(readDefinition('shop', 'application').failures[0]?.message).toBe('application: is no map');
    expect(readDefinition([], 'application').failures[0]?.message).toBe('application: is no map');
  });
});
