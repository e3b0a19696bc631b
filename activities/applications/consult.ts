import type { Consultation, ConsultationAnswer } from '../../core/application/consultation.ts';
import type { ApplicationDefinition } from '../../core/application/application.ts';
import type { Failure } from '../../core/failures.ts';
import { failure } from '../../core/failures.ts';
import { APPLICATION_LABEL, ROLE_LABEL } from '../../core/markers.ts';
import { refOf } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { readHistory } from '../history/sync-history.ts';
import type { ActivityRuntime } from '../runtime.ts';
import {
  DEFAULT_DEFINITIONS_NAMESPACE,
  deleteDefinition,
  getDefinition,
  listDefinitions,
  setDefinition,
} from './definitions.ts';

/** Answers what a client asks of a cluster. The answer is stored as JSON, so that nothing of it stands in Temporal's history. */
export async function consult(
  asked: Consultation,
  runtime: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<ConsultationAnswer> {
  const answer = await answerTo(asked, runtime, deps);
  if (answer === undefined) return { kind: 'missing', failure: missing(asked) };
  const digest = await deps.bundles.put(new TextEncoder().encode(JSON.stringify(answer)), runtime.signal);
  return { kind: 'answered', digest };
}

/** Undefined where there is no such thing. */
async function answerTo(
  asked: Consultation,
  { signal }: ActivityRuntime,
  deps: ActivityDependencies,
): Promise<object | undefined> {
  const cluster = await deps.cluster(asked.cluster);
  const home = deps.definitions ?? DEFAULT_DEFINITIONS_NAMESPACE;
  switch (asked.kind) {
    case 'applications':
      return listDefinitions(cluster, home, signal);
    case 'application':
      return getDefinition(cluster, home, asked.application, signal);
    case 'define': {
      const text = new TextDecoder().decode(await deps.bundles.get(asked.definition, signal));
      const definition = JSON.parse(text) as ApplicationDefinition;
      await setDefinition(cluster, home, definition, signal);
      return definition;
    }
    case 'undefine':
      await deleteDefinition(cluster, home, asked.application, signal);
      return {};
    case 'history': {
      const namespace = asked.namespace ?? (await homeOf(cluster, asked.application, signal));
      if (namespace === undefined) return undefined;
      const history = await readHistory(cluster, { ...asked, namespace }, signal);
      return history === undefined ? undefined : { ...history, namespace };
    }
  }
}

/** The namespace where an application's history stands; one that was deployed to two is to be named by its namespace. */
async function homeOf(cluster: Cluster, application: string, signal: AbortSignal): Promise<string | undefined> {
  const labelSelector = `${ROLE_LABEL}=history,${APPLICATION_LABEL}=${application}`;
  const found = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', labelSelector }, signal);
  const namespaces = found.flatMap((object) => refOf(object).namespace ?? []);
  if (namespaces.length <= 1) return namespaces[0];
  throw failure(
    'InvalidRequest',
    `application ${application} has a history in each of the namespaces ${namespaces.join(', ')}`,
    { remedy: 'name one with -n' },
  );
}

function missing(asked: Consultation): Failure {
  const name = 'application' in asked ? asked.application : 'it';
  if (asked.kind === 'history') {
    const where = asked.namespace === undefined ? 'in any namespace' : `in namespace ${asked.namespace}`;
    const message = `there is no history of ${name} ${where} of cluster ${asked.cluster}`;
    return { type: 'InvalidRequest', message, remedy: 'it begins with the first sync; see also --cluster' };
  }
  const message = `no application ${name} is defined in cluster ${asked.cluster}`;
  return { type: 'InvalidRequest', message, remedy: `define it with: syncline app set ${name} SOURCE -n NAMESPACE` };
}
