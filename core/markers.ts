import { PHASES } from './phases.ts';

/** Labels, annotations and names by which Syncline knows its own in a cluster. */

/** Annotation: whose object it is, as `<namespace of the record>/<application>`. */
export const OWNER_ANNOTATION = 'syncline.dev/owner';

/** Annotation: digest of the manifest that was applied last. */
export const DIGEST_ANNOTATION = 'syncline.dev/digest';

/** Annotation of a resource that every sync makes anew (`Replace=true,Force=true`): the ID of the sync that made it. */
export const MADE_BY_ANNOTATION = 'syncline.dev/made-by';

/** Annotation of a resource with `Validate=false`: the paths of the fields its kind does not know, as a JSON list. */
export const UNDECLARED_ANNOTATION = 'syncline.dev/undeclared-fields';

/** Annotation of a hook that was created and not yet released; its value names sync and attempt. */
export const GATE_ANNOTATION = 'syncline.dev/gate';

/** Annotation of a hook that can be gated: the epoch of the claim under which it was made, or taken over last. */
export const CLAIM_ANNOTATION = 'syncline.dev/claim';

/** Annotation: the `ttlSecondsAfterFinished` of the manifest, withheld until the hook is settled. */
export const TTL_ANNOTATION = 'syncline.dev/ttl-seconds';

/** Name of the scheduling gate of a hook Pod. */
export const SCHEDULING_GATE = 'syncline.dev/gate';

/** Label of hook objects: the application. */
export const APPLICATION_LABEL = 'syncline.dev/application';

/** Label of hook objects: the sync that made them. */
export const SYNC_LABEL = 'syncline.dev/sync';

/** Label of hook objects: the attempt, from 1. */
export const ATTEMPT_LABEL = 'syncline.dev/attempt';

/** Label of hook objects: the phase. */
export const PHASE_LABEL = 'syncline.dev/phase';

/** Label of the record and the inventory: what the ConfigMap is. */
export const ROLE_LABEL = 'syncline.dev/role';

/** The value of the owner annotation for an application. */
export function ownerOf(application: { readonly namespace: string; readonly application: string }): string {
  return `${application.namespace}/${application.application}`;
}

/** The field manager of an application: two applications that write one field show as a conflict. */
export function fieldManagerOf(application: string): string {
  return `syncline:${application}`;
}

/** Name of the ConfigMap that holds an application's record. */
export function recordName(application: string): string {
  return `syncline.${application}`;
}

/** Name of the ConfigMap that holds what an application owns. */
export function inventoryName(application: string): string {
  return `syncline.${application}.inventory`;
}

/** Name of the ConfigMap that holds what is kept of an application's syncs. */
export function historyName(application: string): string {
  return `syncline.${application}.history`;
}

/** Name of the reference that keeps the bundle of a sync for as long as the history has it; with an empty ID what they all begin with. */
export function historyReference(
  { cluster, application }: { readonly cluster: string; readonly application: string },
  syncId: string,
): string {
  return `history/${cluster}/${application}/${syncId}`;
}

/** Name of the ConfigMap that holds how an application is synced by its name. */
export function definitionName(application: string): string {
  return `syncline.${application}.application`;
}

/** The workflow ID that is the lock of an application. */
export function workflowIdOf(cluster: string, application: string): string {
  return `sync/${cluster}/${application}`;
}

/** The workflow ID of the line of an application's requests that wait for its lock. */
export function queueIdOf(cluster: string, application: string): string {
  return `queue/${cluster}/${application}`;
}

/** The workflow ID of a push that was told of; the same push is the same ID. */
export function pushIdOf(sender: string, delivery: string): string {
  return `push/${sender}/${delivery}`;
}

/** The workflow ID of what starts the sync of an application; `trigger` names it, such as a push. */
export function triggerIdOf(cluster: string, application: string, trigger: string): string {
  return `trigger/${cluster}/${application}/${trigger}`;
}

/** The ID of the schedule of an application, in Temporal. */
export function scheduleIdOf(cluster: string, application: string): string {
  return `schedule/${cluster}/${application}`;
}

/**
 * The workflow ID of one sync: its application's lock. A dry run changes nothing and so needs no lock: it has an ID of its
 * own, and may run beside a sync.
 */
export function workflowIdOfSync(request: SyncNames): string {
  const { cluster, application, syncId, options } = request;
  return options.dryRun ? `dry-run/${cluster}/${application}/${syncId}` : workflowIdOf(cluster, application);
}

/** What names one sync. */
export interface SyncNames {
  readonly cluster: string;
  readonly application: string;
  readonly syncId: string;
  readonly options: { readonly dryRun: boolean };
}

/** How a record names the workflow that holds it: two Temporals never look alike. `temporalId` is the ID of Temporal's namespace. */
export function holderOf(temporalId: string, cluster: string, application: string): string {
  return `${temporalId}/${workflowIdOf(cluster, application)}`;
}

/** Workflow ID of a phase's child workflow. */
export function phaseWorkflowIdOf(cluster: string, application: string, phase: string): string {
  return `${workflowIdOf(cluster, application)}/${phase}`;
}

/** Workflow ID of what tells of one event of one run of a sync's workflow. */
export function notificationIdOf(sync: Pick<SyncNames, 'cluster' | 'application'>, run: string, event: string): string {
  return `notify/${sync.cluster}/${sync.application}/${run}/${event}`;
}

/** The workflows that may work on an application: the sync itself, and its phases, which may outlive it for a moment. */
export function workflowIdsOf(cluster: string, application: string): readonly string[] {
  return [workflowIdOf(cluster, application), ...PHASES.map((phase) => phaseWorkflowIdOf(cluster, application, phase))];
}
