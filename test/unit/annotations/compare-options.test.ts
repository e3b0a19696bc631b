import { describe, expect, it } from 'vitest';
import { countsAsExtra } from '../../../core/annotations/compare-options.ts';
import { readSteps } from '../../../core/annotations/steps.ts';
import { aManifest } from './builders.ts';

const KEY = 'argocd.argoproj.io/compare-options';

describe('compare options', () => {
  it.each([
    ['IgnoreExtraneous', []],
    ['ServerSideDiff=true', []],
    [' IgnoreExtraneous , IncludeMutationWebhook=true', []],
    ['ServerSideDiff=false', [expect.stringMatching(/ServerSideDiff=false.*no effect.*always compares/)]],
  ])('are read: %j [argo 1.IgnoreExtraneous] [argo 1.ServerSideDiff]', (value, warnings) => {
    const reading = readSteps(aManifest({ annotations: { [KEY]: value } }), { lenient: false });
    expect(reading.failures).toEqual([]);
    expect(reading.warnings).toEqual(warnings);
  });

  it.each(['IgnoreExtraneus', 'ServerSideDiff', 'ignoreExtraneous=true', 'ServerSideDiff=yes'])(
    'that are misspelled are errors, not ignored as in Argo CD: %j [argo 1.IgnoreExtraneous] [argo 1.ServerSideDiff]',
    (value) => {
      const manifest = aManifest({ annotations: { [KEY]: value } });
      const [failure] = readSteps(manifest, { lenient: false }).failures;
      expect(failure?.message).toContain(`${KEY} has the value ${JSON.stringify(value)}`);
      expect(readSteps(manifest, { lenient: true })).toMatchObject({ failures: [], warnings: [expect.any(String)] });
    },
  );

  it.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ [KEY]: 'IgnoreExtraneous' }, false],
    [{ 'argocd.argoproj.io/hook': 'PreSync' }, false],
    [{ 'argocd.argoproj.io/sync-options': 'Prune=false' }, true],
  ])('say whether a live object is an extra one: %j, %j [argo 1.IgnoreExtraneous]', (annotations, extra) => {
    expect(countsAsExtra(aManifest({ annotations }).object)).toBe(extra);
  });
});
