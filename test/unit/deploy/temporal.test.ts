import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../../core/sync/search-attributes.ts';

const FOLDER = resolve(import.meta.dirname, '../../../deploy/temporal');
const base = mkdtempSync(join(tmpdir(), 'syncline-deploy-'));
const log = join(base, 'log');

beforeEach(() => writeFileSync(log, ''));
afterAll(() => rmSync(base, { recursive: true }));

/** Runs a script with a tool of this name that records its arguments, and then does what `answer` says. */
function run(
  script: string,
  tool: string,
  answer: string,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  writeFileSync(join(base, tool), `#!/bin/sh\necho "$*" >> '${log}'\n${answer}\n`, { mode: 0o755 });
  writeFileSync(join(base, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
  const env = { PATH: `${base}:/usr/bin:/bin`, ...environment };
  execFileSync('/bin/sh', [join(FOLDER, script)], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  return readFileSync(log, 'utf8').trim().split('\n');
}

const inNamespace = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'ship' };

it('the schema script makes both databases and brings each to its newest version', () => {
  expect(run('set-up-schema.sh', 'temporal-sql-tool', '', {})).toEqual([
    '--database temporal create-database',
    '--database temporal setup-schema --version 0.0',
    '--database temporal update-schema --schema-dir /etc/temporal/schema/postgresql/v12/temporal/versioned',
    '--database temporal_visibility create-database',
    '--database temporal_visibility setup-schema --version 0.0',
    '--database temporal_visibility update-schema --schema-dir /etc/temporal/schema/postgresql/v12/visibility/versioned',
  ]);
});

it('the schema script fails when one of its steps does', () => {
  expect(() => run('set-up-schema.sh', 'temporal-sql-tool', 'exit 1', {})).toThrow();
  expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(1);
});

it('the namespace script makes the namespace where there is none, and every search attribute as a Keyword', () => {
  const commands = run('set-up-namespace.sh', 'temporal', 'case "$*" in *describe*) exit 1;; esac', inNamespace);

  expect(commands).toContain('operator namespace create --namespace ship --retention 30d');
  const attributes = commands.find((command) => command.includes('search-attribute create'));
  const named = [...(attributes ?? '').matchAll(/--name (\w+) --type (\w+)/g)].map(
    ([, name, type]) => `${name!} ${type!}`,
  );
  expect(named.sort()).toEqual(
    Object.values(SEARCH_ATTRIBUTES)
      .map((name) => `${name} Keyword`)
      .sort(),
  );
});

it('the namespace script leaves a namespace that exists as it is', () => {
  const commands = run('set-up-namespace.sh', 'temporal', '', inNamespace);

  expect(commands.filter((command) => command.includes('namespace create'))).toEqual([]);
});

it('the namespace script gives up, and says at what, when the server never gets ready', () => {
  expect(() => run('set-up-namespace.sh', 'temporal', 'exit 1', inNamespace)).toThrow(
    'gave up: temporal operator cluster health',
  );
});

it('the dynamic configuration lets Temporal take up work at once', () => {
  expect(parse(readFileSync(join(FOLDER, 'dynamic-config.yaml'), 'utf8'))).toEqual({
    'history.transferProcessorMaxPollRPS': [{ value: 2000 }],
    'system.enableActivityEagerExecution': [{ value: true }],
  });
});
