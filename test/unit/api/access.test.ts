import type { InjectOptions } from 'fastify';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '../../../api/access/roles.ts';
import { covers } from '../../../api/access/token.ts';
import type { Access } from '../../../api/route.ts';
import { routesOf } from '../../../api/routes.ts';
import type { ApiLab } from './lab.ts';
import { NOW, openApiLab } from './lab.ts';

/**
 * Who may use what, written down apart from the code: by operation, `x` for the roles viewer, operator, approver and admin in this
 * order, and the request that uses it.
 */
const MATRIX: Readonly<
  Record<string, readonly [may: string, url: string, payload?: object, method?: 'PUT' | 'DELETE']>
> = {
  listWorkers: ['xxxx', '/v1/workers'],
  getDocument: ['xxxx', '/v1/openapi.json'],
  listSyncs: ['xxxx', '/v1/syncs'],
  listHistory: ['xxxx', 'A/syncs'],
  getSync: ['xxxx', 'A/syncs/latest'],
  followSync: ['xxxx', 'A/syncs/latest/stream'],
  getPlan: ['xxxx', 'A/syncs/latest/plan'],
  listResources: ['xxxx', 'A/syncs/latest/resources'],
  listHooks: ['xxxx', 'A/syncs/latest/hooks'],
  getLogs: ['xxxx', 'A/syncs/latest/hooks/db-migrate/logs'],
  getHookEvents: ['xxxx', 'A/syncs/latest/hooks/db-migrate/events'],
  getEvidence: ['xxxx', 'A/syncs/latest/hooks/db-migrate/evidence'],
  getSyncState: ['xxxx', 'A/sync-state'],
  getLatestOrder: ['xxxx', 'A/order'],
  getHistory: ['xxxx', 'A/history'],
  getRollbackOrder: ['xxxx', 'A/rollback-order'],
  listApplications: ['xxxx', '/v1/clusters/prod/applications'],
  getApplication: ['xxxx', 'A/definition'],
  setApplication: [
    '...x',
    'A/definition',
    { version: 1, application: 'shop', namespace: 'shop', source: { location: 'https://git.example.com/shop' } },
    'PUT',
  ],
  listSchedules: ['xxxx', '/v1/clusters/prod/schedules'],
  getSchedule: ['xxxx', 'A/schedule'],
  setSchedule: ['...x', 'A/schedule', { crons: ['0 3 * * *'] }, 'PUT'],
  deleteSchedule: ['...x', 'A/schedule', {}, 'DELETE'],
  pauseSchedule: ['.x.x', 'A/schedule/pause', { reason: 'a freeze' }],
  resumeSchedule: ['.x.x', 'A/schedule/resume', {}],
  triggerSchedule: ['.x.x', 'A/schedule/trigger', {}],
  forgetApplication: ['...x', 'A/definition', {}, 'DELETE'],
  startSync: ['.x.x', 'A/syncs', { namespace: 'shop', files: [{ file: 'a.yaml', text: 'CONFIG' }] }],
  planSync: ['.x.x', 'A/plan', { namespace: 'shop', files: [{ file: 'a.yaml', text: 'CONFIG' }] }],
  compare: ['.x.x', 'A/diff', {}],
  retrySync: ['.x.x', 'A/syncs/latest/retry', {}],
  skipStep: ['.x.x', 'A/syncs/latest/skip', { step: 'db-migrate', reason: 'by hand' }],
  abortSync: ['.x.x', 'A/syncs/latest/abort', {}],
  approveSync: ['..xx', 'A/syncs/latest/approve', {}],
  rejectSync: ['..xx', 'A/syncs/latest/reject', { reason: 'no' }],
  planDeletion: ['.x.x', 'A/deletion/plan', { namespace: 'shop' }],
  deleteApplication: ['...x', 'A/deletion', { namespace: 'shop' }],
};

const CONFIG = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });

let lab: ApiLab;
beforeAll(async () => {
  lab = await openApiLab();
});

function requestOf(operation: string): InjectOptions {
  const [, url = '', payload, special] = MATRIX[operation] ?? [];
  const method = special ?? (payload === undefined ? 'GET' : 'POST');
  const body =
    payload === undefined
      ? {}
      : { payload: JSON.parse(JSON.stringify(payload).replace('"CONFIG"', JSON.stringify(CONFIG))) as object };
  return { method, url: url.replace(/^A/, '/v1/clusters/prod/applications/shop'), ...body };
}

