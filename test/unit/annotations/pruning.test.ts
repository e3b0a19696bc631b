import { describe, expect, it } from 'vitest';
import type { ApplicationSyncOptions } from '../../../core/annotations/sync-options.ts';
import { readPruning } from '../../../core/annotations/pruning.ts';
import { aManifest } from './builders.ts';

const read = (annotations: Record<string, string>, application?: ApplicationSyncOptions): unknown =>
  readPruning(aManifest({ annotations }).object, application);
const options = (text: string) => ({ 'argocd.argoproj.io/sync-options': text });

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
  ])('%j is kept, with the reason [argo 3.Prune=false] [argo 2.1.prune-task]', (annotations, reason) => {
    expect(read(annotations)).toHaveProperty('kept', expect.stringContaining(reason));
  });

  it('does not keep a CRD that Helm calls crd-install', () => {
    expect(read({ 'helm.sh/hook': 'crd-install' })).not.toHaveProperty('kept');
  });

  it('asks for an approval of Prune=confirm, and gives what is slow to go the time it names [argo 3.Prune=confirm]', () => {
    expect(read({ ...options('Prune=confirm'), 'syncline.dev/timeout': '1h' })).toEqual({
      wave: 0,
      pruneLast: false,
      approval: 'Prune=confirm',
      timeoutMs: 3_600_000,
    });
  });

  it.each<[ApplicationSyncOptions, string, object]>([
    [{ Prune: 'false' }, '', { kept: 'sync option Prune=false' }],
    [{ Prune: 'confirm' }, '', { approval: 'Prune=confirm' }],
    [{ PruneLast: 'true' }, '', { pruneLast: true }],
    [{ Prune: 'false', PruneLast: 'true' }, 'Prune=true,PruneLast=false', { pruneLast: false }],
    [{ Prune: 'confirm' }, 'Prune=false', { kept: 'sync option Prune=false' }],
    [{ Prune: 'false' }, 'Prune=confirm', { approval: 'Prune=confirm' }],
  ])(
    'of the application’s %j and the object’s own %j the object’s go first [argo 3.Prune=false] [argo 3.PruneLast]',
    (application, own, expected) => {
      const reading = read(own === '' ? {} : options(own), application);
      expect(reading).toEqual({ wave: 0, pruneLast: false, ...expected });
    },
  );
});
