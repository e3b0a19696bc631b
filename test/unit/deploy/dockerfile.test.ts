import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../programs/catalogue.ts';

/** The module of a package that is a command. */
const modulePathOf = (path: string): string => path.replace(/\/cmd\/.*$/, '');

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Stage {
  readonly base: string;
  readonly name: string;
  readonly steps: readonly string[];
}

/** The stages of a Dockerfile: its instructions, without comments, continued lines joined. */
function stagesOf(text: string): readonly Stage[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  return lines
    .join('\n')
    .split(/^(?=FROM )/m)
    .map((stage) => {
      const [from = '', ...steps] = stage.trim().split('\n');
      const [, base = '', , name = ''] = from.split(' ');
      return { base, name, steps };
    });
}

const stages = stagesOf(read('Dockerfile'));
const [build, programs, runtime] = stages;

describe('the Dockerfile', () => {
  it('builds in stages of their own and runs in another, on the same pinned Node as it is built with', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'programs', 'runtime']);
    expect(build?.base).toMatch(/^node:24\.\d+\.\d+-[a-z]+-slim$/);
    expect(runtime?.base).toBe(build?.base);
  });

  it('runs on a Node that the package allows', () => {
    const [, least = ''] = /"node": ">=(\d+)/.exec(read('package.json')) ?? [];
    const [, major = ''] = /^node:(\d+)/.exec(runtime?.base ?? '') ?? [];

    expect(Number(major)).toBeGreaterThanOrEqual(Number(least));
  });

  it('installs exactly what the lock file says, before the sources are copied, and ships no development tools', () => {
    const steps = build?.steps ?? [];

    expect(steps.indexOf('RUN npm ci')).toBeGreaterThan(-1);
    expect(steps.indexOf('RUN npm ci')).toBeLessThan(steps.indexOf('COPY . .'));
    expect(steps.at(-1)).toBe('RUN npm run build && npm prune --omit=dev');
  });

  it.each(['helm', 'kustomize'] as const)(
    'builds the %s of the catalogue, from modules whose sums are kept',
    (name) => {
      const { go, version } = CATALOGUE[name];
      const variables = Object.entries(go.variables).map(([key, value]) => ` -X ${key}=${value}`);
      const steps = programs?.steps ?? [];

      expect(steps).toContain(`COPY programs/go/${go.module} /src/${go.module}`);
      expect(steps).toContain(
        `RUN cd /src/${go.module} && go build -trimpath -o /out/${name} -ldflags '-s -w${variables.join('')}' ${go.package}`,
      );
      expect(steps.at(-1)).toContain(`v${version}`);
      expect(steps.find((step) => step.startsWith('ENV'))).toContain('GOFLAGS=-mod=readonly');
      expect(read(`programs/go/${go.module}/go.mod`)).toContain(`${modulePathOf(go.package)} v${version}`);
      expect(runtime?.steps.find((step) => step.startsWith('COPY --from=programs'))).toContain(`/out/${name} `);
    },
  );

  it('builds them with a Go that their modules ask for, and has git, by ssh too', () => {
    const [, version = ''] = /^golang:(1\.\d+)\.\d+-[a-z]+$/.exec(programs?.base ?? '') ?? [];

    for (const module of ['helm', 'kustomize']) {
      expect(read(`programs/go/${module}/go.mod`)).toMatch(new RegExp(`^go ${version.replace('.', '\\.')}\\.`, 'm'));
    }
    const [installed = ''] = runtime?.steps.filter((step) => step.startsWith('RUN apt-get')) ?? [];
    for (const each of ['ca-certificates', 'git', 'openssh-client']) expect(installed).toContain(` ${each} `);
  });

  it('takes from the build only what it runs, and from stages that exist', () => {
    const copies = runtime?.steps.filter((step) => step.startsWith('COPY')) ?? [];

    expect(copies.length).toBeGreaterThan(0);
    for (const copy of copies)
      expect(copy).toMatch(/^COPY --from=(build \/app\/(package\.json|node_modules|dist)\b|programs \/out\/)/);
  });

  it('runs as a plain user, by number, so that Kubernetes can tell it is not root', () => {
    const users = runtime?.steps.filter((step) => step.startsWith('USER')) ?? [];

    expect(users).toEqual(['USER 1000:1000']);
    const after = runtime?.steps.slice((runtime.steps.indexOf(users[0] ?? '') || 0) + 1) ?? [];
    expect(after.filter((step) => /^(RUN|COPY|ADD)/.test(step))).toEqual([]);
  });

  it('starts the command itself, without a shell that would swallow signals', () => {
    expect(runtime?.steps).toContain('ENTRYPOINT ["syncline"]');
    expect(runtime?.steps.join('\n')).toContain('ln -s /app/dist/cli/main.js /usr/local/bin/syncline');
    expect(read('cli/main.ts')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('is built without what is secret or of no use in it', () => {
    const ignored = read('.dockerignore').split('\n');

    expect(ignored).toEqual(expect.arrayContaining(['.env', '.env.*', '.git', 'node_modules', 'dist']));
  });
});
