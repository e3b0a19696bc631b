import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = process.cwd();

/** The package as users get it: packed, and installed into an empty folder. */
describe('the packed package', () => {
  let folder: string;
  let packed: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syncline-package-'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
    // The build of `prepack` may print before the JSON.
    const listed = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as readonly { readonly filename: string }[];
    packed = join(folder, listed[0]?.filename ?? '');
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
    await run('npm', ['install', '--no-audit', '--no-fund', packed], { cwd: folder });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('passes publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: join(folder, 'node_modules/syncline'), strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('gives a working command', async () => {
    const command = join(folder, 'node_modules/.bin/syncline');
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect((await run(process.execPath, [command, '--version'])).stdout.trim()).toBe(version);
    const shop = join(folder, 'node_modules/syncline/examples/shop');
    const { stdout } = await run(process.execPath, [command, 'plan', shop, '-n', 'shop', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, phases: [{ phase: 'PreSync' }, {}, {}, {}] });
  });

  it('runs health checks in Lua, in the thread that came with it', async () => {
    const checks = join(folder, 'checks/a.io/Thing');
    await mkdir(checks, { recursive: true });
    await writeFile(
      join(checks, 'health.lua'),
      'return { status = "Suspended", message = obj.metadata.name .. 2 / 2 }',
    );
    await writeFile(join(folder, 'live.yaml'), 'apiVersion: a.io/v1\nkind: Thing\nmetadata: { name: web }\n');
    const command = join(folder, 'node_modules/.bin/syncline');
    const args = ['health', '-f', 'live.yaml', '--checks', 'checks', '-o', 'json'];
    const { stdout } = await run(process.execPath, [command, ...args], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject([{ status: 'Suspended', message: 'web1' }]);
  });

  it('holds the workflow bundle that its worker loads', async () => {
    const bundle = await readFile(join(folder, 'node_modules/syncline/dist/workflow-bundle.js'), 'utf8');
    expect(bundle).toContain('syncApplication');
    expect(bundle).toContain('runPhase');
  });

  it('gives typed imports', async () => {
    await writeFile(
      join(folder, 'user.ts'),
      `import { connect, parseManifests, type SyncResult } from 'syncline';
export async function deploy(text: string): Promise<SyncResult> {
  const { manifests } = parseManifests([{ file: 'a.yaml', text }]);
  const client = await connect();
  const order = { manifests, application: 'shop', cluster: 'default', namespace: 'shop', requestedBy: 'me' };
  return (await client.sync(order)).result();
}
// @ts-expect-error an order needs a cluster
export const wrong = (client: Awaited<ReturnType<typeof connect>>) => client.sync({ application: 'shop' });
`,
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', '--types', 'node'];
    const roots = ['--typeRoots', join(ROOT, 'node_modules/@types')];
    const { stdout } = await run(
      process.execPath,
      [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, ...roots, 'user.ts'],
      {
        cwd: folder,
      },
    );
    expect(stdout).toBe('');
  });

  it('runs as an ES module', async () => {
    const script = `import { connect, parseManifests } from 'syncline';
const { failures } = parseManifests([{ file: 'a.yaml', text: 'kind: ConfigMap' }]);
console.log(typeof connect, failures.length > 0);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder });
    expect(stdout.trim()).toBe('function true');
  });
});