describe('the authorisation matrix', () => {
  test('names every route but those that are open to anybody, or to whoever signs what is sent', () => {
    const routes = routesOf('0');
    expect(Object.keys(MATRIX).sort()).toEqual(
      routes.flatMap(({ operation, access }) => (access === 'open' || access === 'signed' ? [] : [operation])).sort(),
    );
    const pathsOf = (wanted: Access) => routes.flatMap(({ path, access }) => (access === wanted ? [path] : []));
    expect(pathsOf('open')).toEqual(['/healthz', '/readyz']);
    expect(pathsOf('signed')).toEqual(['github', 'gitlab', 'generic'].map((sender) => `/v1/webhooks/${sender}`));
  });

  const cells = Object.entries(MATRIX).flatMap(([operation, [may]]) =>
    ROLES.map((role, column) => [operation, role, may[column] === 'x'] as const),
  );

  test.each(cells)('%s with the role %s: %s', async (operation, role, allowed) => {
    const { statusCode, headers } = await lab.send(requestOf(operation), lab.token([role], ['shop']));
    if (allowed) expect([200, 202]).toContain(statusCode);
    else expect([statusCode, headers['content-type']]).toEqual([403, 'application/problem+json']);
  });

  const ofApplications = Object.keys(MATRIX).filter((operation) => MATRIX[operation]?.[1].startsWith('A'));

  test.each(ofApplications)('%s of another application is refused to whatever role', async (operation) => {
    const { statusCode } = await lab.send(requestOf(operation), lab.token([...ROLES], ['other', 'test/shop', 'sho']));
    expect(statusCode).toBe(403);
  });

  test.each(Object.keys(MATRIX))('%s is refused without a token', async (operation) => {
    const { statusCode, headers } = await lab.send(requestOf(operation), null);
    expect([statusCode, headers['www-authenticate']]).toEqual([401, 'Bearer']);
  });

  test('a list shows the applications of the token alone', async () => {
    const { syncs } = (await lab.send({ url: '/v1/syncs' }, lab.token(['viewer'], ['shop']))).json<{
      syncs: { application: string }[];
    }>();
    expect(syncs.map(({ application }) => application)).toEqual(['shop']);
  });

  test('a list of what is kept shows the applications of the token alone', async () => {
    const listed = async (application: string) =>
      (await lab.send({ url: '/v1/clusters/prod/applications' }, lab.token(['viewer'], [application]))).json<object>();
    expect(await listed('shop')).toMatchObject({ applications: [{ application: 'shop' }] });
    expect(await listed('other')).toEqual({ version: 1, applications: [] });
  });

  test('a token with two roles may do what either may', async () => {
    const both = lab.token(['operator', 'approver']);
    expect((await lab.send(requestOf('startSync'), both)).statusCode).toBe(202);
    expect((await lab.send(requestOf('approveSync'), both)).statusCode).toBe(202);
    expect((await lab.send(requestOf('deleteApplication'), both)).statusCode).toBe(403);
  });
});

describe('a token', () => {
  const status = async (text: string) => (await lab.send({ url: '/v1/syncs' }, text)).statusCode;

  test.each([
    ['that has expired', { expiresAt: NOW }, 401],
    ['that expires later', { expiresAt: NOW + 1 }, 200],
    ['that was revoked', { revokedAt: NOW - 1 }, 401],
  ])('%s', async (_, change, expected) => expect(await status(lab.token(['viewer'], ['*'], change))).toBe(expected));

  test('with one character changed, cut short, or of nobody is refused', async () => {
    const good = lab.token(['viewer']);
    expect(await status(good)).toBe(200);
    const other = good.endsWith('A') ? 'B' : 'A';
    const forged = [
      good.slice(0, -1) + other,
      good.slice(0, -1),
      `${good}A`,
      good.replace(/^sl_.{12}/, 'sl_000000000000'),
      good.replace('sl_', 'SL_'),
      'x',
    ];
    for (const text of forged) expect(await status(text)).toBe(401);
  });

  test('counts only as a bearer token in the header', async () => {
    const good = lab.token(['viewer']);
    const ask = async (url: string, authorization?: string) =>
      (await lab.send({ url, headers: authorization === undefined ? {} : { authorization } }, null)).statusCode;
    expect(await ask('/v1/syncs', `Basic ${good}`)).toBe(401);
    expect(await ask('/v1/syncs', good)).toBe(401);
    expect(await ask(`/v1/syncs?token=${good}`)).toBe(401);
    expect(await ask('/v1/syncs', `bearer ${good}`)).toBe(200);
  });

  test('stands in the record of what it is used for, whatever the request says', async () => {
    await lab.send(requestOf('startSync'), lab.token(['operator'], ['*'], { subject: 'ci@example' }));
    await lab.send(requestOf('abortSync'), lab.token(['operator'], ['*'], { subject: 'ann' }));
    expect(lab.client.asked.slice(-2)).toMatchObject([
      { verb: 'sync', order: { requestedBy: 'ci@example' } },
      { verb: 'abort', request: { by: 'ann' } },
    ]);
    const forged = await lab.send({ ...requestOf('abortSync'), payload: { by: 'somebody else' } });
    expect(forged.statusCode).toBe(422);
  });

  test('is never logged, nor are values of what is sent', async () => {
    const token = lab.token(['operator']);
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { p: 'okapi-of-the-test' },
    };
    await lab.send(
      {
        method: 'POST',
        url: '/v1/clusters/prod/applications/shop/syncs',
        payload: { namespace: 'shop', manifests: [secret] },
      },
      token,
    );
    await lab.send(
      {
        method: 'POST',
        url: '/v1/clusters/prod/applications/shop/syncs',
        payload: '{"okapi-of-the-test',
        headers: { 'content-type': 'application/json' },
      },
      token,
    );
    expect(lab.log()).toContain('the-operator');
    expect(lab.log()).not.toContain(token.slice(16));
    expect(lab.log()).not.toContain('okapi-of-the-test');
  });
});

test.each([
  ['shop', 'prod', 'shop', true],
  ['shop', 'test', 'shop', true],
  ['shop', 'prod', 'shop-2', false],
  ['team-*', 'prod', 'team-a', true],
  ['team-*', 'prod', 'a-team-a', false],
  ['prod/*', 'prod', 'shop', true],
  ['prod/*', 'test', 'shop', false],
  ['*/shop', 'test', 'shop', true],
  ['*', 'prod', 'shop', true],
  ['{shop,web}', 'prod', 'web', true],
  ['', 'prod', 'shop', false],
])('the scope %j covers %s/%s: %s', (glob, cluster, application, expected) => {
  expect(covers({ applications: [glob] }, { cluster, application })).toBe(expected);
});
