import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWebhooks } from '../../../../api/webhooks/webhook-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-webhooks-'));
});
afterAll(() => rm(folder, { recursive: true }));

const SECRET = 'okapi-okapi-okapi-okapi';
const ENV = { GITHUB: SECRET, SHORT: 'okapi', EMPTY: '' };

async function open(text: string) {
  const path = join(folder, 'webhooks.yaml');
  await writeFile(path, text);
  return openWebhooks(path, ['default'], ENV);
}

describe('the file of webhooks', () => {
  test('says whose are taken, for which repositories, and where applications are looked for', async () => {
    await writeFile(join(folder, 'gitlab'), `${SECRET}\n`);
    const webhooks = await open(`
clusters: [prod]
github:
  - secret: env:GITHUB
    repositories: [github.com/acme/*]
gitlab:
  - secret: file:${folder}/gitlab
`);
    expect(webhooks.clusters).toEqual(['prod']);
    expect(await webhooks.secretsOf('github')).toEqual([{ text: SECRET, repositories: ['github.com/acme/*'] }]);
    expect(await webhooks.secretsOf('gitlab')).toEqual([{ text: SECRET, repositories: ['*'] }]);
    expect(await webhooks.secretsOf('generic')).toEqual([]);
    await writeFile(join(folder, 'gitlab'), 'another-secret-of-gitlab');
    expect(await webhooks.secretsOf('gitlab')).toMatchObject([{ text: 'another-secret-of-gitlab' }]);
  });

  test('looks for applications in the clusters of the server where it names none', async () =>
    expect((await open('github: [{secret: env:GITHUB}]')).clusters).toEqual(['default']));

  test.each([
    [
      'github: [{secret: okapi-okapi-okapi-okapi}]',
      'github.0.secret: is no reference to a secret: give env:NAME or file:/absolute/path',
    ],
    ['github: [{secret: env:MISSING}]', 'github[0].secret: env:MISSING holds nothing'],
    ['github: [{secret: env:EMPTY}]', 'github[0].secret: env:EMPTY holds nothing'],
    ['github: [{secret: env:SHORT}]', 'github[0].secret: the secret at env:SHORT is shorter than 16 characters'],
    ['generic: [{secret: env:GITHUB}]', 'generic[0].secret: the secret at env:GITHUB does not begin with whsec_'],
    ['github: [{secret: file:/nowhere/at/all}]', "github[0].secret: file:/nowhere/at/all can't be read: ENOENT"],
    ['gitub: []', 'Unrecognized key'],
    ['github: [', "webhooks.yaml can't be read"],
  ])('is refused, without being quoted: %s', async (text, words) => {
    const refused = open(text);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.not.toThrow(SECRET);
  });
});
