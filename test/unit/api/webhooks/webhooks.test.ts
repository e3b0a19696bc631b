import { beforeEach, describe, expect, test } from 'vitest';
import type { Push } from '../../../../core/triggers/push.ts';
import {
  EARLIER_COMMIT,
  genericBody,
  gitHubBody,
  gitHubHeaders,
  gitLabBody,
  gitLabHeaders,
  NO_COMMIT,
  SOME_COMMIT,
  standardHeaders,
  WEBHOOK_SECRETS,
} from '../../../support/webhook-bodies.ts';
import type { ApiLab } from '../lab.ts';
import { NOW, openApiLab } from '../lab.ts';

let lab: ApiLab;
beforeEach(async () => {
  lab = await openApiLab({ webhooks: webhooks(['*']) });
});

const webhooks = (repositories: readonly string[]) => ({
  clusters: ['prod', 'test'],
  secretsOf: async (sender: keyof typeof WEBHOOK_SECRETS) => [{ text: WEBHOOK_SECRETS[sender], repositories }],
});

type Sender = 'github' | 'gitlab' | 'generic';

async function send(sender: Sender, body: object | string, headers?: Record<string, string>) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const signed = {
    github: () => gitHubHeaders(payload),
    gitlab: () => gitLabHeaders(),
    generic: () => standardHeaders(payload, NOW),
  }[sender]();
  const request = { method: 'POST', url: `/v1/webhooks/${sender}`, payload, headers: headers ?? signed } as const;
  const answer = await lab.send(request, null);
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), headers: answer.headers };
}

const pushes = (): readonly Push[] => lab.client.asked.flatMap((each) => (each.verb === 'pushed' ? [each.push] : []));

describe('a push that a webhook tells of is handed over', () => {
  test('from GitHub', async () => {
    const body = gitHubBody({ changed: ['deploy/app.yaml', 'README.md'] });
    expect(await send('github', body)).toMatchObject({
      status: 200,
      body: {
        version: 1,
        result: 'accepted',
        workflowId: expect.stringMatching(/^push\/github\/[0-9a-f]{32}$/) as string,
      },
    });
    expect(lab.client.asked).toMatchObject([
      {
        clusters: ['prod', 'test'],
        push: {
          ...{ sender: 'github', ref: { kind: 'branch', name: 'main' }, commit: SOME_COMMIT, defaultBranch: 'main' },
          repositories: ['https://github.com/acme/shop.git', 'git@github.com:acme/shop.git'],
          ...{ by: 'alice', paths: ['deploy/app.yaml', 'README.md'] },
        },
      },
    ]);
  });

  test('from GitLab', async () => {
    expect(await send('gitlab', gitLabBody())).toMatchObject({ status: 200, body: { result: 'accepted' } });
    expect(pushes()).toMatchObject([
      {
        ...{ sender: 'gitlab', ref: { kind: 'branch', name: 'main' }, commit: SOME_COMMIT, defaultBranch: 'main' },
        repositories: ['https://gitlab.example.com/acme/shop.git', 'git@gitlab.example.com:acme/shop.git'],
        ...{ by: 'jsmith', paths: ['deploy/app.yaml'] },
      },
    ]);
  });

  test('from anything that can sign', async () => {
    const body = genericBody({ ref: 'refs/tags/v1.2', changed: ['a'] });
    expect(await send('generic', body)).toMatchObject({ status: 200, body: { result: 'accepted' } });
    const { id: _, ...push } = pushes()[0]!;
    expect(push).toEqual({
      ...{ sender: 'generic', ref: { kind: 'tag', name: 'v1.2' }, commit: SOME_COMMIT, by: 'ci', paths: ['a'] },
      repositories: ['https://git.example.com/acme/shop'],
    });
  });

  test('at the commit of an annotated tag, which is an object of its own', async () => {
    const tagObject = 'abcdef'.padEnd(40, '1');
    await send('github', gitHubBody({ ref: 'refs/tags/v1' }, { after: tagObject, created: true }));
    const body = JSON.stringify(gitLabBody({ ref: 'refs/tags/v1' }, { after: tagObject, before: NO_COMMIT }));
    await send('gitlab', body, gitLabHeaders('Tag Push Hook'));
    expect(pushes().map(({ commit }) => commit)).toEqual([SOME_COMMIT, SOME_COMMIT]);
  });

  test.each<[string, Sender, object]>([
    ['a new branch', 'github', gitHubBody({}, { created: true })],
    ['a forced push', 'github', gitHubBody({}, { forced: true })],
    ['a new branch of GitLab', 'gitlab', gitLabBody({ before: NO_COMMIT })],
    ['more commits than GitLab tells of', 'gitlab', gitLabBody({}, { total_commits_count: 21 })],
  ])('without files where not all are told: %s', async (_, sender, body) => {
    await send(sender, body);
    expect(pushes()[0]).not.toHaveProperty('paths');
  });

  test('once, however often it is sent, and whatever its headers call it', async () => {
    const text = JSON.stringify(gitHubBody());
    await send('github', text);
    const again = await send('github', text, { ...gitHubHeaders(text), 'x-github-delivery': 'another' });
    expect(again).toMatchObject({ status: 200, body: { result: 'known' } });
  });

  test('with a name in the record that no output takes for anything else', async () => {
    await send('github', gitHubBody({ by: 'al\u001b[31mice\n' }));
    expect(pushes()[0]?.by).toBe('al__31mice_');
  });
});

