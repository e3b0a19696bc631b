import { describe, expect, it } from 'vitest';
import { readPruning } from '../../../core/annotations/pruning.ts';
import { aManifest } from './builders.ts';

const read = (annotations: Record<string, string>): unknown => readPruning(aManifest({ annotations }).object);

describe('readPruning', () => {
  it('reads wave and PruneLast of a live object, misspelled waves as Argo CD does', () => {
    expect(read({})).toEqual({ wave: 0, pruneLast: false });
    expect(read({ 'argocd.argoproj.io/sync-wave': '3', 'argocd.argoproj.io/sync-options': 'PruneLast=true' })).toEqual({
      wave: 3,
      pruneLast: true,
    });
    expect(read({ 'argocd.argoproj.io/sync-wave': 'x', 'helm.sh/hook-weight': '2' })).toEqual({
      wave: 2,
      pruneLast: false,
    });
  });

  it.each<[Record<string, string>, string]>([
    [{ 'argocd.argoproj.io/hook': 'PreSync' }, 'hook'],
    [{ 'argocd.argoproj.io/hook': 'Skip' }, 'skipped'],
    [{ 'argocd.argoproj.io/hook': 'garbage' }, 'hook'],
    [{ 'helm.sh/hook': 'pre-install' }, 'hook'],
    [{ 'syncline.dev/keep': 'true' }, 'keep'],
    [{ 'argocd.argoproj.io/sync-options': 'Prune=false' }, 'Prune=false'],
    [{ 'argocd.argoproj.io/sync-options': 'Prune=confirm' }, 'Prune=confirm'],
  ])('%j is kept, with the reason', (annotations, reason) => {
    expect(read(annotations)).toHaveProperty('kept', expect.stringContaining(reason));
  });

  it('does not keep a CRD that Helm calls crd-install', () => {
    expect(read({ 'helm.sh/hook': 'crd-install' })).not.toHaveProperty('kept');
  });
});
