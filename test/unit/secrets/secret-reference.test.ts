import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecretReference } from '../../../secrets/secret-reference.ts';
import { isSecretReference, readSecret } from '../../../secrets/secret-reference.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const referenceTo = (text: string): SecretReference => {
  if (isSecretReference(text)) return text;
  throw new Error(`${text} is no reference`);
};

describe('a reference to a secret', () => {
  test.each(['env:SLACK_URL', 'env:_a1', 'file:/run/secrets/key', 'file:/with a space'])('may be %s', (text) =>
    expect(isSecretReference(text)).toBe(true),
  );

  test.each(['env:', 'env:1A', 'env:A B', 'file:', 'file:key', 'file:../key', 'https://a.example.com', 'okapi', ''])(
    'is not %j',
    (text) => expect(isSecretReference(text)).toBe(false),
  );

  test('is read without the white space around it, anew each time', async () => {
    const file = join(folder, 'key');
    await writeFile(file, '  okapi one\n');
    expect(await readSecret(referenceTo(`file:${file}`), {})).toBe('okapi one');
    await writeFile(file, 'okapi two');
    expect(await readSecret(referenceTo(`file:${file}`), {})).toBe('okapi two');
    expect(await readSecret(referenceTo('env:KEY'), { KEY: ' okapi\n' })).toBe('okapi');
  });

  test.each([
    ['env:MISSING', 'env:MISSING holds nothing'],
    ['env:BLANK', 'env:BLANK holds nothing'],
    ['file:/nowhere/at/all', "file:/nowhere/at/all can't be read: ENOENT"],
    ['file:/dev', "file:/dev can't be read: EISDIR"],
  ])('to nothing is told by its place: %s', async (text, words) => {
    const read = readSecret(referenceTo(text), { BLANK: ' \n' }, 'hooks.yaml: github[0].secret: ');
    await expect(read).rejects.toThrow(`hooks.yaml: github[0].secret: ${words}`);
  });
});
