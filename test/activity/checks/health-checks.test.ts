import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseCheckSource } from '../../../checks/check-source.ts';
import type { HealthChecks } from '../../../checks/health-checks.ts';
import { openHealthChecks } from '../../../checks/health-checks.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { ApiError, ConnectionError } from '../../../kubernetes/errors.ts';

const { signal } = new AbortController();
const thing = (kind: string, more: KubernetesObject = {}): KubernetesObject => ({
  apiVersion: 'a.io/v1',
  kind,
  metadata: { name: 'web' },
  ...more,
});
const says = (message: string) => `return { status = "Healthy", message = "${message}" }`;
const HEALTH = 'resource.customizations.health.';

let folder: string;
let warnings: string[];
let opened: HealthChecks | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-checks-'));
  warnings = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  await opened?.close();
  opened = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function open(...places: readonly string[]): Promise<HealthChecks> {
  opened = await openHealthChecks(places.map(parseCheckSource), (warning) => warnings.push(warning), signal);
  return opened;
}

/** A cluster that holds one ConfigMap, or fails. */
function aCluster(answer: () => KubernetesObject | undefined) {
  return { name: 'default', get: vi.fn(async () => answer()) };
}

function aConfigMap(version: number, data: Readonly<Record<string, string>>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm', resourceVersion: String(version) },
    data,
  };
}

describe('the checks of a folder', () => {
  it('are those of group and kind, with _ for any text, and of a kind of the core group [argo 4.Lua-wildcard]', async () => {
    await write('a.io/Thing/health.lua', says('exact'));
    await write('_.b.io/_/health.lua', says('wild'));
    await write('_.b.io/_/actions/discovery.lua', 'not ( health');
    await write('Pod/health.lua', says('pod'));
    await write('README.md', 'text');
    const health = await (await open(folder)).of(undefined, signal);
    expect(await health.healthOf(thing('Thing'), signal)).toEqual({ status: 'Healthy', message: 'exact' });
    expect(await health.healthOf(thing('X', { apiVersion: 'x.b.io/v2' }), signal)).toMatchObject({ message: 'wild' });
    expect(await health.healthOf(thing('Pod', { apiVersion: 'v1' }), signal)).toMatchObject({ message: 'pod' });
    expect(await health.healthOf(thing('Other'), signal)).toBeUndefined();
    expect(health.has('a.io/v1', 'Thing')).toBe(true);
    expect(health.has('a.io/v1', 'Other')).toBe(false);
    expect(warnings).toEqual([]);
  });

  it('tell of a script that can’t be read, with its place, and go on with the others', async () => {
    await write('a.io/Broken/health.lua', 'local hs = {\nreturn = 1');
    await write('a.io/Thing/health.lua', says('fine'));
    const health = await (await open(folder)).of(undefined, signal);
    const place = `${join(folder, 'a.io/Broken/health.lua')}, line 2`;
    expect(warnings).toEqual([expect.stringContaining(place)]);
    expect(await health.healthOf(thing('Thing'), signal)).toMatchObject({ message: 'fine' });
    expect(await health.healthOf(thing('Broken'), signal)).toMatchObject({
      status: 'Unknown',
      message: expect.stringContaining(place) as string,
    });
  });

  it('may also stand in a file with a ConfigMap', async () => {
    const code = `return { status = "Fine" }`;
    await write('cm.yaml', `apiVersion: v1\nkind: ConfigMap\ndata:\n  ${HEALTH}a.io_Thing: ${code}\n`);
    const health = await (await open(join(folder, 'cm.yaml'))).of(undefined, signal);
    expect(await health.healthOf(thing('Thing'), signal)).toMatchObject({ status: 'Unknown' });
  });

  it.each([
    ['nowhere', 'there is no such folder'],
    ['empty', 'holds no health checks'],
    ['secret.yaml', 'holds no ConfigMap'],
  ])('of %s are refused: %s', async (name, message) => {
    await mkdir(join(folder, 'empty'));
    await write('secret.yaml', 'apiVersion: v1\nkind: Secret\n');
    await expect(open(join(folder, name))).rejects.toThrow(message);
  });

  it.each(['configmap:a', 'configmap:a/b/c', 'configmap:', ''])('can’t be at "%s"', (place) => {
    expect(() => parseCheckSource(place)).toThrow();
  });
});

