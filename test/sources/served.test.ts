import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApplicationDefinition } from '../../core/application/application.ts';
import { fakeClient } from '../fakes/syncline-client.ts';
import { openApiLab } from '../unit/api/lab.ts';
import type { GitServer } from './support/repository.ts';
import { commitAll, makeRepository, serveRepositories } from './support/repository.ts';

let root = '';
let commit = '';
let repositories: GitServer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'syncline-served-'));
  const { work } = await makeRepository(root);
  await writeFile(join(work, 'a.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
  commit = await commitAll(work, 'one');
  repositories = await serveRepositories(root);
});
afterAll(async () => {
  repositories.close();
  await rm(root, { recursive: true });
});

/** A server that reads from the repositories, and what the application `shop` is kept as. */
async function serving(change: Partial<ApplicationDefinition> = {}) {
  const location = `git+${repositories.address}/repo.git`;
  const definition: ApplicationDefinition = {
    ...{ version: 1, application: 'shop', namespace: 'shop', createNamespace: true },
    ...{ source: { location }, options: { prune: true, timeoutMs: 1_000 } },
    ...change,
  };
  const client = fakeClient();
  const kept = fakeClient({ applications: { ...client.applications, get: async () => definition } });
  return openApiLab({ client: kept, sources: [`git+${repositories.address}/*`], env: process.env });
}

const APPLICATION = '/v1/clusters/prod/applications/shop';

test('a server syncs what is kept at the commit it finds, with what the order says before what is kept', async () => {
  const lab = await serving();
  const payload = { kept: true, options: { timeoutMs: 2_000 } };
  const answer = await lab.send({ method: 'POST', url: `${APPLICATION}/syncs`, payload });
  expect([answer.statusCode, lab.client.asked.at(-1)]).toMatchObject([
    202,
    {
      verb: 'sync',
      order: {
        ...{
          namespace: 'shop',
          createNamespace: true,
          revision: expect.stringContaining(commit.slice(0, 7)) as string,
        },
        ...{ options: { prune: true, timeoutMs: 2_000 }, requestedBy: 'the-admin' },
        manifests: [{ object: { metadata: { name: 'a' } }, location: { file: 'a.yaml', line: 1 } }],
      },
    },
  ]);
});

test('a server plans and compares what is kept', async () => {
  const lab = await serving();
  const plan = await lab.send({ method: 'POST', url: `${APPLICATION}/plan`, payload: { kept: true } });
  expect(plan.json()).toMatchObject({ phases: [{ phase: 'Sync', waves: [{ steps: [{ name: 'a' }] }] }] });
  const compared = await lab.send({ method: 'POST', url: `${APPLICATION}/diff`, payload: { kept: true } });
  expect(compared.statusCode).toBe(200);
  expect(lab.client.asked.at(-1)).toMatchObject({ verb: 'diff', order: { manifests: [{}], options: { prune: true } } });
});

test('a server loads nothing from elsewhere for an overlay that is kept with leave to do so', async () => {
  const source = { location: `git+${repositories.address}/repo.git`, kustomize: { allowRemote: true } };
  const lab = await serving({ source });
  const answer = await lab.send({ method: 'POST', url: `${APPLICATION}/syncs`, payload: { kept: true } });
  expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
    422,
    expect.stringContaining('leave to load what is elsewhere'),
  ]);
  expect(lab.client.asked).toEqual([]);
});
