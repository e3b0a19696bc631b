import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TokenStore } from '../../../api/access/token-file.ts';
import { tokenFile } from '../../../api/access/token-file.ts';
import { newToken, principalOf } from '../../../api/access/token.ts';

let folder: string;
let store: TokenStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-tokens-'));
  store = tokenFile(join(folder, 'deep/tokens.json'));
});
afterEach(() => rm(folder, { recursive: true }));

const aToken = () => newToken({ subject: 'ci', roles: ['operator'], applications: ['shop'] }, 1_000);

test('a token that was stored is found by its text, and by no other', async () => {
  const [one, other] = [aToken(), aToken()];
  await store.change(() => [one.stored, other.stored]);
  const tokens = await tokenFile(store.description).read();
  expect(principalOf(tokens, one.text, 2_000)).toMatchObject({ id: one.stored.id, subject: 'ci' });
  expect(principalOf(tokens, `sl_${one.stored.id}_${other.text.slice(16)}`, 2_000)).toBeUndefined();
});

test('the file can be read by its user alone, and holds no secret', async () => {
  const { text, stored } = aToken();
  await store.change(() => [stored]);
  expect((await stat(store.description)).mode & 0o777).toBe(0o600);
  expect(await readFile(store.description, 'utf8')).not.toContain(text.slice(16));
});

test('a change by another process is seen at once', async () => {
  const { text, stored } = aToken();
  await store.change(() => [stored]);
  expect(principalOf(await store.read(), text, 2_000)).toBeDefined();
  await tokenFile(store.description).change((tokens) => tokens.map((each) => ({ ...each, revokedAt: 1_500 })));
  expect(principalOf(await store.read(), text, 2_000)).toBeUndefined();
});

test('two changes at once never lose one: the second is refused, with what to do', async () => {
  const all = await Promise.allSettled([1, 2, 3, 4].map(() => store.change((tokens) => [...tokens, aToken().stored])));
  const made = all.filter(({ status }) => status === 'fulfilled').length;
  expect(made).toBeGreaterThan(0);
  expect(await store.read()).toHaveLength(made);
  for (const each of all) {
    if (each.status === 'rejected') expect(String(each.reason)).toContain('being changed by another command');
  }
});

test('a file that is damaged is refused without being quoted', async () => {
  await store.change(() => [aToken().stored]);
  await writeFile(store.description, '{"version":1,"tokens":[{"id":"okapi"}]}');
  await expect(store.read()).rejects.toThrow("can't be read");
  await expect(store.read()).rejects.not.toThrow('okapi');
});

test('where there is no file there are no tokens', async () => {
  expect(await store.read()).toEqual([]);
});

test('secrets have 256 random bits', () => {
  const secrets = new Set(Array.from({ length: 100 }, () => aToken().text.slice(16)));
  expect(secrets.size).toBe(100);
  for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
});
