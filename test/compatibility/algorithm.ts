import type { Section } from './row.ts';
import { differs, notApplicable, same } from './row.ts';

const TASKS: Section = {
  id: '2.1',
  title: 'What is to be done, and in which order',
  rows: [
    same(
      'pairing',
      'Desired and live objects are matched by group, kind, namespace and name, whatever the scope of the kind',
    ),
    same('filter', 'A selection of resources leaves out what it does not name; hooks are not filtered by it'),
    same('prune-task', 'An object that is live alone is pruned, unless it is a hook or says Skip'),
    differs(
      'hooks-omitted',
      'Hooks are left out in silence with the strategy `apply` and with any selection',
      'they run, and the plan says so; `--skip-hooks` leaves them out',
    ),
    same('namespace', 'An object without a namespace goes to the destination’s'),
    same('CreateNamespace', 'CreateNamespace makes the destination before the sync, unless the bundle has it'),
    differs(
      'permissions',
      'Kind and permission are checked for each object; what is not permitted fails the sync before it begins',
      'the API server’s own dry run of every object tells, all refusals in one answer',
    ),
    same(
      'unknown-kind',
      'A kind that is not served fails the sync, unless its CRD is in it or SkipDryRunOnMissingResource is set',
    ),
    same('prune-waves', 'The waves of prunes are swapped, first with last and so on; applies keep theirs'),
    same('PruneLast', 'PruneLast puts all such prunes into one wave behind every other of the Sync phase'),
    same('sort', 'Order is phase, then wave, then kind, then name'),
    same('kind-order', 'Kinds have a fixed order, by name of kind alone; unlisted kinds come last'),
    same('hoisting', 'A Namespace or CRD goes before its first dependant, into that one’s phase and wave'),
  ],
};

const DRY_RUN: Section = {
  id: '2.2',
  title: 'The dry run before anything is changed',
  rows: [
    differs(
      'dry-run',
      'Everything is tried client-side first, SyncFail hooks included',
      'tried by the API server, hooks included; the objects of a definition or namespace that the sync itself makes can’t be, and the plan says so',
    ),
    differs(
      'missing-namespace',
      'A destination that is missing is really created for it',
      'created when the sync begins, after the dry run',
    ),
    same('failure', 'If it fails nothing is applied'),
  ],
};

const STEP: Section = {
  id: '2.3',
  title: 'From one wave to the next',
  rows: [
    same(
      'hook-health',
      'A hook succeeds when Healthy or without a health check, fails when Degraded or Unknown, and runs on when Progressing or Suspended',
    ),
    differs(
      'resource-health',
      'A resource fails when Degraded, and is waited for while Unknown, Progressing or Suspended',
      'the same, up to a deadline',
    ),
    same('waits', 'A wave begins when every hook and every resource of those before it has ended well'),
    same('gone', 'A resource that is gone while it is waited for fails the sync'),
    same('pruned', 'An object that is being deleted is waited for before the next wave'),
    notApplicable('finalizer', 'The hook finalizer is taken off hooks that have completed', 'hooks have no finalizer'),
    same('failure', 'Any failure ends the sync at that wave'),
    differs('wave-delay', 'Two seconds pass between waves', 'none: `observedGeneration` is checked'),
    differs(
      'last-wave',
      'The last wave, if it has no hook, is not waited for',
      'it is (`--no-wait` gives Argo CD’s way); Suspended is enough there',
    ),
    differs(
      'peers',
      'The running peers of a failure are waited for, perhaps for ever',
      'waited for up to their own deadlines',
    ),
  ],
};

const WAVE: Section = {
  id: '2.4',
  title: 'Within a wave',
  rows: [
    notApplicable('finalizer', 'The hook finalizer is taken off hooks of earlier syncs', 'hooks have no finalizer'),
    same('prunes', 'Prunes come first, in the foreground; what is being deleted already is not deleted again'),
    differs(
      'confirm',
      'A prune that waits for its confirmation holds up the whole wave, for ever',
      'so it does, for 24 h or `--approval-timeout`; then the sync fails',
    ),
    same('prune-failure', 'A prune that fails stops the wave before anything is applied'),
    same('BeforeHookCreation', 'An earlier copy of a hook is deleted and gone before the hook is created'),
    same('kinds', 'Kinds are applied one after the other, objects of a kind side by side'),
    differs(
      'failed-kind',
      'A failed kind does not keep later kinds from being applied, hooks too',
      'later kinds of the same batch are applied; no hook starts after a failure',
    ),
    differs(
      'CRD',
      'A CRD is waited for up to 3 s, and a time-out is only logged',
      'awaited until established and discoverable; a time-out is a failure',
    ),
    differs('apply', 'Apply is client-side, as kubectl’s', 'server-side, with strict field validation'),
    differs(
      'operation-dry-run',
      'A dry run of the operation records every task as succeeded',
      'ends after the plan, which says what would change',
    ),
  ],
};

