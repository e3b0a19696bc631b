import { fieldManagerOf } from '../core/markers.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { ApplyOptions } from '../kubernetes/cluster.ts';
import type { ApiError } from '../kubernetes/errors.ts';

/** The options with which an application's objects are applied. */
export function applyOptions({ application, options }: SyncRequest): ApplyOptions {
  return { fieldManager: fieldManagerOf(application), force: options.forceConflicts };
}

/** The manager that a cause of a field conflict names; the API server says it in words alone. */
export function managerOfCause(cause: ApiError['causes'][number]): string | undefined {
  return cause.type === 'FieldManagerConflict' ? /conflict with "([^"]+)"/.exec(cause.message)?.[1] : undefined;
}

/** The managers that own what an apply wanted to set, each once; empty where the error is no field conflict. */
export function conflictingManagers(error: ApiError): readonly string[] {
  const managers = error.causes.flatMap((cause) => managerOfCause(cause) ?? []);
  return [...new Set(managers)];
}
