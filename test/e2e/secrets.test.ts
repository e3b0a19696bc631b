import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBundleStore } from '../../bundles/open-store.ts';
import { textOf } from './support/histories.ts';
import { job, secret } from './support/manifests.ts';
import type { Application, OwnWorld } from './support/world.ts';
import { startWorld } from './support/world.ts';

/** Values that stand nowhere else in the world; one of them comes out in a hook's log, one in its reason for failing. */
const SENTINELS = ['zebra-sentinel-7431', 'okapi-sentinel-9952', 'quokka-sentinel-1187'] as const;
const [inLog, inReason] = SENTINELS;

let world: OwnWorld;
let app: Application;

beforeAll(async () => {
  world = await startWorld();
  app = await world.application('secretive');
  const { code, stdout, stderr } = await app.sync([
    secret('early', { password: inLog, token: inReason }, { hook: 'PreSync', wave: -1, policy: 'HookFailed' }),
    job('prints', { hook: 'PreSync', pods: { log: `connecting with ${inLog}\ndone` } }),
    secret('credentials', {
      key: SENTINELS[2],
      certificate: `-----BEGIN-----\n${SENTINELS[2]}-line-two\n-----END-----\n`,
    }),
    job('fails', {
      hook: 'PostSync',
      pods: { 'exit-code': '1', log: `token ${inReason} is refused`, 'termination-message': `bad token ${inReason}` },
    }),
  ]);
  expect(code).toBe(1);
  for (const value of SENTINELS) expect(stdout + stderr).not.toContain(value);
});

afterAll(() => world.stop());

/** Which sentinels a text holds, as they are or in base64 at any alignment. */
function found(text: string): readonly string[] {
  return SENTINELS.filter((value) => formsOf(value).some((form) => text.includes(form)));
}

function formsOf(value: string): readonly string[] {
  const shifted = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(' '.repeat(shift) + value).toString('base64');
    // The first and last characters depend on what stands beside the value.
    return encoded.slice(4, -4);
  });
  return [value, ...shifted];
}

test('the search finds what is there, as text and in base64', () => {
  for (const value of SENTINELS) {
    expect(found(`<${value}>`)).toEqual([value]);
    for (const before of ['', 'a', 'ab', 'abc'])
      expect(found(Buffer.from(`${before}${value}!`).toString('base64'))).toEqual([value]);
  }
});

test('no value of a Secret is in the histories of Temporal', async () => {
  const histories = await world.histories.of(app.name);
  expect(histories.map(({ workflowId }) => workflowId.split('/').at(-1))).toEqual([
    'secretive',
    'PreSync',
    'Sync',
    'PostSync',
  ]);
  const text = textOf(histories);
  expect(text.includes('Secret/secretive/early')).toBe(true);
  expect(found(text)).toEqual([]);
});

test('nor anywhere in what Temporal stores, heartbeats and memos included', async () => {
  const folder = world.sandbox.stateDir;
  const files = (await readdir(folder)).filter((name) => name.startsWith('temporal.db'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'latin1')));
  expect(texts.some((text) => text.includes('secretive'))).toBe(true);
  for (const text of texts) expect(found(text)).toEqual([]);
});

test('nor in the log of the worker, nor in those of the servers', async () => {
  expect(world.worker().log()).toContain('worker is ready');
  expect(found(world.worker().log())).toEqual([]);
  const folder = join(world.sandbox.stateDir, 'logs');
  for (const name of await readdir(folder))
    expect([name, found(await readFile(join(folder, name), 'utf8'))]).toEqual([name, []]);
});

test('nor in the evidence, which has the rest of the log', async () => {
  const store = openBundleStore(world.env['SYNCLINE_BUNDLES'] ?? '');
  const signal = AbortSignal.timeout(60_000);
  const references = await store.references('evidence/default/secretive/', signal);
  expect(references).toHaveLength(2);
  const digests = references.flatMap((reference) => reference.digests);
  const texts = await Promise.all(
    digests.map(async (digest) => new TextDecoder().decode(await store.get(digest, signal))),
  );
  expect(texts.join('')).toContain('connecting with [redacted]');
  expect(texts.join('')).toContain('token [redacted] is refused');
  expect(found(texts.join(''))).toEqual([]);
});

test('nor in the record, the inventory and the history', async () => {
  const own = (await app.list('ConfigMap')).filter(({ metadata }) =>
    JSON.stringify(metadata).includes('syncline.secretive'),
  );
  expect(own).toHaveLength(3);
  expect(found(JSON.stringify(own))).toEqual([]);
});

test.each([
  ['status', ['status', 'secretive']],
  ['status in JSON', ['status', 'secretive', '-o', 'json']],
  ['logs', ['logs', 'secretive', 'prints']],
  ['events', ['events', 'secretive', 'fails']],
  ['resources', ['resources', 'secretive', '-o', 'json']],
])('nor in what `syncline %s` prints', async (_, args) => {
  const { code, stdout, stderr } = await world.cli(args);
  expect(code).toBe(0);
  expect(found(stdout + stderr)).toEqual([]);
});