describe('a webhook starts nothing', () => {
  test.each<[string, Sender, object, Record<string, string> | undefined, string]>([
    ['a ping', 'github', { zen: 'Keep it logically awesome.', hook_id: 1 }, undefined, 'pong'],
    ['another event of GitHub', 'github', { action: 'opened' }, undefined, 'only pushes start syncs'],
    [
      'another event of GitLab',
      'gitlab',
      { object_kind: 'issue' },
      gitLabHeaders('Issue Hook'),
      'only pushes start syncs',
    ],
    [
      'a branch that is deleted',
      'github',
      gitHubBody({ commit: NO_COMMIT }, { deleted: true, head_commit: null }),
      undefined,
      'branch main was deleted',
    ],
    [
      'a branch that is deleted at GitLab',
      'gitlab',
      gitLabBody({ commit: NO_COMMIT }, { checkout_sha: null }),
      undefined,
      'branch main was deleted',
    ],
    [
      'a ref of another kind',
      'github',
      gitHubBody({ ref: 'refs/notes/x' }),
      undefined,
      'refs/notes/x is neither a branch nor a tag',
    ],
  ])('that tells of %s', async (title, sender, body, headers, reason) => {
    const text = JSON.stringify(body);
    const event = title === 'a ping' ? 'ping' : title.startsWith('another') ? 'issues' : 'push';
    const signed = headers ?? (sender === 'github' ? gitHubHeaders(text, event) : undefined);
    expect(await send(sender, text, signed)).toMatchObject({ status: 200, body: { result: 'ignored', reason } });
    expect(lab.client.asked).toEqual([]);
  });

  const good = JSON.stringify(gitHubBody());
  test.each<[string, Sender, string, Record<string, string> | undefined, number, string]>([
    [
      'without a signature',
      'github',
      good,
      { 'content-type': 'application/json', 'x-github-event': 'push' },
      401,
      'BadSignature',
    ],
    ['signed with another secret', 'github', good, gitHubHeaders(good, 'push', 'another'), 401, 'BadSignature'],
    [
      'whose body was changed',
      'github',
      good.replace(SOME_COMMIT, EARLIER_COMMIT),
      gitHubHeaders(good),
      401,
      'BadSignature',
    ],
    ['with a wrong token', 'gitlab', good, { ...gitLabHeaders(), 'x-gitlab-token': 'wrong' }, 401, 'BadSignature'],
    ['signed for another sender', 'generic', good, gitHubHeaders(good), 401, 'BadSignature'],
    ['signed 6 minutes ago', 'generic', good, standardHeaders(good, NOW - 360_000), 401, 'BadSignature'],
    [
      'with a token of the API',
      'github',
      good,
      { 'content-type': 'application/json', authorization: 'Bearer x' },
      401,
      'BadSignature',
    ],
    ['that is not JSON', 'github', '{', undefined, 400, 'MalformedRequest'],
    ['that is empty', 'github', '', undefined, 400, 'MalformedRequest'],
    ['that is no push', 'github', '{"ref": 1}', undefined, 422, 'InvalidFields'],
    [
      'whose commit is an option of git',
      'github',
      JSON.stringify(gitHubBody({}, { after: '--upload-pack=x' })),
      undefined,
      422,
      'InvalidFields',
    ],
    [
      'with a field that there is not',
      'generic',
      JSON.stringify(genericBody({}, { application: 'shop' })),
      undefined,
      422,
      'InvalidFields',
    ],
    ['of 6 MiB', 'github', JSON.stringify({ x: 'x'.repeat(6 * 1024 * 1024) }), undefined, 413, 'PayloadTooLarge'],
    [
      'as a form',
      'github',
      'payload=%7B%7D',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'UnsupportedMediaType',
    ],
  ])('%s', async (_, sender, text, headers, status, problem) => {
    const answer = await send(sender, text, headers);
    expect([answer.status, answer.body['type']]).toEqual([status, `urn:syncline:problem:${problem}`]);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(lab.client.asked).toEqual([]);
    for (const secret of Object.values(WEBHOOK_SECRETS)) {
      expect(lab.log() + JSON.stringify(answer.body)).not.toContain(secret);
    }
  });

  test('of a repository that its secret does not speak for', async () => {
    lab = await openApiLab({ webhooks: webhooks(['github.com/other/*']) });
    expect((await send('github', gitHubBody())).status).toBe(403);
    expect(lab.client.asked).toEqual([]);
    lab = await openApiLab({ webhooks: webhooks(['github.com/Acme/*']) });
    expect((await send('github', gitHubBody())).status).toBe(200);
  });

  test('names only the repositories that its secret speaks for', async () => {
    lab = await openApiLab({ webhooks: webhooks(['gitlab.example.com/acme/*']) });
    const body = gitLabBody() as { readonly project: object };
    const project = { ...body.project, git_ssh_url: 'git@github.com:victim/shop.git' };
    await send('gitlab', { ...body, project });
    expect(pushes()[0]?.repositories).toEqual(['https://gitlab.example.com/acme/shop.git']);
  });

  test('at a server that takes none', async () => {
    lab = await openApiLab();
    expect((await send('github', gitHubBody())).status).toBe(404);
  });

  test('once there are too many', async () => {
    lab = await openApiLab({ webhooks: webhooks(['*']), requestsPerMinute: 2 });
    const statuses: number[] = [];
    for (let sent = 0; sent < 3; sent += 1) statuses.push((await send('github', gitHubBody(), {})).status);
    expect(statuses.at(-1)).toBe(429);
  });
});
