import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'syncline-cli-'))));
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command as a process of its own, away from any Temporal or cluster. */
function syncline(
  args: readonly string[],
  { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
    const surroundings = { PATH, NODE_COMPILE_CACHE, HOME: folder, ...env };
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: surroundings, cwd: folder },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
    child.stdin?.end(stdin);
  });
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

describe('syncline plan', () => {
  test('answers phases and waves as JSON without a cluster', async () => {
    const ran = await syncline(['plan', await file('a.yaml', CONFIG_MAP), '-n', 'shop', '-o', 'json']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const step = { action: 'apply', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' };
    expect(JSON.parse(ran.stdout)).toEqual({
      version: 1,
      phases: [{ phase: 'Sync', waves: [{ wave: 0, steps: [step] }] }],
      skipped: [],
    });
  });

  test('plans the part that is selected, and lists the rest', async () => {
    const path = await file('two.yaml', `${CONFIG_MAP}---\n${CONFIG_MAP.replace('name: a', 'name: b')}`);
    const ran = await syncline(['plan', path, '--resource', ':ConfigMap:a', '-o', 'json']);
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('1 of 2 resources') as string });
    const { phases, skipped } = JSON.parse(ran.stdout) as Record<'phases' | 'skipped', unknown>;
    expect(phases).toMatchObject([{ waves: [{ steps: [{ name: 'a' }] }] }]);
    expect(skipped).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: null, name: 'b', reason: 'not selected' },
    ]);
  });

  test('ends with 2 for a selection that selects nothing, and names what is near', async () => {
    const ran = await syncline(['plan', await file('a.yaml', CONFIG_MAP), '--resource', ':ConfigMap:aa']);
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(':ConfigMap:a\n') as string });
  });

  test('reads standard input', async () => {
    const ran = await syncline(['plan', '-'], { stdin: CONFIG_MAP });
    expect(ran.stdout).toContain('ConfigMap/a');
  });

  test('ends with 2 and file and line for invalid manifests, and prints no plan', async () => {
    const path = await file('bad.yaml', `${CONFIG_MAP}---\nkind: ConfigMap\nmetadata: {name: b}\n`);
    const ran = await syncline(['plan', path]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('bad.yaml:5: ');
  });

  test('refuses a misspelled hook, unless it is told to be lenient', async () => {
    const path = await file(
      'typo.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {argocd.argoproj.io/hook: PreSynk}}\n',
    );
    expect(await syncline(['plan', path])).toMatchObject({ code: 2 });
    const lenient = await syncline(['plan', path, '--lenient', '-o', 'json']);
    expect(lenient.code).toBe(0);
    expect(lenient.stderr).toContain('PreSynk');
  });
});

