import { expect, test } from 'vitest';
import type { JsonObject } from '../../../core/json.ts';
import type { AuditWrite } from '../../chaos/trace/audit-log.ts';
import { hookObjectsOf } from '../../chaos/trace/hook-objects.ts';

const LABELS = { 'syncline.dev/sync': 's1', 'syncline.dev/phase': 'PreSync', 'syncline.dev/attempt': '1' };
const GATE = { 'syncline.dev/gate': 's1/1' };

/** An object of a hook. */
function object(uid: string, fields: JsonObject = {}, annotations: JsonObject = {}): JsonObject {
  return { metadata: { uid, labels: LABELS, annotations }, ...fields };
}

let second = 10;

/** A write, a second after the one before it. */
function write(name: string, fields: Partial<AuditWrite>): AuditWrite {
  second += 1;
  const at = `2026-01-01T00:00:${second}.000000Z`;
  const made = { receivedAt: at, answeredAt: at, user: 'syncline', verb: 'create', code: 201 };
  return { ...made, resource: 'jobs', namespace: 'shop', name, ...fields };
}

const controller = 'system:serviceaccount:kube-system:job-controller';

/** A pod that the Job controller makes for a Job. */
const podOf = (uid: string): AuditWrite =>
  write('migrate-x', {
    ...{ resource: 'pods', user: controller },
    object: { metadata: { uid: 'p1', ownerReferences: [{ uid }] } },
  });

test('the life of a hook Job is told by its writes: made, released, its pod, its end, its deletion', () => {
  const made = write('migrate', { object: object('u1', {}, GATE) });
  const touched = write('migrate', { user: controller, verb: 'update', code: 200, object: object('u1', {}, GATE) });
  const released = write('migrate', { verb: 'patch', code: 200, object: object('u1') });
  const pod = podOf('u1');
  const status = { status: { conditions: [{ type: 'Complete', status: 'True' }] } };
  const ended = write('migrate', {
    ...{ user: controller, verb: 'update', subresource: 'status', code: 200 },
    object: object('u1', status),
  });
  const deleted = write('migrate', { verb: 'delete', code: 200 });

  expect(hookObjectsOf([made, touched, released, pod, ended, deleted])).toEqual([
    {
      ...{ kind: 'Job', name: 'migrate', uid: 'u1', syncId: 's1', phase: 'PreSync', attempt: '1' },
      ...{ askedAt: made.receivedAt, createdAt: made.answeredAt, releases: [released.receivedAt] },
      ...{ pods: [pod.receivedAt], endedAt: ended.receivedAt, succeeded: true },
      deletion: { by: 'syncline', at: deleted.receivedAt },
    },
  ]);
});

test('two Jobs of one name are two objects, and a pod is of the one that owns it', () => {
  const first = write('migrate', { object: object('u1', {}, GATE) });
  const removed = write('migrate', { verb: 'delete', code: 200 });
  const second = write('migrate', { object: object('u2', {}, GATE) });
  const released = write('migrate', { verb: 'patch', code: 200, object: object('u2') });
  const pod = podOf('u2');

  const [gated, ran] = hookObjectsOf([first, removed, second, released, pod]);

  expect(gated).toMatchObject({ uid: 'u1', releases: [], pods: [], deletion: { at: removed.receivedAt } });
  expect(ran).toMatchObject({ uid: 'u2', releases: [released.receivedAt], pods: [pod.receivedAt] });
  expect(ran).not.toHaveProperty('deletion');
});

test('a hook Pod runs once it is bound to a node', () => {
  const made = write('check', { resource: 'pods', object: object('u1', {}, GATE) });
  const released = write('check', { resource: 'pods', verb: 'patch', code: 200, object: object('u1') });
  const bound = write('check', { resource: 'pods', subresource: 'binding', user: 'system:kube-scheduler' });
  const failed = write('check', {
    ...{ resource: 'pods', subresource: 'status', user: 'kwok', verb: 'patch', code: 200 },
    object: object('u1', { status: { phase: 'Failed' } }),
  });

  expect(hookObjectsOf([made, released, bound, failed])).toMatchObject([
    { kind: 'Pod', releases: [released.receivedAt], pods: [bound.receivedAt], succeeded: false },
  ]);
});

test('what others make is no hook of a sync', () => {
  expect(hookObjectsOf([write('own', { user: 'admin', object: object('u1') })])).toEqual([]);
});
