import { PLAIN_APPLY } from '../../core/apply/write-mode.ts';
import { createsNamespace, isNamespaceAsWanted, managedNamespace } from '../../core/sync/managed-namespace.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { writeObject } from '../apply/write-object.ts';
import { namespaceAmong, refOfHome } from '../record/namespace.ts';
import { isDryRunUnsupported } from './dry-run.ts';
import type { Findings, Planning } from './planning.ts';
import { refusalOf } from './planning.ts';

/** Tries the labels and annotations that the destination namespace is to get, and says where they have no effect. */
export async function tryNamespaceMetadata(planning: Planning): Promise<Findings> {
  const { request, bundle } = planning;
  const isAsked = request.options.namespaceMetadata !== undefined;
  if (!createsNamespace(request)) return nothing(isAsked ? 'without --create-namespace' : undefined);
  if (namespaceAmong(bundle, request) !== undefined) {
    return nothing(isAsked ? `because the manifests define namespace ${request.namespace} themselves` : undefined);
  }
  if (!request.options.validate || (await isKept(planning))) return nothing();
  return tried(planning);
}

function nothing(because?: string): Findings {
  const warning = `The labels and annotations for the namespace have no effect ${because ?? ''}.`;
  return { failures: [], warnings: because === undefined ? [] : [warning] };
}

/** Whether the namespace needs no write; one that may not be read is tried. */
async function isKept({ own, request, runtime }: Planning): Promise<boolean> {
  try {
    const live = await own.get(refOfHome(request), runtime.signal);
    return live !== undefined && isNamespaceAsWanted(live, request);
  } catch (error) {
    if (isApiError(error, 403)) return false;
    throw error;
  }
}

async function tried(planning: Planning): Promise<Findings> {
  const { cluster, request, runtime } = planning;
  const writing = { cluster, request, runtime, dryRun: true, mayWrite: () => Promise.resolve(true) };
  try {
    await writeObject(writing, managedNamespace(request), PLAIN_APPLY);
    return nothing();
  } catch (error) {
    if (isDryRunUnsupported(error)) return nothing();
    return { warnings: [], failures: [refusalOf(planning, error, refOfHome(request))] };
  }
}
