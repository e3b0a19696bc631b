import { randomUUID } from 'node:crypto';
import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseManifests } from '../../core/manifests/parse.ts';
import { stringAt } from '../../core/json.ts';
import { findBinaries } from '../../programs/ladder.ts';
import { createAuthority } from '../../sandbox/cluster/certificates.ts';
import { readSource } from '../../sources/source.ts';
import type { SourceText } from '../../sources/source-text.ts';
import { sourceLab } from './support/folder.ts';
import { startRegistry } from './support/registry.ts';

const run = promisify(execFile);
const EXAMPLE = resolve(import.meta.dirname, '../../examples/helm-chart');
const lab = sourceLab();

/** A chart with these templates. */
function aChart(templates: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
  const files = Object.entries(templates).map(([name, text]) => [`chart/templates/${name}`, text] as const);
  return lab.write({
    'chart/Chart.yaml': 'apiVersion: v2\nname: tiny\nversion: 0.1.0\n',
    ...Object.fromEntries(files),
    ...more,
  });
}

const chart = (): string => join(lab.root(), 'chart');
const aConfigMap = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  value: ${value}\n`;

function objectsOf({ files }: SourceText) {
  const { manifests, failures } = parseManifests(files);
  expect(failures).toEqual([]);
  return manifests.map(({ object, location }) => ({
    object,
    file: location.file,
    name: `${stringAt(object, 'kind') ?? ''}/${stringAt(object, 'metadata', 'name') ?? ''}`,
  }));
}

/** The value that the one ConfigMap of `aConfigMap` has. */
async function valueOf(text: Promise<SourceText>): Promise<string | undefined> {
  return stringAt(objectsOf(await text)[0]?.object, 'data', 'value');
}

describe('a chart', () => {
  it('renders its CRDs first, its resources, and its hooks of Helm and Argo CD with their annotations', async () => {
    const objects = objectsOf(await lab.read(EXAMPLE, { helm: { releaseName: 'store', namespace: 'shop' } }));

    expect(objects[0]?.name).toBe('CustomResourceDefinition/storewindows.shop.example.com');
    const names = objects.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['Deployment/store', 'StoreWindow/store', 'Job/db-migrate-2-3-1']));
    const hook = objects.find(({ name }) => name === 'Job/store-check-database');
    expect(stringAt(hook?.object, 'metadata', 'annotations', 'helm.sh/hook')).toBe('pre-install,pre-upgrade');
    expect(hook?.file).toBe('storefront/templates/hooks/check-database.yaml (rendered)');
  });

  it('renders differently each time where its templates ask for the time or for chance', async () => {
    const token = async (): Promise<string> => {
      const objects = objectsOf(await lab.read(EXAMPLE, { helm: { releaseName: 'store' } }));
      return (
        stringAt(objects.find(({ name }) => name === 'ConfigMap/store-release')?.object, 'data', 'release.json') ?? ''
      );
    };

    const [one, other] = [await token(), await token()];

    expect(JSON.parse(one)).toMatchObject({
      version: '2.3.1',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    });
    expect(one).not.toBe(other);
  });

  it('takes values from files, later ones over earlier ones, and from flags over all', async () => {
    await aChart(
      { 'a.yaml': aConfigMap('"{{ .Values.a }}{{ .Values.b }}{{ .Values.c }}{{ .Values.d }}{{ .Values.e }}"') },
      {
        'chart/values.yaml': 'a: 1\nb: 1\nc: 1\nd: 1\ne: 1\n',
        'two.yaml': 'b: 2\nc: 2\n',
        'three, too.yaml': 'c: 3\n',
        'five.txt': '5',
      },
    );
    const values = ['two.yaml', 'three, too.yaml'].map((file) => join(lab.root(), file));

    const read = lab.read(chart(), { helm: { values, set: ['d=4'], setFile: [`e=${join(lab.root(), 'five.txt')}`] } });

    expect(await valueOf(read)).toBe('12345');
  });

  it('is told release, namespace, the version of Kubernetes and what is served', async () => {
    const told =
      '"{{ .Release.Name }} {{ .Release.Namespace }} {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.APIVersions.Has "a.b/v1/C" }}"';
    await aChart({ 'a.yaml': aConfigMap(told) });

    const read = lab.read(chart(), {
      helm: { releaseName: 'shop', namespace: 'prod', kubeVersion: '1.31.2', apiVersions: ['a.b/v1', 'a.b/v1/C'] },
    });

    expect(await valueOf(read)).toBe('shop prod v1.31.2 true');
  });

  it('is told what its target is and serves, unless it is told a version', async () => {
    await aChart({
      'a.yaml': aConfigMap('"{{ .Capabilities.KubeVersion }} {{ .Capabilities.APIVersions.Has "a.b/v1/C" }}"'),
    });
    const target = async () => ({ kubeVersion: 'v1.29.4', apiVersions: ['a.b/v1', 'a.b/v1/C'] });

    expect(await valueOf(lab.read(chart(), { helm: { target } }))).toBe('v1.29.4 true');
    expect(await valueOf(lab.read(chart(), { helm: { target, kubeVersion: '1.30.0' } }))).toBe('v1.30.0 false');
  });

  it('finds nothing of a cluster, of the environment, and of the user’s plugins and repositories', async () => {
    await aChart({ 'a.yaml': aConfigMap('"{{ lookup "v1" "Namespace" "" "default" | len }}"') });

    expect(await valueOf(lab.read(chart(), { env: { ...process.env, KUBECONFIG: '/nowhere', SECRET: 'x' } }))).toBe(
      '0',
    );
  });

  it('may be packaged, and may carry the charts it depends on', async () => {
    await aChart(
      { 'a.yaml': aConfigMap('{{ .Values.sub.value }}') },
      {
        'chart/Chart.yaml': 'apiVersion: v2\nname: tiny\nversion: 0.1.0\ndependencies: [{name: sub, version: 1.0.0}]\n',
        'chart/charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
        'chart/charts/sub/values.yaml': 'value: from-the-dependency\n',
        'chart/charts/sub/templates/b.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: two\n',
      },
    );
    const { helm } = await findBinaries(['helm']);
    await run(helm, ['package', chart(), '-d', lab.root()], { env: { HOME: lab.root() } });

    const objects = objectsOf(await lab.read(join(lab.root(), 'tiny-0.1.0.tgz')));

    expect(objects.map(({ name }) => name).sort()).toEqual(['ConfigMap/one', 'Service/two']);
    expect(objects.find(({ name }) => name === 'Service/two')?.file).toBe(
      'tiny/charts/sub/templates/b.yaml (rendered)',
    );
  });

  it('may be one of a repository, by name and version', async () => {
    await aChart({ 'a.yaml': aConfigMap('"{{ .Chart.Version }}"') });
    const { helm } = await findBinaries(['helm']);
    const env = { HOME: lab.root() };
    for (const version of ['1.0.0', '2.0.0']) {
      await run(helm, ['package', chart(), '-d', join(lab.root(), 'repository'), '--version', version], { env });
    }
    await run(helm, ['repo', 'index', join(lab.root(), 'repository')], { env });
    const server = createServer((request, response) => {
      readFile(join(lab.root(), 'repository', request.url ?? '')).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const repository = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await valueOf(lab.read('tiny', { helm: { repository } }))).toBe('2.0.0');
      expect(await valueOf(lab.read('tiny', { helm: { repository, version: '1.0.0' } }))).toBe('1.0.0');
      const refused = await lab.refusal('tiny', { helm: { repository, version: '9.9.9' } });
      expect(refused.message).toContain('9.9.9');
      expect(refused.remedy).toContain('version');
    } finally {
      server.close();
    }
  });

  it('may be one of a registry, with the login that Helm keeps', async () => {
    await aChart({ 'a.yaml': aConfigMap('"{{ .Chart.Version }}"') });
    const { helm } = await findBinaries(['helm']);
    const authority = createAuthority('registry of a test');
    const { certificatePem, keyPem } = authority.issue({
      ...{ commonName: 'registry', dnsNames: [], ipAddresses: ['127.0.0.1'] },
    });
    const login = { user: 'reader', password: randomUUID() };
    const registry = await startRegistry({ cert: certificatePem, key: keyPem, login });
    const host = registry.address.slice('oci://'.length);
    const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
    await lab.write({
      'ca.pem': authority.certificatePem,
      'logins.json': JSON.stringify({ auths: { [host]: { auth } } }),
    });
    const env = {
      ...process.env,
      ...{ HOME: lab.root(), SSL_CERT_FILE: join(lab.root(), 'ca.pem') },
      HELM_REGISTRY_CONFIG: join(lab.root(), 'logins.json'),
    };
    try {
      for (const version of ['1.0.0', '2.0.0']) {
        await run(helm, ['package', chart(), '-d', lab.root(), '--version', version], { env });
        await run(helm, ['push', join(lab.root(), `tiny-${version}.tgz`), `${registry.address}/charts`], { env });
      }
      const location = `${registry.address}/charts/tiny`;
      expect(await valueOf(lab.read(location, { env }))).toBe('2.0.0');
      expect(await valueOf(lab.read(location, { env, helm: { version: '1.0.0' } }))).toBe('1.0.0');
      expect(registry.asked.some((asked) => asked.startsWith('GET /v2/charts/tiny/manifests/'))).toBe(true);
      const missing = await lab.refusal(location, { env, helm: { version: '9.9.9' } });
      expect(missing.message).toContain('9.9.9');
      const stranger = await lab.refusal(location, {
        env: { ...env, HELM_REGISTRY_CONFIG: join(lab.root(), 'none.json') },
      });
      expect(stranger.message).toContain('credential');
      expect(stranger.remedy).toContain('helm registry login');
      expect(JSON.stringify([missing, stranger])).not.toContain(login.password);
    } finally {
      await registry.close();
    }
  }, 60_000);
});

describe('a chart that does not render', () => {
  it.each([
    ['a template that can’t be parsed', 'kind: {{ .Values.x }\n', 'tiny/templates/a.yaml:1', 'Helm says'],
    ['a missing value', 'a: 1\nb: {{ .Values.x.y }}\n', 'tiny/templates/a.yaml:2', 'nil pointer'],
    ['a value that is demanded', 'a: {{ required "say x" .Values.x }}\n', 'tiny/templates/a.yaml:1', 'say x'],
    ['what is no YAML', 'a: 1\n b: [\n', 'tiny/templates/a.yaml:2', 'YAML'],
  ])('names file and line: %s', async (_, template, location, words) => {
    await aChart({ 'a.yaml': template });

    const refused = await lab.refusal(chart());

    expect(refused).toMatchObject({ type: 'InvalidManifest', location });
    expect(refused.message).toContain(`${chart()} can't be rendered. Helm says: `);
    expect(refused.message).toContain(words);
    expect(refused.remedy).toBeTruthy();
  });

  it('names a values file that is not there', async () => {
    await aChart({ 'a.yaml': aConfigMap('x') });

    expect((await lab.refusal(chart(), { helm: { values: ['gone.yaml'] } })).message).toContain('--values gone.yaml');
    expect((await lab.refusal(chart(), { helm: { setFile: ['a=gone.txt'] } })).message).toContain(
      '--set-file gone.txt',
    );
  });

  it('tells how to get the charts it depends on and has not', async () => {
    await aChart(
      { 'a.yaml': aConfigMap('x') },
      {
        'chart/Chart.yaml':
          'apiVersion: v2\nname: tiny\nversion: 0.1.0\ndependencies: [{name: redis, version: 1.0.0, repository: "https://charts.example.com"}]\n',
      },
    );

    const refused = await lab.refusal(chart());

    expect(refused.message).toContain('redis');
    expect(refused.remedy).toContain('helm dependency build');
  });

  it('is refused by its schema, and for the version of Kubernetes it does not support', async () => {
    expect((await lab.refusal(EXAMPLE, { helm: { set: ['replicas=0'] } })).message).toContain('replicas');
    expect((await lab.refusal(EXAMPLE, { helm: { kubeVersion: '1.19.0' } })).remedy).toContain('--kube-version');
  });

  it('that renders to nothing is refused', async () => {
    await aChart({ 'a.yaml': '{{ if .Values.on }}kind: x{{ end }}\n' });

    expect((await lab.refusal(chart())).message).toContain('renders to nothing');
  });

  it('that never ends is stopped at the time limit', async () => {
    await aChart({ 'a.yaml': 'a: {{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}\n' });

    const refused = await lab.refusal(chart(), { timeoutMs: 1000 });

    expect(refused).toMatchObject({ type: 'InvalidRequest', message: `${chart()} was not rendered within 1 s.` });
  });

  it('is let go of when it is aborted', async () => {
    await aChart({ 'a.yaml': 'a: {{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}\n' });
    const stop = new AbortController();

    const reading = readSource(chart(), stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 300);

    await expect(reading).rejects.toThrow('enough');
  });

  it('is let go of at Ctrl-C by the command, which leaves nothing behind', async () => {
    await aChart({ 'a.yaml': 'a: {{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}\n' });
    const main = resolve(import.meta.dirname, '../../cli/main.ts');
    const running = spawn(process.execPath, [main, 'plan', chart()], { stdio: 'ignore' });
    const scratch = (): Promise<readonly string[]> => readdir(process.env['TMPDIR'] ?? '');
    await expect.poll(scratch).not.toEqual([]);

    running.kill('SIGINT');

    expect(await once(running, 'exit')).toEqual([130, null]);
    expect(await scratch()).toEqual([]);
  });

  it('with a hundred megabytes of templates is refused', async () => {
    const text = `kind: ConfigMap\ndata:\n${`  k: ${'x'.repeat(1020)}\n`.repeat(4 * 1024)}`;
    await aChart(Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`${at}.yaml`, text])));

    expect((await lab.refusal(chart())).type).toBe('InvalidManifest');
  });

  it('whose output is larger than a source may be is stopped, and one with twenty megabytes is read', async () => {
    const megabytes =
      '{{ range until (int .Values.count) }}\n---\nkind: ConfigMap\nv: {{ repeat 1048576 "x" }}\n{{ end }}\n';
    await aChart({ 'a.yaml': megabytes });

    expect((await lab.read(chart(), { helm: { set: ['count=20'] } })).files[0]?.text.length).toBeGreaterThan(
      20 * 1024 * 1024,
    );
    expect((await lab.refusal(chart(), { helm: { set: ['count=27'] } })).message).toContain('25 MiB');
  });

  it('whose templates take memory without end is stopped long before its time is over', async () => {
    await aChart({
      'a.yaml': '{{ $all := list }}{{ range until 100000 }}{{ $all = append $all (repeat 10485760 "x") }}{{ end }}\n',
    });

    const refused = await lab.refusal(chart());

    expect(refused).toMatchObject({
      type: 'InvalidManifest',
      message: `${chart()} can't be read: rendering it takes more than 1 GiB of memory.`,
    });
  });

  it('whose link leaves its folder is refused', async () => {
    await lab.write({ 'secret.yaml': 'password: x\n' });
    await aChart({ 'a.yaml': aConfigMap('x') });
    await symlink('../../secret.yaml', join(chart(), 'templates/link.yaml'));

    const refused = await lab.refusal(chart());

    expect(refused.message).toContain(`${chart()}/templates/link.yaml can't be read: it leads out of`);
  });
});