const FAILURE: Section = {
  id: '2.5',
  title: 'When a sync fails',
  rows: [
    differs(
      'HookFailed-first',
      'HookFailed hooks are deleted, then SyncFail hooks start',
      'each hook is deleted at the end of its phase, which is before SyncFail',
    ),
    differs(
      'SyncFail',
      'All SyncFail hooks start at once, whatever their waves',
      'wave by wave; a failed one does not keep later ones from running',
    ),
    differs(
      'reasons',
      'The result is one message of all reasons, each once, those of SyncFail hooks apart',
      'each failure stands for itself, with its object, place and remedy; those of SyncFail hooks come last',
    ),
    differs(
      'concurrent',
      'SyncFail hooks start beside hooks that still run',
      'once those have ended or their time is over',
    ),
    same('triggers', 'A failure in PreSync, Sync or PostSync runs them'),
    differs(
      'not-triggered',
      'An invalid plan, a failed dry run, termination and time-out do not run them',
      'nor does what fails before anything is changed; a time-out does, and an abort when asked',
    ),
  ],
};

const POLICIES: Section = {
  id: '2.6',
  title: 'Delete policies',
  rows: [
    same('BeforeHookCreation', 'BeforeHookCreation deletes an earlier copy as the hook’s wave starts'),
    differs(
      'HookSucceeded',
      'HookSucceeded deletes when the whole sync has succeeded',
      'when the hook has, at the end of its phase (kinds without an end: of the sync)',
    ),
    differs(
      'HookFailed',
      'HookFailed deletes every such hook when the sync fails, those that succeeded too',
      'the hook that failed, at the end of its phase',
    ),
    same('no-default', 'A declared policy takes the place of the default'),
    differs(
      'stale',
      'A named hook that was kept is applied again: unchanged, its old verdict counts',
      'a finished Job of an earlier sync is replaced and run',
    ),
    differs(
      'running',
      'An earlier copy that still runs is deleted as well',
      'what runs for another sync or tool is left alone, and the hook fails with `HookConflict`',
    ),
    same('delete-error', 'A hook that can’t be deleted does not turn a success into a failure'),
  ],
};

const TERMINATE: Section = {
  id: '2.7',
  title: 'Terminating a sync',
  rows: [
    differs('running', 'Running hooks are deleted, unless they have ended by then', 'the same, their logs kept first'),
    differs(
      'completed',
      'Hooks that have completed only lose their finalizer',
      'those with an end are deleted by their policies',
    ),
    same('resources', 'Resources are left as they are'),
    differs('outcome', 'The sync has Failed', 'it is Aborted: exit code 3'),
    differs('deletion', 'Deletions are not waited for', 'they are, so that nothing runs on when the sync has ended'),
  ],
};

const ENVELOPE: Section = {
  id: '2.8',
  title: 'Around a sync',
  rows: [
    differs(
      'retry-limit',
      'A failed sync is tried again up to a limit, with a growing pause',
      'a failed sync stays failed until somebody asks for the next; what may pass by itself is tried again within its step, a hook as often as its `syncline.dev/retries` says',
    ),
    differs(
      'retry-restarts',
      'A retry forgets all results and begins anew',
      'what Temporal resumes or resets goes on at its step; a hook that succeeded in this sync is not run again',
    ),
    differs(
      'timeout',
      'One time-out for the controller counts over all retries, and none for a wave or hook',
      'one for the sync (`--timeout`), one for each step (`syncline.dev/timeout`)',
    ),
    notApplicable(
      'window',
      'A closed sync window freezes a running sync and its termination',
      'windows hold back starts alone, never what runs or its abort',
    ),
    notApplicable('auto-sync', 'Automatic syncs never try a revision again that has failed', 'syncs are asked for'),
    notApplicable(
      'self-heal',
      'Self-healing syncs the resources that differ, without hooks',
      'syncs are asked for; each repairs what differs, with hooks',
    ),
    differs(
      'rollback',
      'A rollback runs no hooks',
      'it runs those of the manifests it goes back to, unless `--skip-hooks`',
    ),
    differs(
      'history',
      'Only successful syncs are in the history',
      'every sync that has begun to change something is, with how it ended',
    ),
    differs(
      'delete-hooks',
      'PreDelete and PostDelete hooks run without waves; a failed one is deleted and holds up the deletion',
      'in waves, by the hook protocol and their delete policies; a failed one ends the deletion, and the next one goes on',
    ),
    differs(
      'diff',
      'Differences are found by a three-way merge, Secrets masked',
      'by the API server’s dry run; Secrets masked too',
    ),
  ],
};

/** What a sync does, step by step. */
export const ALGORITHM: readonly Section[] = [TASKS, DRY_RUN, STEP, WAVE, FAILURE, POLICIES, TERMINATE, ENVELOPE];
