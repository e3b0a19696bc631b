import type { Section } from './row.ts';
import { differs, notApplicable, same } from './row.ts';

/** The sync options, of an application or of a resource. */
export const SYNC_OPTIONS: Section = {
  id: '3',
  title: 'Sync options',
  rows: [
    same('Prune=false', 'Never pruned; the resource’s word goes before the application’s'),
    differs(
      'Prune=confirm',
      'Pruned once an annotation of the Application has confirmed it',
      '`syncline approve`, bound to the plan; the annotation’s object does not exist here',
    ),
    same('PruneLast', 'Pruned in a last wave; read from the live object'),
    differs(
      'PrunePropagationPolicy',
      'How dependants of what is deleted go: foreground, background, orphan; hooks too',
      'a hook that is stopped or replaced is never orphaned: its pods would run on',
    ),
    same('Validate', 'Validate=false applies without validation by the schema'),
    same('SkipDryRunOnMissingResource', 'An object of a kind that is not served yet is not tried beforehand'),
    same('ApplyOutOfSyncOnly', 'Only what differs is applied, and waited for; hooks still run'),
    same('Replace', 'The object is replaced instead of applied; goes before ServerSideApply'),
    same('Force', 'The object is deleted and created where it can’t be changed; with Replace always'),
    differs(
      'ServerSideApply',
      'Server-side apply that takes every field, by choice',
      'always; fields of other managers are a `FieldConflict` unless `--force-conflicts` is given',
    ),
    same(
      'ClientSideApplyMigration',
      'ClientSideApplyMigration=false leaves the fields of client-side apply with their manager',
    ),
    same('CreateNamespace', 'Makes the destination namespace'),
    same('managedNamespaceMetadata', 'Labels and annotations of the namespace that CreateNamespace makes'),
    differs(
      'RespectIgnoreDifferences',
      'Fields whose differences are ignored are applied with their live value',
      'the same outcome; what others own of them is left out of the apply, so that it stays theirs',
    ),
    differs(
      'FailOnSharedResource',
      'Fails early where an object is another application’s',
      'that always fails unless `--adopt` is given; the option refuses `--adopt` too while the other has its record',
    ),
    differs('Delete=false', 'Kept when the application is deleted', 'and let go of: it loses the marks of its owner'),
    differs(
      'Delete=confirm',
      'Deleted with the application once an annotation of it has confirmed it',
      '`syncline approve`, bound to the plan',
    ),
    notApplicable(
      'never-read',
      '`Replace=false` and `ApplyOutOfSyncOnly=false` exist and are never read',
      'there is nothing they could turn off',
    ),
  ],
};
