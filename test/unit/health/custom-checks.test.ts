import { describe, expect, it } from 'vitest';
import { checksOfConfigMap } from '../../../core/health/argo-config-map.ts';
import { checkFor, checkSet, healthOfWords } from '../../../core/health/custom-checks.ts';
import type { CustomCheck } from '../../../core/health/custom-checks.ts';
import type { Health } from '../../../core/health/health.ts';
import { hookVerdict } from '../../../core/health/hook-verdict.ts';
import { healthOf } from '../../../core/health/rules.ts';
import { aCondition, aDeployment, aJob, anObject } from './builders.ts';

const check = (kinds: string, place = kinds): CustomCheck => ({ kinds, code: `-- ${place}`, place });
const KEY = 'resource.customizations.health.';

describe('the check for a kind [argo 4.order] [argo 4.Lua-wildcard]', () => {
  const map = checkSet([check('a.io/Thing'), check('*.io/*'), check('Pod'), check('*/Zed')], true);
  const folder = checkSet([check('*.org/*', 'folder'), check('a.io/Thing', 'folder')], false);
  it.each([
    ['the exact name before a wildcard', 'a.io/v1', 'Thing', 'a.io/Thing'],
    ['a wildcard', 'b.io/v2', 'Thing', '*.io/*'],
    ['the first wildcard in alphabetical order', 'b.io/v2', 'Zed', '*.io/*'],
    ['a kind of the core group', 'v1', 'Pod', 'Pod'],
    ['a later set', 'x.org/v1', 'Thing', 'folder'],
    ['none', 'v1', 'Secret', undefined],
  ])('is %s', (_, apiVersion, kind, place) => {
    expect(checkFor([map, folder], apiVersion, kind)?.place).toBe(place);
  });
});

describe('the checks of a ConfigMap like argocd-cm [argo 4.Lua]', () => {
  const read = (data: Readonly<Record<string, string>>) => checksOfConfigMap({ data }, 'cm');
  const kinds = (data: Readonly<Record<string, string>>) => read(data).checks.map((each) => each.kinds);

  it('are read from one key a kind', () => {
    const found = kinds({ [`${KEY}a.io_Thing`]: 'x', [`${KEY}Service`]: 'x', [`${KEY}all`]: 'x', other: 'x' });
    expect(found).toEqual(['a.io/Thing', 'Service', '*/*']);
  });

  it('are read from the one key of many kinds, where wildcards are possible', () => {
    const text = '"*.a.io/*":\n  health.lua: |\n    return nil\nb.io/B:\n  health.lua.useOpenLibs: true\n';
    expect(read({ 'resource.customizations': text }).checks).toEqual([
      { kinds: '*.a.io/*', code: 'return nil\n', place: 'cm, key resource.customizations, *.a.io/*' },
    ]);
  });

  it('of single keys win over the one of many', () => {
    const text = 'a.io/Thing: { health.lua: old }';
    const found = read({ 'resource.customizations': text, [`${KEY}a.io_Thing`]: 'new' }).checks;
    expect(found).toMatchObject([{ kinds: 'a.io/Thing', code: 'new', place: `cm, key ${KEY}a.io_Thing` }]);
  });

  it.each([
    ['a name of three parts', { [`${KEY}a_b_c`]: 'x' }, `key ${KEY}a_b_c`],
    ['a name without a group before its dash', { [`${KEY}_Service`]: 'x' }, `key ${KEY}_Service`],
    ['YAML that is none', { 'resource.customizations': 'a: [' }, 'key resource.customizations'],
    ['YAML that is no map', { 'resource.customizations': '[a]' }, 'no map'],
  ])('tell of %s, and read on', (_, data, said) => {
    const { checks, warnings } = read({ ...data, [`${KEY}Service`]: 'x' });
    expect(checks).toMatchObject([{ kinds: 'Service' }]);
    expect(warnings).toEqual([expect.stringContaining(said)]);
  });

  it('leave useOpenLibs and what is not about health alone', () => {
    expect(read({ 'resource.customizations.useOpenLibs.a.io_Thing': 'true', 'resource.exclusions': '[]' })).toEqual({
      checks: [],
      warnings: [],
    });
  });
});

describe('what a check says', () => {
  it('is its status and message', () => {
    expect(healthOfWords('Suspended', 'paused')).toEqual({ status: 'Suspended', message: 'paused' });
  });

  it.each(['Fine', ''])('is Unknown where the status is "%s" [argo 4.Lua-invalid]', (status) => {
    expect(healthOfWords(status, 'm')).toMatchObject({
      status: 'Unknown',
      message: expect.stringContaining('allowed') as string,
    });
  });

  const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  const degraded: Health = { status: 'Degraded', message: 'm' };
  it('comes before the rule of the kind, and after a deletion [argo 4.order]', () => {
    expect(healthOf(aDeployment(), { custom: degraded })).toBe(degraded);
    expect(healthOf(aDeployment({ metadata: leaving }), { custom: degraded })?.status).toBe('Progressing');
  });

  it.each<[Health['status'], string]>([
    ['Healthy', 'succeeded'],
    ['', 'succeeded'],
    ['Degraded', 'failed'],
    ['Unknown', 'failed'],
    ['Progressing', 'running'],
    ['Suspended', 'running'],
  ])(
    'of a hook, "%s", means that it has %s, whatever the Job says [argo 2.3.hook-health] [argo 4.Lua-nil]',
    (status, kind) => {
      const failed = aJob({ status: { conditions: [aCondition('Failed', 'True')] } });
      expect(hookVerdict(failed, { custom: { status, message: '' } }).kind).toBe(kind);
    },
  );

  it('of a hook that is being deleted counts where it is an end', () => {
    const custom: Health = { status: 'Healthy', message: '' };
    const object = anObject('a.io/v1', 'Thing', { metadata: leaving });
    expect(hookVerdict(object, { custom }).kind).toBe('succeeded');
    expect(hookVerdict(object, { custom: { status: 'Progressing', message: '' } }).message).toBe('being deleted');
  });
});
