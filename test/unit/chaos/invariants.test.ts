import { describe, expect, test } from 'vitest';
import { faultsOf, leaksIn, leftOf } from '../../chaos/invariants.ts';
import type { AuditWrite } from '../../chaos/trace/audit-log.ts';
import type { HookObject } from '../../chaos/trace/hook-objects.ts';
import type { PlannedStep, SyncTrace } from '../../chaos/trace/sync-trace.ts';

/** A moment of a sync, in seconds. */
const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`;

const SUCCEEDED = { outcome: 'Succeeded', failures: [] };
const CALM = { ending: SUCCEEDED, state: { 'ConfigMap/settings': 'value' } };
const NOBODY = { deleted: [], aborted: false, resets: 0 };

function step(kind: string, name: string, attempts = 1): PlannedStep {
  return { kind, name, resource: `${kind.toLowerCase()}s`, runs: kind === 'Job' || kind === 'Pod', attempts };
}

function write(resource: string, name: string, second: number, fields: Partial<AuditWrite> = {}): AuditWrite {
  return {
    ...{ receivedAt: at(second), answeredAt: at(second), user: 'syncline', verb: 'create', code: 201 },
    ...{ resource, namespace: 'shop', name, ...fields },
  };
}

/** An intent, a little before a release. */
const intent = (second: number): AuditWrite =>
  write('configmaps', 'syncline.shop', second, { verb: 'update', code: 200 });

/** A Job `migrate` that is made at 10 s, released at 12 s, and succeeds at 20 s. */
function migration(fields: Partial<HookObject> = {}): HookObject {
  return {
    ...{ kind: 'Job', name: 'migrate', uid: 'u1', syncId: 's1', phase: 'PreSync', attempt: '1' },
    ...{ askedAt: at(10), createdAt: at(10), releases: [at(12)], pods: [at(13)], endedAt: at(20), succeeded: true },
    ...fields,
  };
}

/** A migration, then a ConfigMap, as it should be. */
function aSync(fields: Partial<SyncTrace> = {}): SyncTrace {
  return {
    ...{ title: 'shop', application: 'shop', first: true },
    waves: [
      { title: 'PreSync wave 0', steps: [step('Job', 'migrate')] },
      { title: 'Sync wave 0', steps: [step('ConfigMap', 'settings')] },
    ],
    writes: [intent(11), write('configmaps', 'settings', 21)],
    hooks: [migration()],
    ending: SUCCEEDED,
    reports: [{ name: 'migrate', state: 'succeeded', attempt: 1, evidence: { uid: 'u1', attempt: 1 } }],
    state: CALM.state,
    ...{ calm: CALM, interference: NOBODY },
    ...fields,
  };
}

const never = migration({ uid: 'u0', releases: [], pods: [], succeeded: false });

const HOLDS: readonly (readonly [string, Partial<SyncTrace>])[] = [
  ['a sync that nothing has disturbed', {}],
  ['a gated duplicate that never ran and was removed', { hooks: [never, migration()] }],
  [
    'a hook that somebody deleted is lost',
    {
      ending: { outcome: 'Failed', failures: ['HookLost'] },
      interference: { ...NOBODY, deleted: ['migrate'] },
      writes: [intent(11)],
      state: {},
    },
  ],
  [
    'a sync that is aborted, and its hook stopped',
    {
      ending: { outcome: 'Aborted', failures: ['Aborted'] },
      interference: { ...NOBODY, aborted: true },
      hooks: [migration({ endedAt: at(30), succeeded: false, deletion: { by: 'syncline', at: at(15) } })],
      writes: [intent(11)],
    },
  ],
  ['a Job that is deleted once it has ended', { hooks: [migration({ deletion: { by: 'syncline', at: at(25) } })] }],
  [
    'a second attempt of a hook that failed, where it may be retried',
    {
      waves: [{ title: 'PreSync wave 0', steps: [step('Job', 'migrate', 2)] }],
      writes: [intent(11), intent(21)],
      hooks: [
        migration({ succeeded: false }),
        migration({
          ...{ uid: 'u2', attempt: '2', askedAt: at(20), releases: [at(22)], pods: [at(23)], endedAt: at(24) },
        }),
      ],
      reports: [{ name: 'migrate', state: 'succeeded', attempt: 2, evidence: { uid: 'u2', attempt: 2 } }],
    },
  ],
  [
    'what is as it should be already is not written',
    { first: false, waves: [{ title: 'Sync wave 0', steps: [step('ConfigMap', 'old')] }, ...aSync().waves] },
  ],
];

const BROKEN: readonly (readonly [string, string, Partial<SyncTrace>])[] = [
  ['every sync ends', 'one that stays open', { ending: undefined as never }],
  [
    'a sync ends as an undisturbed one',
    'a failure that nobody is to blame for',
    { ending: { outcome: 'Failed', failures: ['FieldConflict'] } },
  ],
  [
    'a sync ends as an undisturbed one',
    'a hook that is lost though nobody deleted it',
    { ending: { outcome: 'Failed', failures: ['HookLost'] } },
  ],
  [
    'a sync ends as an undisturbed one',
    'an abort that nobody asked for',
    { ending: { outcome: 'Aborted', failures: ['Aborted'] } },
  ],
  ['a sync leaves what an undisturbed one leaves', 'an object that is missing', { state: {} }],
  [
    'a sync leaves what an undisturbed one leaves',
    'an object that is left',
    { state: { ...CALM.state, 'Job/migrate': 'succeeded' } },
  ],
  [
    'a sync leaves what an undisturbed one leaves',
    'an old value',
    { state: { 'ConfigMap/settings': 'an older value' } },
  ],
  [
    'an attempt of a hook runs one object',
    'two Jobs of one attempt that ran',
    { hooks: [migration({ succeeded: false }), migration({ uid: 'u2' })] },
  ],
  ['a hook starts by one release', 'two releases of one Job', { hooks: [migration({ releases: [at(12), at(14)] })] }],
  ['a hook starts by one release', 'a pod before the release', { hooks: [migration({ pods: [at(11)] })] }],
  ['a hook starts by one release', 'a pod without a release', { hooks: [migration({ releases: [] })] }],
  [
    'a hook starts by one release',
    'a release without an intent',
    { writes: [intent(9), write('configmaps', 'settings', 21)] },
  ],
  [
    'what has succeeded does not run again',
    'a second attempt after a success',
    {
      hooks: [
        migration(),
        migration({ uid: 'u2', attempt: '2', askedAt: at(21), releases: [at(22)], pods: [at(23)], endedAt: at(24) }),
      ],
    },
  ],
  [
    'nothing that dies costs a hook an attempt',
    'a second attempt of a hook that is not retried',
    {
      hooks: [
        migration({ succeeded: false }),
        migration({ uid: 'u2', attempt: '2', askedAt: at(20), releases: [at(22)], pods: [at(23)], endedAt: at(24) }),
      ],
    },
  ],
  [
    'only an abort stops a running hook',
    'a deletion of a Job that runs',
    { hooks: [migration({ deletion: { by: 'syncline', at: at(15) } })] },
  ],
  [
    'no step begins before its wave’s turn',
    'a ConfigMap that is made while the migration runs',
    { writes: [intent(11), write('configmaps', 'settings', 19)] },
  ],
  [
    'no step begins before its wave’s turn',
    'a ConfigMap that is made after the migration has failed',
    { hooks: [migration({ succeeded: false })] },
  ],
  [
    'no step begins before its wave’s turn',
    'a wave that begins while a Deployment is not available',
    {
      waves: [
        { title: 'Sync wave 0', steps: [step('Deployment', 'web')] },
        { title: 'Sync wave 1', steps: [step('ConfigMap', 'settings')] },
      ],
      writes: [
        intent(11),
        write('deployments', 'web', 20),
        write('configmaps', 'settings', 21),
        write('deployments', 'web', 22, { verb: 'update', code: 200, object: { status: { availableReplicas: 1 } } }),
      ],
    },
  ],
  ['there is evidence for each hook', 'none', { reports: [{ name: 'migrate', state: 'succeeded', attempt: 1 }] }],
  [
    'there is evidence for each hook',
    'evidence of an object that never was',
    { reports: [{ name: 'migrate', state: 'succeeded', attempt: 1, evidence: { uid: 'u9', attempt: 1 } }] },
  ],
];

describe('the invariants of the chaos test', () => {
  test.each(HOLDS)('hold for %s', (_, fields) => {
    expect(faultsOf(aSync(fields))).toEqual([]);
  });

  test.each(BROKEN)('"%s" is broken by %s', (invariant, _, fields) => {
    expect(faultsOf(aSync(fields)).join('\n')).toContain(`shop: ${invariant}`);
  });

  test('nothing may be left over', () => {
    const ended = { title: 'Job shop/migrate', gated: false, unfinished: false };
    expect(leftOf([ended])).toEqual([]);
    expect(
      leftOf([
        { ...ended, gated: true },
        { ...ended, unfinished: true },
        { ...ended, title: 'record', holder: 'r1' },
      ]),
    ).toEqual(['Job shop/migrate is still gated', 'Job shop/migrate still runs', 'record is still held by r1']);
  });

  test('a Secret is found as it is and in base64', () => {
    const secrets = ['hidden-1-0-a', 'hidden-1-0-b'];
    expect(leaksIn('nothing', secrets)).toEqual([]);
    expect(leaksIn('password: hidden-1-0-a', secrets)).toEqual(['hidden-1-0-a']);
    expect(leaksIn(Buffer.from('hidden-1-0-b').toString('base64'), secrets)).toEqual(['hidden-1-0-b']);
  });
});
