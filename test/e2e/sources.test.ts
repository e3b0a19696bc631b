import { cp, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringAt } from '../../core/json.ts';
import { creations, historyOf, isCreation } from './support/audit.ts';
import { commitAll, makeRepository } from '../sources/support/repository.ts';
import type { World } from './support/world.ts';
import { sharedWorld } from './support/world.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

let world: World;

beforeAll(async () => {
  world = await sharedWorld();
});

afterAll(() => world.stop());

describe.concurrent('a source that is rendered', () => {
  test('helm: the example chart runs its CRD, its hooks of every type and its resources in their order [argo 1.helm-hook] [argo 1.helm-dropped] [argo 1.hook-weight]', async () => {
    const app = await world.application('helm-chart');
    const flags = ['-f', `${EXAMPLES}/helm-chart/values-production.yaml`, '--set', 'image.tag=2.4.0'];
    // The kubeconfig names the cluster whose version and kinds the chart is told.
    flags.push('--kubeconfig', world.env['KUBECONFIG'] ?? '');

    expect(await app.sync(`${EXAMPLES}/helm-chart`, ...flags)).toMatchObject({ code: 0, stderr: '' });

    const events = await app.writes();
    expect(creations(events)).toEqual([
      'secrets/helm-chart-database',
      'jobs/helm-chart-check-database',
      'jobs/db-migrate-2-4-0',
      'configmaps/helm-chart-release',
      ...creations(events).slice(4, -3),
      'jobs/helm-chart-reindex',
      'jobs/helm-chart-warm-cache',
      'jobs/helm-chart-smoke-test',
    ]);
    expect(creations(events).slice(4, -3).sort()).toEqual([
      'configmaps/helm-chart-features',
      'deployments/helm-chart',
      'poddisruptionbudgets/helm-chart',
      'services/helm-chart',
      'storewindows/helm-chart',
    ]);
    const [definition] = (await world.auditOf({ resource: 'customresourcedefinitions' })).filter(isCreation);
    const window = events.find(({ resource }) => resource === 'storewindows');
    expect(definition?.answeredAt.localeCompare(window?.receivedAt ?? '')).toBe(-1);
    expect(historyOf(await app.events(), 'jobs', 'db-migrate-2-4-0')).toMatchObject({ created: 1, pods: 1 });
    expect(await app.get('Deployment', 'helm-chart')).toMatchObject({ spec: { replicas: 4 } });
    const release = stringAt(await app.get('ConfigMap', 'helm-chart-release'), 'data', 'release.json') ?? '';
    expect(JSON.parse(release)).toMatchObject({ version: '2.4.0' });
  });

  test('kustomize: the example overlay runs the hooks of its component and its base, then the rest', async () => {
    const app = await world.application('kustomize');

    expect(await app.sync(`${EXAMPLES}/kustomize/overlays/production`)).toMatchObject({ code: 0, stderr: '' });

    const created = creations(await app.writes());
    expect(created.slice(0, 2)).toEqual(['jobs/production-backup', 'jobs/production-migrate']);
    expect(created.at(-1)).toBe('deployments/production-guestbook');
  });

  test('git: a path at a ref of a repository, whose commit is the revision, also for an application that is kept', async () => {
    const app = await world.application('git');
    const root = await world.folder({});
    const { work, bare } = await makeRepository(root);
    await cp(`${EXAMPLES}/kustomize`, `${work}/deploy`, { recursive: true });
    const commit = await commitAll(work, 'Deploy the guestbook');
    const source = `git+file://${bare}//deploy/overlays/production`;

    expect(await world.cli(['app', 'set', app.name, source, '--ref', 'main', '-n', app.name])).toMatchObject({
      code: 0,
    });
    expect(await world.cli(['sync', app.name])).toMatchObject({ code: 0 });

    expect(creations(await app.writes()).at(-1)).toBe('deployments/production-guestbook');
    const status = JSON.parse((await world.cli(['status', app.name, '-o', 'json'])).stdout) as { revision: string };
    expect(commit.startsWith(status.revision)).toBe(true);
  });

  test('standard input: what another program has rendered', async () => {
    const app = await world.application('stdin');
    const files = ['credentials.yaml', 'pre-sync-migration.yaml'].map((file) => `${EXAMPLES}/seed/basic-hook/${file}`);
    const rendered = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n---\n');

    const args = ['sync', '-', '--app', app.name, '-n', app.name];
    expect(await world.cli(args, { stdin: rendered })).toMatchObject({ code: 0 });

    expect(creations(await app.writes()).length).toBeGreaterThan(0);
  });

  test('that does not render ends with 2, and nothing is done', async () => {
    const app = await world.application('broken-chart');

    const { code, stderr } = await app.sync(`${EXAMPLES}/helm-chart`, '--set', 'replicas=0');

    expect([code, stderr]).toEqual([2, expect.stringContaining('Helm says: ')]);
    expect(await app.writes({ withoutRecord: false })).toEqual([]);
  });
});