describe('syncline health', () => {
  test('answers an array in the order of the file, also for one object, lists and repeated objects', async () => {
    const job =
      '{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},"status":{"conditions":[{"type":"Failed","status":"True","message":"no"}]}}';
    const path = await file(
      'live.json',
      `{"apiVersion":"v1","kind":"List","items":[${job},{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}},${job}]}`,
    );
    const ran = await syncline(['health', '-f', path, '-o', 'json']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const answers = JSON.parse(ran.stdout) as readonly { readonly name: string; readonly status: string }[];
    expect(answers.map(({ name, status }) => [name, status])).toEqual([
      ['j', 'Degraded'],
      ['c', 'Healthy'],
      ['j', 'Degraded'],
    ]);
    expect(Object.keys(answers[0]!)).toEqual(['apiVersion', 'kind', 'name', 'status', 'message']);
  });

  test('asks checks of an Argo CD’s kind, also for what they say nothing of, and tells of broken ones [argo 4.Lua-nil]', async () => {
    await mkdir(join(folder, 'checks/a.io/Thing'), { recursive: true });
    await mkdir(join(folder, 'checks/a.io/Broken'), { recursive: true });
    await file(
      'checks/a.io/Thing/health.lua',
      'if obj.spec.size > 1 then return { status = "Degraded", message = "size " .. obj.spec.size } end',
    );
    await file('checks/a.io/Broken/health.lua', 'return = 1');
    const live = [
      'apiVersion: a.io/v1\nkind: Thing\nmetadata: {name: big}\nspec: {size: 2}\n',
      'apiVersion: a.io/v1\nkind: Thing\nmetadata: {name: small}\nspec: {size: 1}\n',
      'apiVersion: a.io/v1\nkind: Broken\nmetadata: {name: b}\n',
    ];
    const path = await file('things.yaml', live.join('---\n'));
    const env = { SYNCLINE_HEALTH_CHECKS: join(folder, 'checks') };
    const ran = await syncline(['health', '-f', path, '-o', 'json'], { env });
    const answers = JSON.parse(ran.stdout) as readonly { readonly status: string; readonly message: string }[];
    expect(answers).toMatchObject([
      { name: 'big', status: 'Degraded', message: 'size 2' },
      { name: 'small', status: '' },
      { name: 'b', status: 'Unknown' },
    ]);
    expect(ran.stderr).toContain('a.io/Broken/health.lua, line 1');
    expect(await syncline(['health', '-f', path, '--checks', 'configmap:x'])).toMatchObject({ code: 2, stdout: '' });
    expect(await syncline(['health', '-f', path, '--checks', 'nowhere'])).toMatchObject({ code: 2, stdout: '' });
  }, 30_000);

  test('ends with 2 for what is no object', async () => {
    expect(await syncline(['health', '-f', await file('text.yaml', 'just text\n')])).toMatchObject({
      code: 2,
      stdout: '',
    });
  });
});

describe('wrong usage ends with 2 and says what is wrong on standard error', () => {
  test.each([
    [['bogus'], 'unknown command'],
    [['plan'], "missing required argument 'source'"],
    [['sync', '.'], 'no application is named for it'],
    [['diff'], 'nothing is named that could be compared'],
    [['sync', '.', '--app', 'x', '--timeout', 'soon'], 'Give a duration'],
    [['sync', '.', '--app', 'x', '--max-prune', '-1'], 'whole number'],
    [['sync', '.', '--app', 'Not_A_Name'], 'no name for an application'],
    [['sync', '.', '--app', 'x', '-n', 'A'], 'no name for a namespace'],
    [['plan', '.', '--only-hooks', '--skip-hooks'], "cannot be used with option '--skip-hooks'"],
    [['plan', '.', '-o', 'yaml'], 'Allowed choices are text, json'],
    [['plan', 'no-such-folder'], 'no such file or folder'],
    [['worker', '--cluster', '=x'], 'NAME=CONTEXT'],
    [['worker'], 'SYNCLINE_BUNDLES'],
  ])('syncline %j', async (args, words) => {
    const ran = await syncline(args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain(words);
  });
});

describe('where nobody answers', { timeout: 20_000 }, () => {
  const nowhere = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
  test.each([[['status', 'shop']], [['abort', 'shop']]])(
    'syncline %j ends with 4 and names the address',
    async (args) => {
      const ran = await syncline(args, { env: nowhere });
      expect(ran).toMatchObject({ code: 4, stdout: '' });
      expect(ran.stderr).toContain('cannot reach Temporal at 127.0.0.1:1');
      expect(ran.stderr).not.toContain('    at ');
    },
  );

  test('a sync shows its plan and ends with 4', async () => {
    const ran = await syncline(['sync', await file('a.yaml', CONFIG_MAP), '--app', 'shop'], { env: nowhere });
    expect(ran.code).toBe(4);
    expect(ran.stdout).toContain('ConfigMap/a');
    expect(ran.stderr).toContain('syncline dev');
  });
});

test('help and version end with 0', async () => {
  expect(await syncline(['--help'])).toMatchObject({ code: 0, stderr: '' });
  expect((await syncline(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
