import { describe, expect, it } from 'vitest';
import { nothingSelected } from '../../../core/selection/nothing-selected.ts';
import { describeSelection, leftOutBecause, readSelection } from '../../../core/selection/selection.ts';
import type { Selectable, Selection } from '../../../core/selection/selection.ts';

const anObject = (text: string, more: Partial<Selectable> = {}): Selectable => {
  const [group = '', kind = '', name = ''] = text.split(':');
  const ref = { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, namespace: 'shop', name };
  return { ref, labels: {}, role: 'resource', ...more };
};
const objects = [
  anObject('apps:Deployment:web', { labels: { tier: 'front' } }),
  anObject('apps:Deployment:db', { labels: { tier: 'back' } }),
  anObject(':Service:web', { labels: { tier: 'front' } }),
  anObject('batch:Job:migrate', { role: 'hook' }),
];
const taken = (selection: Selection): readonly string[] => {
  const { rule, failures } = readSelection(selection);
  expect(failures).toEqual([]);
  return objects
    .filter((object) => leftOutBecause(rule, object) === undefined)
    .map(({ ref }) => `${ref.kind}/${ref.name}`);
};

describe('a selection', () => {
  it.each<[string, Selection, readonly string[]]>([
    ['of nothing takes everything in', {}, ['Deployment/web', 'Deployment/db', 'Service/web', 'Job/migrate']],
    ['by name, hooks too', { resources: ['apps:Deployment:web'] }, ['Deployment/web', 'Job/migrate']],
    ['by star', { resources: ['*:*:web'] }, ['Deployment/web', 'Service/web', 'Job/migrate']],
    ['that excludes', { resources: ['!*:Service:*'] }, ['Deployment/web', 'Deployment/db', 'Job/migrate']],
    [
      'that excludes from what it includes, whatever their order',
      { resources: ['!apps:Deployment:db', 'apps:Deployment:*'] },
      ['Deployment/web', 'Job/migrate'],
    ],
    ['by labels', { selector: 'tier=front' }, ['Deployment/web', 'Service/web', 'Job/migrate']],
    [
      'by name and labels: both must fit',
      { resources: ['apps:Deployment:*'], selector: 'tier in (front)', hooks: 'skip' },
      ['Deployment/web'],
    ],
    ['without hooks', { hooks: 'skip' }, ['Deployment/web', 'Deployment/db', 'Service/web']],
    ['of hooks alone', { hooks: 'only' }, ['Job/migrate']],
  ])('%s [argo 5.19]', (_, selection, expected) => {
    expect(taken(selection)).toEqual(expected);
  });

  it.each<[Selection, RegExp]>([
    [
      { resources: ['Deployment/web'] },
      /^--resource has the value "Deployment\/web".*\[!\]GROUP:KIND:\[NAMESPACE\/\]NAME/,
    ],
    [{ resources: ['!web', 'apps:Deployment:web'] }, /^--resource has the value "!web"/],
    [
      { selector: 'tier in front' },
      /^--selector has the value "tier in front", in which "tier in front" is no requirement/,
    ],
    [{ hooks: 'only', selector: 'a=b' }, /^--only-hooks leaves every resource out/],
  ])('%j is refused, with flag, text and grammar', (selection, message) => {
    const { failures } = readSelection(selection);
    expect(failures).toMatchObject([{ type: 'InvalidRequest', message: expect.stringMatching(message) as string }]);
    expect(failures[0]?.remedy).toBeDefined();
  });

  it('is told as it would be typed', () => {
    const selection: Selection = { resources: ['!*:Secret:*', ':Service:web'], selector: 'a in (b)', hooks: 'skip' };
    expect(describeSelection(selection)).toBe(
      "--resource '!*:Secret:*' --resource :Service:web --selector 'a in (b)' --skip-hooks",
    );
  });
});

describe('a selection that selects nothing', () => {
  const failuresOf = (selection: Selection, among: readonly Selectable[] = objects) =>
    nothingSelected(readSelection(selection).rule, among);

  it('names the text and the nearest resources', () => {
    expect(failuresOf({ resources: ['apps:Deployment:wep', 'apps:Deployment:db'] })).toEqual([
      {
        type: 'InvalidRequest',
        message: '--resource "apps:Deployment:wep" names no resource of the application.',
        remedy: 'nearest are apps:Deployment:web, apps:Deployment:db, :Service:web',
      },
    ]);
  });

  it('says so of a hook, since those run anyway', () => {
    expect(failuresOf({ resources: ['batch:Job:migrate'] })).toMatchObject([
      { message: expect.stringContaining('names batch:Job:migrate, which is a hook') as string },
    ]);
  });

  it('names the labels that there are', () => {
    expect(failuresOf({ selector: 'tier=middle' })).toMatchObject([{ remedy: 'there are tier=front, tier=back' }]);
    expect(failuresOf({ selector: 'team=a' })).toMatchObject([{ remedy: 'there are tier=front, tier=back' }]);
    expect(failuresOf({ selector: 'team=a' }, [])).toMatchObject([{ remedy: 'no resource has labels' }]);
  });

  it('can be one whose parts each select something', () => {
    expect(failuresOf({ resources: ['apps:Deployment:db'], selector: 'tier=front' })).toMatchObject([
      { message: expect.stringContaining('no resource in common') as string },
    ]);
    expect(failuresOf({ resources: ['*:*:web', '!*:*:w*'] })).toHaveLength(1);
  });

  it('can be one of hooks where there are none', () => {
    expect(failuresOf({ hooks: 'only' }, objects.slice(0, 3))).toMatchObject([{ type: 'InvalidRequest' }]);
    expect(failuresOf({ hooks: 'only' })).toEqual([]);
    expect(failuresOf({ hooks: 'skip' }, objects.slice(0, 3))).toEqual([]);
  });

  it('is no exclusion by pattern that finds nothing, but one by name is', () => {
    expect(failuresOf({ resources: ['!*:Secret:*'] })).toEqual([]);
    expect(failuresOf({ resources: ['!:Service:wep'] })).toHaveLength(1);
  });
});
