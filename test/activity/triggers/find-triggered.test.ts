import { describe, expect, it } from 'vitest';
import { findTriggered } from '../../../activities/triggers/find-triggered.ts';
import { prepareTrigger } from '../../../activities/triggers/prepare-trigger.ts';
import type { TriggerSupport } from '../../../activities/triggers/trigger-support.ts';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import type { ApplicationDefinition } from '../../../core/application/application.ts';
import { createPathFinder } from '../../../threads/jq/path-finder.ts';
import { memoryStore } from '../../fakes/memory-store.ts';
import { modelCluster } from '../../fakes/model-cluster.ts';
import { setDefinition } from '../../../activities/applications/definitions.ts';
import { aPush } from '../../support/pushes.ts';
import { activityRuntime } from '../../support/runtime.ts';

const signal = new AbortController().signal;
const push = aPush({ repositories: ['https://git.example.com/acme/shop.git'] });

async function lab(...definitions: readonly Omit<ApplicationDefinition, 'version' | 'namespace'>[]) {
  const cluster = modelCluster();
  for (const definition of definitions)
    await setDefinition(cluster, 'syncline', { version: 1, namespace: 'shop', ...definition }, signal);
  const bundles = memoryStore();
  const support: TriggerSupport = {
    rendering: { allowed: ['https://git.example.com/team/*'], env: {} },
    standing: async () => ({ hasLine: false }),
  };
  const deps: ActivityDependencies = {
    ...{ cluster: async () => cluster, bundles, paths: createPathFinder(), temporal: { id: 'lab', name: 'lab' } },
    triggers: support,
  };
  return { cluster, deps, bundles };
}

const location = 'git+https://git.example.com/acme/shop//deploy';

describe('the applications of a cluster that a push starts', () => {
  it('are those that listen to its repository and branch; of the others of the repository it says why not', async () => {
    const { deps } = await lab(
      {
        application: 'main',
        source: { location: 'git@git.example.com:acme/shop.git', git: { ref: 'main' } },
        onPush: { branch: true },
      },
      { application: 'dev', source: { location: `${location}?ref=dev` }, onPush: { branch: true } },
      { application: 'silent', source: { location } },
      {
        application: 'other',
        source: { location: 'https://git.example.com/acme/web.git' },
        onPush: { branch: 'main' },
      },
      { application: 'chart', source: { location: 'oci://charts.example.com/x' }, onPush: { branch: 'main' } },
    );
    expect(await findTriggered({ cluster: 'prod', push }, activityRuntime(), deps)).toEqual({
      kind: 'found',
      applications: ['main'],
      ignored: [{ application: 'dev', why: 'it is started by branch dev, not main' }],
      failures: [],
    });
  });

  it('are found although a definition beside theirs can’t be read, which is told', async () => {
    const { cluster, deps } = await lab(
      { application: 'broken', source: { location } },
      { application: 'shop', source: { location }, onPush: { branch: 'main' } },
    );
    const stored = cluster.find('ConfigMap', 'syncline.broken.application');
    await cluster.replace({ ...stored, data: { application: '{"version": 1}' } }, {}, signal);
    const found = await findTriggered({ cluster: 'prod', push }, activityRuntime(), deps);
    expect(found).toMatchObject({ applications: ['shop'] });
    expect(found.failures.map(({ message }) => message).join('\n')).toContain(
      'syncline.broken.application: application',
    );
  });
});

describe('a trigger begins nothing', () => {
  const trigger = { version: 1, cluster: 'prod', cause: { kind: 'push', push }, indexed: true } as const;
  const ask = async (application: string, definition: Omit<ApplicationDefinition, 'version' | 'namespace'>) => {
    const { deps, bundles } = await lab(definition);
    const prepared = prepareTrigger(
      { trigger: { ...trigger, application }, name: 'trigger/1' },
      activityRuntime(),
      deps,
    );
    await prepared.catch(() => undefined);
    expect(bundles.named.size).toBe(0);
    return prepared;
  };

  it('of an application that there is not', async () => {
    await expect(ask('shop', { application: 'web', source: { location } })).rejects.toThrow(
      'no application shop is defined in cluster prod — define it with: syncline app set shop SOURCE -n NAMESPACE',
    );
  });

  it('from a location that the worker may not read', async () => {
    await expect(ask('shop', { application: 'shop', source: { location } })).rejects.toMatchObject({
      failures: [{ type: 'Forbidden', remedy: expect.stringContaining('--source') as string }],
    });
  });

  it('with a file of the worker’s own machine', async () => {
    const source = { location: 'https://git.example.com/team/shop.git', helm: { values: ['/etc/passwd'] } };
    await expect(ask('shop', { application: 'shop', source })).rejects.toThrow('the values file /etc/passwd is none');
  });
});
