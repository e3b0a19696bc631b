import { fieldEntries } from '../managed-fields/entries.ts';
import { fieldManagerOf } from '../markers.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf, labelsOf } from '../objects.ts';
import { objectAt } from '../json.ts';
import type { SyncRequest } from './request.ts';

/** Whether a sync makes its destination namespace where it is missing: by the flag, or by Argo CD's `CreateNamespace=true`. */
export function createsNamespace({ createNamespace, options }: SyncRequest): boolean {
  return createNamespace || options.syncOptions?.CreateNamespace === 'true';
}

/** The destination namespace with the labels and annotations it is to have: Argo CD's `managedNamespaceMetadata`. */
export function managedNamespace({ namespace, options }: SyncRequest): KubernetesObject {
  const { labels = {}, annotations = {} } = options.namespaceMetadata ?? {};
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels, annotations } };
}

/**
 * Whether a live namespace has the labels and annotations a sync is to give it, and none that an earlier sync of the
 * application gave it and this one does not.
 */
export function isNamespaceAsWanted(live: KubernetesObject, request: SyncRequest): boolean {
  const wanted = managedNamespace(request);
  const own = fieldEntries(live).find(
    ({ manager, operation }) => manager === fieldManagerOf(request.application) && operation === 'Apply',
  );
  const ownedKeys = (field: string) =>
    Object.keys(objectAt(own?.fields, 'f:metadata', field) ?? {}).filter((element) => element !== '.');
  const agree = (there: Readonly<Record<string, string>>, said: Readonly<Record<string, string>>, field: string) =>
    Object.entries(said).every(([key, value]) => there[key] === value) &&
    ownedKeys(field).toSorted().join() ===
      Object.keys(said)
        .map((key) => `f:${key}`)
        .toSorted()
        .join();
  return (
    agree(labelsOf(live), labelsOf(wanted), 'f:labels') &&
    agree(annotationsOf(live), annotationsOf(wanted), 'f:annotations')
  );
}
