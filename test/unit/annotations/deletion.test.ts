import { describe, expect, it } from 'vitest';
import { readDeletion } from '../../../core/annotations/deletion.ts';
import { readHookTypes } from '../../../core/annotations/hook-types.ts';
import type { ApplicationSyncOptions } from '../../../core/annotations/sync-options.ts';
import { aManifest } from './builders.ts';

const read = (annotations: Record<string, string>, application?: ApplicationSyncOptions): unknown =>
  readDeletion(aManifest({ annotations }).object, application);
const options = (text: string) => ({ 'argocd.argoproj.io/sync-options': text });

describe('what a live object says of its deletion with the application', () => {
  it.each<[Record<string, string>, ApplicationSyncOptions | undefined, object]>([
    [{}, undefined, {}],
    [{ 'argocd.argoproj.io/sync-wave': '-3' }, undefined, { wave: -3 }],
    [{ 'syncline.dev/timeout': '1h' }, undefined, { timeoutMs: 3_600_000 }],
    [options('Prune=false'), undefined, {}],
    [options('Delete=false'), undefined, { kept: 'sync option Delete=false' }],
    [options('Delete=confirm'), undefined, { approval: 'Delete=confirm' }],
    [{}, { Delete: 'false' }, { kept: 'sync option Delete=false' }],
    [{}, { Delete: 'confirm' }, { approval: 'Delete=confirm' }],
    [options('Delete=true'), { Delete: 'false' }, {}],
    [{ 'helm.sh/resource-policy': 'keep' }, undefined, { kept: 'helm.sh/resource-policy: keep' }],
    [{ 'helm.sh/resource-policy': 'other' }, undefined, {}],
    [{ 'syncline.dev/keep': 'true' }, undefined, { kept: 'syncline.dev/keep' }],
  ])(
    '%j, in an application with %j [argo 3.Delete=false] [argo 3.Delete=confirm]',
    (annotations, application, expected) => {
      expect(read(annotations, application)).toEqual({ wave: 0, ...expected });
    },
  );
});

describe('the hook types of a deletion', () => {
  it.each<[Record<string, string>, readonly string[]]>([
    [{ 'argocd.argoproj.io/hook': 'PreDelete' }, ['PreDelete']],
    [{ 'argocd.argoproj.io/hook': 'PreSync,PostDelete,PreDelete' }, ['PreDelete', 'PostDelete']],
    [{ 'helm.sh/hook': 'pre-delete,post-delete,pre-install' }, ['PreDelete', 'PostDelete']],
  ])('%j are %j [argo 1.PreDelete] [argo 1.helm-delete]', (annotations, phases) => {
    expect(readHookTypes(annotations, 'delete').types).toEqual({ kind: 'hook', phases });
  });

  it.each<Record<string, string>>([
    { 'argocd.argoproj.io/hook': 'PreSync' },
    { 'argocd.argoproj.io/hook': 'Skip' },
    { 'argocd.argoproj.io/hook': 'PreSync', 'helm.sh/hook': 'pre-delete' },
    { 'helm.sh/hook': 'pre-install' },
  ])('%j has none', (annotations) => {
    expect(readHookTypes(annotations, 'delete').types.kind).toBe('left-out');
  });

  it('are no part of a sync [argo 5.52]', () => {
    expect(readHookTypes({ 'argocd.argoproj.io/hook': 'PreDelete' }).types).toMatchObject({ kind: 'left-out' });
    expect(readHookTypes({ 'argocd.argoproj.io/hook': 'PreDelete,PreSync' }).types).toEqual({
      kind: 'hook',
      phases: ['PreSync'],
    });
  });
});
