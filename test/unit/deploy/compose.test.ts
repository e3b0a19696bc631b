import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | { readonly source: string })[];
  readonly restart?: string;
}

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const text = read('docker-compose.yml');
const compose = parse(text) as { readonly services: Readonly<Record<string, Service>>; readonly volumes: object };
const services = Object.entries(compose.services);
const example = new Map(
  [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
);

describe('docker-compose.yml', () => {
  it('is valid by the Compose Specification', () => {
    const schema = JSON.parse(read('test/fixtures/compose-spec/compose-spec.json')) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

    validate(compose);

    expect(validate.errors).toBeNull();
  });

  it('is checked by that schema indeed: a misspelled key is an error', () => {
    const schema = JSON.parse(read('test/fixtures/compose-spec/compose-spec.json')) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);

    expect(validate({ services: { worker: { image: 'syncline:0.1.0', dependson: ['temporal'] } } })).toBe(false);
  });

  it('asks for each value it needs, and .env.example names them all', () => {
    const names = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name));

    expect([...names].sort()).toEqual([...example.keys()].sort());
  });

  it('publishes the defaults that .env.example shows', () => {
    for (const [, name = '', fallback] of text.matchAll(/\$\{([A-Z_]+):-([^}]*)\}/g)) {
      expect({ name, fallback }).toEqual({ name, fallback: example.get(name) });
    }
  });

  it('runs one version of Temporal’s server and tools', () => {
    const versions = services.flatMap(
      ([, { image = '' }]) => /^temporalio\/(?:server|admin-tools):(.+)$/.exec(image)?.[1] ?? [],
    );

    expect(versions).toHaveLength(3);
    expect(new Set(versions).size).toBe(1);
  });

  it('builds the worker’s image under the package’s version', () => {
    const { version } = JSON.parse(read('package.json')) as { readonly version: string };

    expect(compose.services['worker']).toMatchObject({ build: '.', image: `syncline:${version}`, command: ['worker'] });
  });
});

describe.each(services)('the service %s', (_, service) => {
  it('has an image that is pinned by its version', () => {
    expect(service.image).toMatch(/^[a-z/-]+:\d+\.\d+(\.\d+)?$/);
  });

  it('takes each password from the environment, and does not start without it', () => {
    for (const [name, value] of Object.entries(service.environment ?? {})) {
      if (/PASSWORD|PWD|SECRET|TOKEN/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/);
    }
  });

  it('waits for services that exist, and in a way that can come true', () => {
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      const awaited = compose.services[name];
      expect(awaited, name).toBeDefined();
      if (condition === 'service_healthy') expect(awaited?.healthcheck?.test[0], name).toMatch(/^CMD/);
      if (condition === 'service_completed_successfully') expect(awaited?.restart, name).toBe('no');
    }
  });

  it('says whether it is healthy where it can be asked', () => {
    if (service.ports !== undefined) expect(service.healthcheck).toBeDefined();
  });

  it('listens on this machine only', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('is started again unless it is meant to end', () => {
    expect(service.restart).toMatch(/^(unless-stopped|no)$/);
  });

  it('mounts what exists: files of the repository and volumes of the file', () => {
    const mounts = (service.volumes ?? []).map((volume) =>
      typeof volume === 'string' ? volume.split(':')[0]! : volume.source,
    );
    for (const mount of mounts) {
      const there = mount.startsWith('./')
        ? existsSync(join(ROOT, mount))
        : mount.startsWith('${') || mount in compose.volumes;
      expect({ mount, there }).toEqual({ mount, there: true });
    }
  });
});

it('.env.example holds no password', () => {
  expect(example.get('POSTGRES_PASSWORD')).toBe('');
});
