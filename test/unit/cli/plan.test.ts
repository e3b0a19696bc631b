import { describe, expect, test } from 'vitest';
import { renderPlan } from '../../../cli/render/plan.ts';
import { styleOf } from '../../../cli/render/style.ts';
import { hasHealthRule } from '../../../core/health/rules.ts';
import { parseManifests } from '../../../core/manifests/parse.ts';
import { buildPlan } from '../../../core/plan/build.ts';

function planned(yaml: string, width = 100): readonly string[] {
  const { manifests } = parseManifests([{ file: 'a.yaml', text: yaml }]);
  const { plan } = buildPlan(manifests, { lenient: false, hasVerdict: hasHealthRule });
  return renderPlan(plan, { width, style: styleOf(false) }).split('\n');
}

const job = (name: string, annotations: string): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  ${name}\n  annotations: {${annotations}}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}}\n---\n`;
const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n---\n`;

describe('a plan as people see it', () => {
  test('names each hook with what becomes of it, and shares a line between resources', () => {
    const yaml =
      job(
        'name: backup',
        'argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/sync-wave: "-5", argocd.argoproj.io/hook-delete-policy: HookSucceeded',
      ) +
      job('name: migrate', 'argocd.argoproj.io/hook: PreSync, syncline.dev/timeout: 30m') +
      configMap('b') +
      configMap('a') +
      job(
        'generateName: smoke-',
        'argocd.argoproj.io/hook: PostSync, argocd.argoproj.io/hook-delete-policy: "HookSucceeded,HookFailed"',
      ) +
      job('name: alert', 'argocd.argoproj.io/hook: SyncFail');
    expect(planned(yaml)).toEqual([
      '  PreSync   wave  -5   hook   Job/backup                 deleted when it succeeds',
      '            wave   0   hook   Job/migrate                replaces an earlier one · limit 30m',
      '  Sync      wave   0   apply  ConfigMap/a, ConfigMap/b',
      '  PostSync  wave   0   hook   Job/smoke-*                deleted at its end',
      '  SyncFail  wave   0   hook   Job/alert                  only if the sync fails · replaces an earlier one',
    ]);
  });

  test('says what each comes after', () => {
    const on = (text: string): string => `, annotations: {syncline.dev/depends-on: "${text}"}}`;
    const yaml =
      configMap('a') +
      configMap('b').replace('}', on('ConfigMap/a')) +
      configMap('c').replace('}', on('ConfigMap/a')) +
      configMap('d').replace('}', on('ConfigMap/a, ConfigMap/b'));
    expect(planned(yaml)).toEqual([
      '  Sync      wave   0   apply  ConfigMap/a',
      '                       apply  ConfigMap/b, ConfigMap/c   after ConfigMap/a',
      '                       apply  ConfigMap/d                after ConfigMap/a, ConfigMap/b',
    ]);
  });

  test('says why objects are skipped', () => {
    const skipped =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: notes, annotations: {argocd.argoproj.io/hook: Skip}}\n';
    expect(planned(skipped).at(-1)).toMatch(/^ {2}skipped +ConfigMap\/notes +hook: Skip$/);
  });

  test('sums up many that are skipped for one reason', () => {
    const skip = (name: string): string =>
      configMap(name).replace('}', ', annotations: {argocd.argoproj.io/hook: Skip}}');
    const names = Array.from({ length: 6 }, (_, at) => `c${at}`);
    expect(planned(names.map(skip).join('')).at(-1)).toMatch(/^ {2}skipped +6 objects \(-o json\) +hook: Skip$/);
  });

  test('cuts a long list and says where all of it is', () => {
    const lines = planned(Array.from({ length: 200 }, (_, at) => configMap(`c${at}`)).join(''));
    expect(lines.length).toBeLessThan(12);
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).toContain('and 170 more (-o json names them all)');
  });

  test('breaks a list between objects', () => {
    for (const line of planned(Array.from({ length: 20 }, (_, at) => configMap(`config-${at}`)).join(''), 60)) {
      expect(line.length).toBeLessThanOrEqual(60);
    }
  });
});
