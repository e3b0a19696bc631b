import type { ApplicationDefinition } from '../../core/application/application.ts';
import type { ReadDefinition } from '../../core/application/read-definition.ts';
import { readDefinition } from '../../core/application/read-definition.ts';
import type { Failure } from '../../core/failures.ts';
import type { Json } from '../../core/json.ts';
import { stringAt } from '../../core/json.ts';
import { ROLE_LABEL, definitionName } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, refOf } from '../../core/objects.ts';
import { refuse } from '../../core/plan/offline-plan.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { KeptText } from '../kept/kept-text.ts';
import { changeKept, readKept, refOfKept } from '../kept/kept-text.ts';

/** Where the definitions of a cluster's applications are kept: one namespace, so that a name is taken once. */
export const DEFAULT_DEFINITIONS_NAMESPACE = 'syncline';

const ROLE = 'application';

/** The definitions of a namespace, by name, and what is wrong with those that can't be read. */
export async function readDefinitions(
  cluster: Pick<Cluster, 'list'>,
  namespace: string,
  signal: AbortSignal,
): Promise<{ readonly definitions: readonly ApplicationDefinition[]; readonly failures: readonly Failure[] }> {
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: `${ROLE_LABEL}=${ROLE}` };
  const read = (await cluster.list(query, signal)).map((object) => reading(object));
  return {
    definitions: read
      .flatMap(({ definition = [] }) => definition)
      .sort((a, b) => a.application.localeCompare(b.application)),
    failures: read.flatMap(({ failures }) => failures),
  };
}

/** The definitions of a namespace, by name. Throws `InvalidRequest` for those it can't read. */
export async function listDefinitions(
  cluster: Pick<Cluster, 'list'>,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly ApplicationDefinition[]> {
  const { definitions, failures } = await readDefinitions(cluster, namespace, signal);
  refuse(failures);
  return definitions;
}

/** The definition of an application; undefined where there is none. Throws `InvalidRequest` for one it can't read. */
export async function getDefinition(
  cluster: Pick<Cluster, 'get'>,
  namespace: string,
  application: string,
  signal: AbortSignal,
): Promise<ApplicationDefinition | undefined> {
  const kept = keptDefinition(namespace, application);
  const text = await readKept(cluster, kept, signal);
  return text === undefined ? undefined : parsed(text, `ConfigMap ${namespace}/${kept.name}`);
}

/** Keeps a definition in the place of an earlier one. The namespace is created where it is missing. */
export async function setDefinition(
  cluster: Pick<Cluster, 'get' | 'create' | 'replace'>,
  namespace: string,
  definition: ApplicationDefinition,
  signal: AbortSignal,
): Promise<void> {
  await ensureNamespace(cluster, namespace, signal);
  const kept = keptDefinition(namespace, definition.application);
  await changeKept(cluster, kept, () => JSON.stringify(definition), signal);
}

/** Removes a definition, where there is one; what was synced stays. */
export async function deleteDefinition(
  cluster: Pick<Cluster, 'delete'>,
  namespace: string,
  application: string,
  signal: AbortSignal,
): Promise<void> {
  const ref = refOfKept(keptDefinition(namespace, application));
  await cluster.delete(ref, { propagation: 'Background' }, signal);
}

async function ensureNamespace(
  cluster: Pick<Cluster, 'get' | 'create'>,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal)) !== undefined) return;
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await cluster.create(object, {}, signal).catch((error: unknown) => {
    if (!isApiError(error, 409)) throw error;
  });
}

function keptDefinition(namespace: string, application: string): KeptText {
  return { application, namespace, name: definitionName(application), role: ROLE };
}

function reading(object: KubernetesObject): ReadDefinition {
  return readDefinition(jsonOf(stringAt(object, 'data', ROLE)), `${describeRef(refOf(object))}: ${ROLE}`);
}

function parsed(text: string, place: string): ApplicationDefinition {
  const { definition, failures } = readDefinition(jsonOf(text), `${place}: ${ROLE}`);
  refuse(failures);
  if (definition === undefined) throw new Error('a definition without failures is there');
  return definition;
}

function jsonOf(text = ''): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // No definition is a text: the reader says so, with the place.
    return text;
  }
}
