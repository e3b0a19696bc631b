import { describe, expect, it } from 'vitest';
import type { StepReading } from '../../../core/annotations/steps.ts';
import { readSteps } from '../../../core/annotations/steps.ts';
import { aManifest } from './builders.ts';

const ARGO = 'argocd.argoproj.io';
const strictly = (annotations: Record<string, string>): StepReading =>
  readSteps(aManifest({ annotations }), { lenient: false });
const leniently = (annotations: Record<string, string>): StepReading =>
  readSteps(aManifest({ annotations }), { lenient: true });

const outcome = (reading: StepReading): string => (reading.kind === 'hook' ? reading.phases.join('+') : reading.kind);

describe('hook types [argo 1.csv] [argo 1.hook] [argo 1.Skip] [argo 1.multi-phase] [argo 1.helm-hook] [argo 1.crd-install] [argo 1.helm-dropped] [argo 1.helm-suppressed] [argo 5.46]', () => {
  it.each<[Record<string, string>, string]>([
    [{}, 'resource'],
    [{ [`${ARGO}/hook`]: 'PreSync' }, 'PreSync'],
    [{ [`${ARGO}/hook`]: 'Sync' }, 'Sync'],
    [{ [`${ARGO}/hook`]: 'PostSync' }, 'PostSync'],
    [{ [`${ARGO}/hook`]: 'SyncFail' }, 'SyncFail'],
    [{ [`${ARGO}/hook`]: 'Skip' }, 'skip'],
    [{ [`${ARGO}/hook`]: ' PostSync , ,PreSync,PostSync' }, 'PreSync+PostSync'],
    [{ [`${ARGO}/hook`]: 'PreSync,Sync,PostSync,SyncFail' }, 'PreSync+Sync+PostSync+SyncFail'],
    [{ [`${ARGO}/hook`]: 'Skip,PreSync' }, 'PreSync'],
    [{ [`${ARGO}/hook`]: 'PreDelete' }, 'left-out'],
    [{ [`${ARGO}/hook`]: 'PostDelete' }, 'left-out'],
    [{ [`${ARGO}/hook`]: 'PostDelete,PostSync' }, 'PostSync'],
    [{ 'helm.sh/hook': 'pre-install' }, 'PreSync'],
    [{ 'helm.sh/hook': 'pre-upgrade' }, 'PreSync'],
    [{ 'helm.sh/hook': 'pre-install,pre-upgrade' }, 'PreSync'],
    [{ 'helm.sh/hook': 'post-install' }, 'PostSync'],
    [{ 'helm.sh/hook': 'post-upgrade' }, 'PostSync'],
    [{ 'helm.sh/hook': 'pre-install, post-install' }, 'PreSync+PostSync'],
    [{ 'helm.sh/hook': 'pre-delete' }, 'left-out'],
    [{ 'helm.sh/hook': 'post-delete' }, 'left-out'],
    [{ 'helm.sh/hook': 'crd-install' }, 'resource'],
    [{ 'helm.sh/hook': 'crd-install,pre-install' }, 'PreSync'],
    [{ 'helm.sh/hook': 'pre-rollback' }, 'left-out'],
    [{ 'helm.sh/hook': 'post-rollback' }, 'left-out'],
    [{ 'helm.sh/hook': 'test' }, 'left-out'],
    [{ 'helm.sh/hook': 'test-success,test-failure' }, 'left-out'],
    [{ 'helm.sh/hook': 'pre-upgrade,pre-rollback' }, 'PreSync'],
    [{ [`${ARGO}/hook`]: 'PostSync', 'helm.sh/hook': 'pre-install' }, 'PostSync'],
    [{ [`${ARGO}/hook`]: 'Skip', 'helm.sh/hook': 'pre-install' }, 'skip'],
  ])('%j makes a %s', (annotations, expected) => {
    const reading = strictly(annotations);
    expect(outcome(reading)).toBe(expected);
    expect(reading.failures).toEqual([]);
    expect(reading.warnings).toEqual([]);
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ [`${ARGO}/hook`]: 'Skip' }, /hook: Skip/],
    [
      { [`${ARGO}/hook`]: 'PreDelete,PostDelete' },
      /PreDelete, PostDelete hooks run only when the application is deleted/,
    ],
    [{ 'helm.sh/hook': 'pre-delete' }, /application is deleted/],
    [{ 'helm.sh/hook': 'test' }, /Helm's test hooks take no part in a sync/],
  ])('%j gives the reason', (annotations, reason) => {
    expect(strictly(annotations)).toHaveProperty('reason', expect.stringMatching(reason));
  });

  it.each<[Record<string, string>, string, string]>([
    [{ [`${ARGO}/hook`]: 'presync' }, '"presync"', 'left-out'],
    [{ [`${ARGO}/hook`]: '' }, '""', 'left-out'],
    [{ [`${ARGO}/hook`]: 'garbage,PreSync' }, '"garbage"', 'PreSync'],
    [{ [`${ARGO}/hook`]: 'PreSync;PostSync' }, '"PreSync;PostSync"', 'left-out'],
    [{ [`${ARGO}/hook`]: 'garbage', 'helm.sh/hook': 'post-install' }, '"garbage"', 'PostSync'],
    [{ [`${ARGO}/hook`]: 'garbage', 'helm.sh/hook': 'crd-install' }, '"garbage"', 'left-out'],
  ])('%j is a failure, and leniently what Argo CD makes of it [argo 1.hook-unknown]', (annotations, value, lenient) => {
    const { failures } = strictly(annotations);
    expect(failures).toMatchObject([{ type: 'InvalidManifest', object: 'Job migrate', location: 'app.yaml:7' }]);
    expect(failures[0]?.message).toContain(value);
    expect(failures[0]?.message).toContain(
      'allowed are PreSync, Sync, PostSync, SyncFail, Skip, PreDelete, PostDelete',
    );
    const reading = leniently(annotations);
    expect(reading.failures).toEqual([]);
    expect(reading.warnings.join()).toContain(value);
    expect(outcome(reading)).toBe(lenient);
  });

  it('suggests the type that was meant', () => {
    expect(strictly({ [`${ARGO}/hook`]: 'pre-sync' }).failures[0]?.remedy).toBe('did you mean PreSync?');
    expect(strictly({ [`${ARGO}/hook`]: 'PosSync' }).failures[0]?.remedy).toBe('did you mean PostSync?');
    expect(strictly({ [`${ARGO}/hook`]: 'whenever' }).failures[0]).not.toHaveProperty('remedy');
  });

  it.each(['pre-instal', ''])('an unknown type of Helm (%j) is only ever a warning', (value) => {
    const reading = strictly({ 'helm.sh/hook': value });
    expect(reading.failures).toEqual([]);
    expect(reading.warnings).toHaveLength(1);
    expect(outcome(reading)).toBe('left-out');
  });
});

