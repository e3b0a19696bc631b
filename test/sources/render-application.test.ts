import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderApplication } from '../../activities/triggers/render-application.ts';
import { SynclineError } from '../../core/failures.ts';
import { atCommit } from '../../sources/application-source.ts';
import { activityRuntime } from '../support/runtime.ts';
import type { GitServer } from './support/repository.ts';
import { commitAll, makeRepository, serveRepositories } from './support/repository.ts';

let root: string;
let server: GitServer;
let commits: readonly string[];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'syncline-render-application-'));
  const { work } = await makeRepository(root);
  await mkdir(join(work, 'deploy'));
  const change = async (name: string): Promise<string> => {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    await writeFile(join(work, 'deploy/a.json'), JSON.stringify(manifest));
    return commitAll(work, name);
  };
  commits = [await change('one'), await change('two')];
  server = await serveRepositories(root);
});
afterAll(async () => {
  server.close();
  await rm(root, { recursive: true });
});

/** Renders the application of the test at a commit, so many ms after it was asked for. */
async function render(commit: string, afterMs = 0) {
  const source = { location: `git+${server.address}/repo.git//deploy?ref=main` };
  const definition = { version: 1, application: 'shop', namespace: 'shop', source } as const;
  const env = { ...process.env, XDG_CACHE_HOME: join(root, 'cache') };
  const rendering = { allowed: ['http://127.0.0.1:*'], env };
  const cluster = { capabilities: () => Promise.reject(new Error('no chart asks for it')) };
  const runtime = activityRuntime({ scheduledAt: Date.now() - afterMs });
  return renderApplication(definition, atCommit(source, commit), cluster, rendering, runtime);
}

describe('a worker renders an application', () => {
  test('at the commit of a push, although its branch has moved on', async () => {
    const { manifests, revision } = await render(commits[0]!);
    expect(revision).toBe(commits[0]);
    expect(manifests.map(({ object }) => object['metadata'])).toEqual([{ name: 'one' }]);
  });

  test('once more, by Temporal, where the repository does not have the commit yet; after two minutes that is the answer', async () => {
    const missing = 'c0ffee'.padEnd(40, '0');
    const early = await render(missing).catch((error: unknown) => error);
    expect([early instanceof Error, early instanceof SynclineError]).toEqual([true, false]);
    await expect(render(missing, 121_000)).rejects.toBeInstanceOf(SynclineError);
  });
});
