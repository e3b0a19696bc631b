import { symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringAt } from '../../core/json.ts';
import { parseManifests } from '../../core/manifests/parse.ts';
import { sourceLab } from './support/folder.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/kustomize/overlays/production');
const lab = sourceLab();
const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n';

/** Writes kustomizations by their folders, and answers the folder of the first. */
async function kustomizations(texts: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
  const files = Object.entries(texts).map(([folder, text]) => [`${folder}/kustomization.yaml`, text] as const);
  await lab.write({ ...Object.fromEntries(files), ...more });
  return join(lab.root(), Object.keys(texts)[0] ?? '');
}

describe('an overlay', () => {
  it('is built with its bases, components, generators and patches', async () => {
    const { files } = await lab.read(EXAMPLE);
    const { manifests, failures } = parseManifests(files);

    expect(failures).toEqual([]);
    const names = manifests.map(
      ({ object }) => `${stringAt(object, 'kind') ?? ''}/${stringAt(object, 'metadata', 'name') ?? ''}`,
    );
    expect(names.map((name) => name.replace(/settings-.*/, 'settings')).sort()).toEqual([
      'ConfigMap/production-settings',
      'Deployment/production-guestbook',
      'Job/production-backup',
      'Job/production-migrate',
      'Service/production-guestbook',
    ]);
    expect(files.map(({ file }) => file)).toEqual([`${EXAMPLE} (rendered)`]);
  });

  it('that does not build is refused with Kustomize’s words', async () => {
    const folder = await kustomizations({ overlay: 'resources: [gone.yaml]\n' });

    const refused = await lab.refusal(folder);

    expect(refused).toMatchObject({ type: 'InvalidManifest' });
    expect(refused.message).toContain("can't be rendered. Kustomize says: ");
    expect(refused.message).toContain('gone.yaml');
    expect(refused.remedy).toContain('kustomize build');
  });

  it('whose kustomization is no YAML is refused with file and line', async () => {
    const folder = await kustomizations({ overlay: 'resources:\n  - a\n - b: [\n' });

    expect((await lab.refusal(folder)).location).toMatch(/overlay\/kustomization\.yaml:\d+$/);
  });

  it('that builds to nothing is refused', async () => {
    const folder = await kustomizations({ overlay: 'namePrefix: x-\n' });

    expect((await lab.refusal(folder)).message).toMatch(/builds to nothing|is empty/);
  });

  it.each([
    [
      'helmCharts:\n  - name: redis\n    repo: https://charts.example.com\n    version: 1.0.0\n',
      'Sync the chart by itself',
    ],
    ['generators: [function.yaml]\n', 'plugins and functions'],
  ])('that would run a program is refused: %j', async (text, remedy) => {
    const folder = await kustomizations(
      { overlay: text },
      {
        'overlay/function.yaml':
          'apiVersion: v1\nkind: Anything\nmetadata:\n  name: f\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: /bin/true}\n',
      },
    );

    expect((await lab.refusal(folder)).remedy).toContain(remedy);
  });
});

describe('what an overlay loads from elsewhere', () => {
  it.each([
    'resources: ["https://example.com/a.yaml"]',
    'resources: ["HTTPS://example.com/a.yaml"]',
    'resources: ["github.com/org/repo//base?ref=v1"]',
    'bases: ["git@github.com:org/repo.git"]',
    'components: ["ssh://git@example.com/repo.git"]',
    'resources: ["file:///srv/repo"]',
    'resources: ["git::https://example.com/repo"]',
    'patches: [{path: "https://example.com/p.yaml"}]',
    'patchesStrategicMerge: ["https://example.com/p.yaml"]',
    'configMapGenerator: [{name: a, files: ["key=https://example.com/p.yaml"]}]',
    'secretGenerator: [{name: a, envs: ["https://example.com/e"]}]',
    'openapi: {path: "https://example.com/o.json"}',
    'crds: ["https://example.com/c.json"]',
    'transformers: ["https://example.com/t.yaml"]',
  ])('is refused unless it is allowed: %s', async (text) => {
    const folder = await kustomizations({ overlay: `${text}\n` });

    const refused = await lab.refusal(folder);

    expect(refused).toMatchObject({ type: 'InvalidRequest' });
    expect(refused.message).toContain(`${folder}/kustomization.yaml loads`);
    expect(refused.remedy).toContain('--allow-remote');
  });

  it('is found in a base of a base, and never with its credentials in the message', async () => {
    const folder = await kustomizations({
      overlay: 'resources: [../middle]\n',
      middle: 'resources: [../base]\n',
      base: 'resources: ["https://user:secret@example.com/a.yaml"]\n',
    });

    const { message } = await lab.refusal(folder);

    expect(message).toContain('base/kustomization.yaml loads https://example.com/a.yaml');
    expect(message).not.toContain('secret');
  });

  it('is fetched where it is allowed', async () => {
    const server = createServer((_, response) => response.end(CONFIG_MAP)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.yaml`;
      const folder = await kustomizations({ overlay: `resources: ["${address}"]\n` });

      const { files } = await lab.read(folder, { kustomize: { allowRemote: true } });

      expect(files[0]?.text).toContain('name: one');
    } finally {
      server.close();
    }
  });
});

describe('what an overlay loads from outside of its repository', () => {
  it.each([
    ['a base', 'resources: [../../outside]\n'],
    ['a base by its whole path', 'resources: [OUTSIDE]\n'],
    ['a base behind a link', 'resources: [link]\n'],
  ])('is refused: %s', async (_, text) => {
    const overlay = text.replace('OUTSIDE', join(lab.root(), 'outside'));
    const folder = await kustomizations(
      { 'repository/overlay': overlay, outside: 'resources: [a.yaml]\n' },
      { 'outside/a.yaml': CONFIG_MAP, 'repository/.git/HEAD': '' },
    );
    await symlink('../../outside', join(folder, 'link'));

    expect((await lab.refusal(folder)).message).toContain('it leads out of the repository');
  });

  it('is refused by Kustomize itself where a file lies outside of its kustomization', async () => {
    const folder = await kustomizations({ overlay: 'resources: [../secret.yaml]\n' }, { 'secret.yaml': CONFIG_MAP });

    const refused = await lab.refusal(folder);

    expect(refused.message).toContain('is not in or below');
    expect(refused.remedy).toContain('Move the file');
  });
});
