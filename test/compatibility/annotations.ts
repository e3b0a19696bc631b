import type { Section } from './row.ts';
import { differs, notApplicable, same } from './row.ts';

/** What annotations say, and what becomes of those that say nothing known. */
export const ANNOTATIONS: Section = {
  id: '1',
  title: 'Annotations',
  rows: [
    same('csv', 'Lists are comma-separated, trimmed, without empty items or repetitions, case-sensitive'),
    same('hook', '`argocd.argoproj.io/hook` takes PreSync, Sync, PostSync and SyncFail'),
    differs(
      'hook-unknown',
      'Unknown types are dropped; an object left without a valid one vanishes in silence',
      'an error with file, line and the allowed types; `--lenient` reads it as Argo CD does and warns',
    ),
    same('Skip', 'Skip alone means neither applied nor pruned; beside another type it has no effect'),
    same('multi-phase', 'An object with several types runs once in each of its phases'),
    same('PreDelete', 'PreDelete and PostDelete hooks run when the application is deleted'),
    same('hook-delete-policy', '`hook-delete-policy` takes BeforeHookCreation, HookSucceeded and HookFailed'),
    differs(
      'hook-delete-policy-unknown',
      'A policy that is not known gives way to BeforeHookCreation',
      'an error; leniently the default, with a warning',
    ),
    same('sync-wave', '`sync-wave` is one integer without spaces; without it Helm’s weight counts, else 0'),
    differs(
      'sync-wave-unparsable',
      'A wave that is no integer is passed over',
      'an error; leniently as there, with a warning',
    ),
    same('sync-options', '`sync-options` is a list of `key=value`, of which the first of a key wins'),
    same('ignore-restart-policy', '`ignore-restart-policy` makes a Pod long-running, but never a Pod that is a hook'),
    differs(
      'ignore-healthcheck',
      '`ignore-healthcheck` takes an object out of the application’s health; waves still wait for it',
      'waves wait for it, except the last one, which Argo CD does not wait for at all',
    ),
    same(
      'IgnoreExtraneous',
      '`compare-options: IgnoreExtraneous` keeps an extra object from making the application OutOfSync',
    ),
    differs(
      'ServerSideDiff',
      '`compare-options: ServerSideDiff` chooses how differences are found',
      'the API server always finds them; `ServerSideDiff=false` is a warning, another value an error',
    ),
    notApplicable(
      'deletion-approved',
      '`deletion-approved` on the application confirms prunes and deletions that wait for it',
      'no object stands for the application: `syncline approve` confirms',
    ),
    same(
      'helm-hook',
      'Helm’s pre-install and pre-upgrade are PreSync, post-install and post-upgrade PostSync, once each',
    ),
    same('crd-install', 'Helm’s crd-install is an ordinary resource'),
    same('helm-dropped', 'Helm’s rollback and test hooks are left out'),
    same('helm-delete', 'Helm’s pre-delete and post-delete are PreDelete and PostDelete'),
    same('helm-suppressed', 'A valid Argo CD type makes Helm’s types of the object count for nothing'),
    same('helm-delete-policy', 'Delete policies of Argo CD and of Helm are added up'),
    same('hook-weight', '`helm.sh/hook-weight` is the wave where no sync-wave is, on resources too'),
    same('resource-policy', '`helm.sh/resource-policy: keep` protects when the application is deleted'),
    differs(
      'generateName',
      'A hook without a name gets one of prefix, revision, phase and start, which a retry of the revision uses again',
      'of prefix, revision, phase, sync and attempt: no two attempts share an object',
    ),
    same('generateName-name', 'An explicit name goes before generateName'),
    same('generateName-resource', 'A resource that has only generateName makes the sync fail'),
    differs(
      'hook-finalizer',
      'Sync hooks get a finalizer',
      'none is needed: verdict and log are recorded before anything is deleted',
    ),
    notApplicable(
      'kustomize',
      'Kustomize has no hooks of its own; annotations pass through',
      'annotations are read from manifests, whoever rendered them',
    ),
  ],
};