describe('delete policies [argo 1.hook-delete-policy] [argo 1.helm-delete-policy]', () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, ['BeforeHookCreation']],
    [{ [`${ARGO}/hook-delete-policy`]: 'HookSucceeded' }, ['HookSucceeded']],
    [{ [`${ARGO}/hook-delete-policy`]: 'HookFailed' }, ['HookFailed']],
    [{ [`${ARGO}/hook-delete-policy`]: 'HookSucceeded,BeforeHookCreation' }, ['HookSucceeded', 'BeforeHookCreation']],
    [{ 'helm.sh/hook-delete-policy': 'before-hook-creation, hook-succeeded' }, ['BeforeHookCreation', 'HookSucceeded']],
    [{ 'helm.sh/hook-delete-policy': 'hook-failed' }, ['HookFailed']],
    [
      { [`${ARGO}/hook-delete-policy`]: 'HookSucceeded', 'helm.sh/hook-delete-policy': 'hook-failed,hook-succeeded' },
      ['HookSucceeded', 'HookFailed'],
    ],
  ])('%j are %j', (annotations, expected) => {
    const reading = strictly({ [`${ARGO}/hook`]: 'PreSync', ...annotations });
    expect(reading).toMatchObject({ kind: 'hook', deletePolicies: expected, failures: [], warnings: [] });
  });

  it('a misspelled one is a failure, and leniently the default [argo 1.hook-delete-policy-unknown] [argo 5.47]', () => {
    const annotations = { [`${ARGO}/hook`]: 'PreSync', [`${ARGO}/hook-delete-policy`]: 'hook-succeeded' };
    expect(strictly(annotations).failures[0]?.message).toContain(
      'allowed are BeforeHookCreation, HookSucceeded, HookFailed',
    );
    expect(strictly(annotations).failures[0]?.remedy).toBe('did you mean HookSucceeded?');
    expect(leniently(annotations)).toMatchObject({ deletePolicies: ['BeforeHookCreation'], failures: [] });
    expect(leniently(annotations).warnings).toHaveLength(1);
  });

  it('of an unknown one of Helm there is a warning', () => {
    const reading = strictly({ 'helm.sh/hook': 'pre-install', 'helm.sh/hook-delete-policy': 'HookSucceeded' });
    expect(reading).toMatchObject({ deletePolicies: ['BeforeHookCreation'], failures: [] });
    expect(reading.warnings).toHaveLength(1);
  });

  it('on an object that is no hook they are said to have no effect', () => {
    const reading = strictly({ [`${ARGO}/hook-delete-policy`]: 'HookSucceeded' });
    expect(reading).toMatchObject({ kind: 'resource', failures: [] });
    expect(reading.warnings[0]).toContain('no effect');
  });
});