describe('what a script is given and what is made of it', () => {
  it('is a Secret without its values', async () => {
    const dump = `
local hs = { status = "Healthy", message = "" }
local function walk(value)
  for key, item in pairs(value) do
    if type(item) == "table" then walk(item) else hs.message = hs.message .. key .. "=" .. item .. " " end
  end
end
walk(obj)
return hs`;
    await write('Secret/health.lua', dump);
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"password":"aHVudGVyMg=="}}' };
    const data = { password: 'aHVudGVyMg==' };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', annotations },
      data,
      stringData: { a: 'hunter2' },
    };
    const health = await (await open(folder)).of(undefined, signal);
    const message = (await health.healthOf(secret, signal))?.message ?? '';
    expect(message).toContain('password=++++++++');
    expect(message).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  it('is asked once of an object as it stands, and each time where the script asks for the time', async () => {
    await write('a.io/Thing/health.lua', says('x'));
    await write('a.io/Clock/health.lua', `return { status = "Healthy", message = os.time() .. "" }`);
    const health = await (await open(folder)).of(undefined, signal);
    const object = thing('Thing');
    expect(await health.healthOf(object, signal)).toBe(await health.healthOf(object, signal));
    const clock = thing('Clock');
    expect(await health.healthOf(clock, signal)).not.toBe(await health.healthOf(clock, signal));
  });

  it('has the status of nothing where it says nothing [argo 4.Lua-nil]', async () => {
    await write('a.io/Thing/health.lua', 'return nil');
    const health = await (await open(folder)).of(undefined, signal);
    expect(await health.healthOf(thing('Thing'), signal)).toMatchObject({ status: '' });
  });

  it('does not hold a wave up: a message is cut, not passed on in full', async () => {
    await write('a.io/Thing/health.lua', 'return { status = "Healthy", message = ("x"):rep(100000) }');
    const health = await (await open(folder)).of(undefined, signal);
    expect((await health.healthOf(thing('Thing'), signal))?.message).toHaveLength(1_000);
  });
});

describe('the checks of a ConfigMap in the cluster [argo 4.Lua]', () => {
  const place = 'configmap:argocd/argocd-cm';
  let now = 0;
  beforeEach(() => {
    now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });

  it('are read again once they are some seconds old, and come before a later source', async () => {
    await write('a.io/Thing/health.lua', says('folder'));
    let live: KubernetesObject | undefined = aConfigMap(1, { [`${HEALTH}a.io_Thing`]: says('first') });
    const cluster = aCluster(() => live);
    const health = await (await open(place, folder)).of(cluster, signal);
    const said = async () => (await health.healthOf(thing('Thing'), signal))?.message;
    expect(await said()).toBe('first');
    live = aConfigMap(2, { [`${HEALTH}a.io_Thing`]: says('second') });
    expect(await said()).toBe('first');
    now += 11_000;
    expect(await said()).toBe('second');
    live = undefined;
    now += 11_000;
    expect(await said()).toBe('folder');
    expect(warnings).toEqual([expect.stringContaining('ConfigMap argocd/argocd-cm of cluster default')]);
    expect(cluster.get).toHaveBeenCalledTimes(3);
  });

  it('name their key when they fail', async () => {
    const cluster = aCluster(() => aConfigMap(1, { [`${HEALTH}a.io_Thing`]: '\nreturn obj.status.phase' }));
    const health = await (await open(place)).of(cluster, signal);
    const message = `its health check fails (ConfigMap argocd/argocd-cm, key ${HEALTH}a.io_Thing, line 2): attempt to index a nil value (field 'status')`;
    expect(await health.healthOf(thing('Thing'), signal)).toEqual({ status: 'Unknown', message });
  });

  it('are none, and said so once, where it may not be read', async () => {
    const refused = new ApiError('not you', {
      code: 403,
      reason: 'Forbidden',
      causes: [],
      retryAfterSeconds: undefined,
    });
    const cluster = aCluster(() => {
      throw refused;
    });
    const health = await (await open(place)).of(cluster, signal);
    now += 11_000;
    expect(await health.healthOf(thing('Thing'), signal)).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('not you')]);
  });

  it('count on while the API server does not answer, but are needed once', async () => {
    let fails = true;
    const cluster = aCluster(() => {
      if (fails) throw new ConnectionError('gone');
      return aConfigMap(1, { [`${HEALTH}a.io_Thing`]: says('known') });
    });
    const checks = await open(place);
    await expect(checks.of(cluster, signal)).rejects.toThrow('gone');
    fails = false;
    const health = await checks.of(cluster, signal);
    fails = true;
    now += 11_000;
    expect(await health.healthOf(thing('Thing'), signal)).toMatchObject({ message: 'known' });
  });
});
