import { sha256 } from '../../bundles/digest.ts';
import type { ApplicationDefinition } from '../../core/application/application.ts';
import { failure } from '../../core/failures.ts';
import { encodeBundle, shortDigest } from '../../core/manifests/bundle.ts';
import type { Manifest } from '../../core/manifests/manifest.ts';
import { syncReference } from '../../core/retention/references.ts';
import type { SyncRequest } from '../../core/sync/request.ts';
import type { Trigger } from '../../core/triggers/trigger.ts';
import { requestOfTrigger, turnOfTrigger } from '../../core/triggers/trigger.ts';
import type { Standing } from '../../core/triggers/unchanged.ts';
import { newestBundle, unchangedBy } from '../../core/triggers/unchanged.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { atCommit } from '../../sources/application-source.ts';
import type { PrepareAnswer, PrepareInput } from '../../workflows/activities.ts';
import { DEFAULT_DEFINITIONS_NAMESPACE, getDefinition } from '../applications/definitions.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { readHistory } from '../history/sync-history.ts';
import type { ActivityRuntime } from '../runtime.ts';
import { renderApplication } from './render-application.ts';
import { hasSameObjects } from './same-manifests.ts';

/**
 * Renders what a trigger wants synced and stores it, and answers the request to put in line; or that nothing is to be done, since a push
 * has not changed the manifests. A push is rendered at the commit it is of. The same trigger makes a request of the same ID each time.
 */
export async function prepareTrigger(
  { trigger, name }: PrepareInput,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<PrepareAnswer> {
  const cluster = await deps.cluster(trigger.cluster);
  const definition = await definitionOf(trigger, cluster, runtime, deps);
  const support = deps.triggers;
  if (support === undefined) throw new Error('this worker was given nothing to render with');
  const { cause } = trigger;
  const source = cause.kind === 'push' ? atCommit(definition.source, cause.push.commit) : definition.source;
  const rendered = await renderApplication(definition, source, cluster, support.rendering, runtime);
  const bundle = await deps.bundles.put(new TextEncoder().encode(encodeBundle(rendered.manifests)), runtime.signal);
  const revision = rendered.revision ?? shortDigest(bundle);
  const request = requestOfTrigger(trigger, definition, {
    ...{ syncId: syncIdOf(name), bundle, revision, at: runtime.now() },
  });
  if (cause.kind === 'push') {
    const standing = await support.standing(request, runtime.signal);
    const why = await whyUnchanged(request, rendered.manifests, standing, cluster, runtime, deps);
    if (why !== undefined) return { kind: 'unchanged', revision, bundle, why };
  }
  await deps.bundles.refer(syncReference(request), [bundle], runtime.signal);
  const series = cause.kind === 'schedule' ? { series: 'the schedule' } : {};
  const joining = { request, ifRunning: turnOfTrigger(cause, definition), named: true, ...series };
  return { kind: 'ready', joining };
}

async function definitionOf(
  { cluster: name, application }: Trigger,
  cluster: Cluster,
  { signal }: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<ApplicationDefinition> {
  const home = deps.definitions ?? DEFAULT_DEFINITIONS_NAMESPACE;
  const definition = await getDefinition(cluster, home, application, signal);
  if (definition !== undefined) return definition;
  throw failure('InvalidRequest', `no application ${application} is defined in cluster ${name}`, {
    remedy: `define it with: syncline app set ${application} SOURCE -n NAMESPACE`,
  });
}

async function whyUnchanged(
  request: SyncRequest,
  manifests: readonly Manifest[],
  standing: Standing,
  cluster: Cluster,
  { signal }: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<string | undefined> {
  const latest = (await readHistory(cluster, request, signal))?.entries[0];
  const newest = newestBundle(standing, latest);
  const hasSame = newest !== undefined && (await hasSameObjects(deps, newest, manifests, signal));
  return unchangedBy(request, hasSame, standing, latest);
}

const ID_DIGITS = 24;

/** The ID of the sync that a trigger of this name asks for. */
function syncIdOf(trigger: string): string {
  return `t${sha256(trigger).slice(0, ID_DIGITS)}`;
}