describe('waves [argo 1.sync-wave] [argo 1.hook-weight]', () => {
  it.each<[Record<string, string>, number]>([
    [{}, 0],
    [{ [`${ARGO}/sync-wave`]: '5' }, 5],
    [{ [`${ARGO}/sync-wave`]: '-5' }, -5],
    [{ [`${ARGO}/sync-wave`]: '+3' }, 3],
    [{ [`${ARGO}/sync-wave`]: '-0' }, 0],
    [{ [`${ARGO}/sync-wave`]: '007' }, 7],
    [{ 'helm.sh/hook-weight': '-2' }, -2],
    [{ 'helm.sh/hook-weight': '4', 'helm.sh/hook': 'pre-install' }, 4],
    [{ [`${ARGO}/sync-wave`]: '1', 'helm.sh/hook-weight': '9' }, 1],
    [{ [`${ARGO}/sync-wave`]: '0', 'helm.sh/hook-weight': '9' }, 0],
  ])('%j is wave %i', (annotations, wave) => {
    const reading = strictly(annotations);
    expect(reading.wave).toBe(wave);
    expect(reading.failures).toEqual([]);
    expect(reading.warnings).toEqual([]);
  });

  it.each(['', ' 1', '1 ', '1.0', '1e3', '0x1', '1_000', 'one', '--1', '99999999999999999999'])(
    'a wave of %j is a failure, and leniently the weight of Helm [argo 1.sync-wave-unparsable]',
    (value) => {
      const annotations = { [`${ARGO}/sync-wave`]: value, 'helm.sh/hook-weight': '9' };
      expect(strictly(annotations).failures[0]?.message).toContain(JSON.stringify(value));
      expect(leniently(annotations)).toMatchObject({ wave: 9, failures: [] });
      expect(leniently(annotations).warnings).toHaveLength(1);
    },
  );

  it('a weight of Helm that is no integer is a warning and 0', () => {
    const reading = strictly({ 'helm.sh/hook-weight': 'heavy' });
    expect(reading).toMatchObject({ wave: 0, failures: [] });
    expect(reading.warnings[0]).toContain('Job migrate (app.yaml:7)');
  });
});

describe('options of an object', () => {
  it('reads sync-options, the first of a name winning [argo 1.sync-options]', () => {
    const { syncOptions } = strictly({ [`${ARGO}/sync-options`]: 'Prune=false, PruneLast=true,,Prune=true,Force' });
    expect(syncOptions).toEqual({ Prune: 'false', PruneLast: 'true', Force: 'true' });
  });

  it.each([
    ['Prune=flase', 'Prune in argocd.argoproj.io/sync-options has the value "flase"; allowed are true, false, confirm'],
    ['Replce=true', 'argocd.argoproj.io/sync-options has the value "Replce"'],
  ])('%s is an error, and a warning when reading leniently', (text, message) => {
    const annotations = { [`${ARGO}/sync-options`]: text };
    expect(strictly(annotations).failures[0]?.message).toContain(message);
    expect(leniently(annotations)).toMatchObject({ failures: [], syncOptions: {} });
    expect(leniently(annotations).warnings[0]).toContain(message);
  });

  it('an option of applications has no effect on an object, and a warning says so', () => {
    const reading = strictly({ [`${ARGO}/sync-options`]: 'CreateNamespace=true' });
    expect(reading).toMatchObject({ failures: [], syncOptions: {} });
    expect(reading.warnings[0]).toContain('CreateNamespace');
  });

  it.each<[string, string, boolean]>([
    ['ignore-healthcheck', 'true', true],
    ['ignore-healthcheck', 'yes', false],
    ['ignore-restart-policy', 'true', true],
    ['ignore-restart-policy', 'True', false],
  ])('%s: %j is %s', (name, value, expected) => {
    const reading = strictly({ [`${ARGO}/${name}`]: value });
    expect(name === 'ignore-healthcheck' ? reading.ignoreHealthcheck : reading.ignoreRestartPolicy).toBe(expected);
  });

  it('does not honour ignore-restart-policy on a hook [argo 1.ignore-restart-policy]', () => {
    expect(strictly({ [`${ARGO}/hook`]: 'Sync', [`${ARGO}/ignore-restart-policy`]: 'true' }).ignoreRestartPolicy).toBe(
      false,
    );
  });
});

