import type { ApplicationDefinition } from '../../core/application/application.ts';
import { readDefinition } from '../../core/application/read-definition.ts';
import { SynclineError } from '../../core/failures.ts';
import type { Json } from '../../core/json.ts';
import { stringAt } from '../../core/json.ts';
import { ROLE_LABEL, definitionName } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, refOf } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { KeptText } from '../kept/kept-text.ts';
import { changeKept, readKept, refOfKept } from '../kept/kept-text.ts';

/** Where the definitions of a cluster's applications are kept: one namespace, so that a name is taken once. */
export const DEFAULT_DEFINITIONS_NAMESPACE = 'syncline';

const ROLE = 'application';

/** The definitions of a namespace, by name. Throws `InvalidRequest` for one it can't read. */
export async function listDefinitions(
  cluster: Pick<Cluster, 'list'>,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly ApplicationDefinition[]> {
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: `${ROLE_LABEL}=${ROLE}` };
  const stored = await cluster.list(query, signal);
  return stored
    .map((object) => parsed(stringAt(object, 'data', ROLE), placeOf(object)))
    .sort((a, b) => a.application.localeCompare(b.application));
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

function placeOf(object: KubernetesObject): string {
  return describeRef(refOf(object));
}

function parsed(text: string | undefined, place: string): ApplicationDefinition {
  const { definition, failures } = readDefinition(jsonOf(text), `${place}: ${ROLE}`);
  const [first, ...others] = failures;
  if (first !== undefined) throw new SynclineError([first, ...others]);
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
