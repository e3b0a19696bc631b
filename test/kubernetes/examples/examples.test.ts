import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseManifests } from '../../../core/manifests/parse.ts';
import { objectAt, stringAt } from '../../../core/json.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { loadCluster } from '../../../kubernetes/kubeconfig.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { readSource } from '../../../sources/source.ts';

const never = new AbortController().signal;
const EXAMPLES = resolve(import.meta.dirname, '../../../examples');
const seed = await readdir(join(EXAMPLES, 'seed'), { withFileTypes: true });
const folders = ['shop', ...seed.filter((entry) => entry.isDirectory()).map(({ name }) => `seed/${name}`)];
let sandbox: Sandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await startSandbox({ temporal: false });
  cluster = await loadCluster({ name: 'sandbox', kubeconfigPath: sandbox.kubeconfigPath });
});
afterAll(async () => {
  await cluster.close();
  await sandbox.stop();
});

it.each(folders)('examples/%s is valid for the API server, without unknown fields', async (folder) => {
  const { files } = await readSource(join(EXAMPLES, folder), never);
  const { manifests } = parseManifests(files, { namespace: 'default' });
  for (const { object } of manifests) {
    const name = stringAt(object, 'metadata', 'name') ?? 'generated';
    const metadata = { ...objectAt(object, 'metadata'), name, namespace: 'default', generateName: undefined };
    const applied = await cluster.apply({ ...object, metadata }, { fieldManager: 'test', dryRun: true }, never);
    expect(stringAt(applied, 'metadata', 'name')).toBe(name);
  }
  expect(manifests.length).toBeGreaterThan(0);
});