describe("Syncline's own annotations", () => {
  it.each<[string, number]>([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1h0m1.5s', 3_601_500],
    ['250ms', 250],
    ['1ns', 1],
  ])('timeout %s is %i ms', (text, timeoutMs) => {
    expect(strictly({ 'syncline.dev/timeout': text })).toMatchObject({ timeoutMs, failures: [], warnings: [] });
  });

  it.each(['', '30', '-5m', '+5m', '0s', '1 h', '5 minutes', '1d', '.s', '9999999999999999h'])(
    'timeout %j is a failure',
    (text) => {
      const reading = leniently({ 'syncline.dev/timeout': text });
      expect(reading.failures[0]?.message).toContain('30m');
      expect(reading).not.toHaveProperty('timeoutMs');
    },
  );

  it.each<[string, boolean]>([
    ['true', true],
    ['false', false],
  ])('keep: %s', (text, keep) => {
    expect(strictly({ 'syncline.dev/keep': text })).toMatchObject({ keep, failures: [] });
  });

  it('keep with another value is a failure', () => {
    expect(strictly({ 'syncline.dev/keep': 'yes' }).failures).toHaveLength(1);
  });

  it('approval is required, or a failure', () => {
    expect(strictly({})).toMatchObject({ approval: false });
    expect(strictly({ 'syncline.dev/approval': 'required' })).toMatchObject({ approval: true, failures: [] });
    expect(strictly({ 'syncline.dev/approval': 'yes' }).failures[0]?.message).toContain('allowed are required');
  });

  it('an unknown name is a failure that lists the known ones, leniently too', () => {
    const message = leniently({ 'syncline.dev/time-out': '5m' }).failures[0]?.message ?? '';
    for (const name of ['timeout', 'keep', 'retries', 'approval', 'depends-on'])
      expect(message).toContain(`syncline.dev/${name}`);
  });

  it('depends-on is a list of references to single objects', () => {
    const text = 'Deployment/db, apps:Deployment:other/db,:Service:db';
    expect(strictly({ 'syncline.dev/depends-on': text })).toMatchObject({
      dependsOn: [
        { kind: 'Deployment', name: 'db' },
        { group: 'apps', kind: 'Deployment', namespace: 'other', name: 'db' },
        { group: '', kind: 'Service', name: 'db' },
      ],
      failures: [],
      warnings: [],
    });
  });

  it.each(['', 'db', 'Deployment', 'apps:Deployment:*', 'Deployment/d*', '!Deployment/db', 'shop/Deployment/db'])(
    'depends-on %j is a failure that tells the grammar',
    (text) => {
      const reading = leniently({ 'syncline.dev/depends-on': text });
      expect(reading.failures.map(({ message }) => message)).toEqual([
        `Job migrate: syncline.dev/depends-on has the value ${JSON.stringify(text)}; allowed are KIND/NAME and GROUP:KIND:[NAMESPACE/]NAME, joined by commas.`,
      ]);
      expect(reading).not.toHaveProperty('dependsOn');
    },
  );

  it('depends-on on an object that is left alone is said to have no effect', () => {
    const { warnings } = strictly({ 'syncline.dev/depends-on': 'Deployment/db', [`${ARGO}/hook`]: 'Skip' });
    expect(warnings).toEqual([expect.stringContaining('syncline.dev/depends-on has no effect')]);
  });

  it.each([
    ['0', undefined],
    ['3', 3],
    ['100', 100],
  ])('retries %s of a hook', (text, retries) => {
    const reading = strictly({ [`${ARGO}/hook`]: 'PreSync', 'syncline.dev/retries': text });
    expect([reading.retries, reading.failures, reading.warnings]).toEqual([retries, [], []]);
  });

  it.each(['', '-1', '1.5', '101', 'three', '1e1', ' 1'])('retries %j is a failure', (text) => {
    const reading = leniently({ [`${ARGO}/hook`]: 'PreSync', 'syncline.dev/retries': text });
    expect(reading.failures[0]?.message).toContain('a whole number from 0 to 100');
    expect(reading).not.toHaveProperty('retries');
  });

  it('retries on what is no hook is said to have no effect', () => {
    expect(strictly({ 'syncline.dev/retries': '2' }).warnings).toEqual([
      expect.stringContaining('syncline.dev/retries has no effect on an object that is no hook'),
    ]);
  });
});

it('collects every failure of an object', () => {
  const reading = strictly({
    [`${ARGO}/hook`]: 'x,y',
    [`${ARGO}/sync-wave`]: 'z',
    [`${ARGO}/hook-delete-policy`]: 'w',
    'syncline.dev/v': '',
  });
  expect(reading.failures).toHaveLength(5);
});
