import type { JsonObject } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { arrayAt } from '../json.ts';
import type { FieldEntry } from './entries.ts';
import { fieldEntries, unionOfFields } from './entries.ts';
import { isOfPredecessor } from './predecessors.ts';

/** For whom fields are taken over. */
export interface Successor {
  /** Field manager of the application. */
  readonly fieldManager: string;
  /** API version its manifest is written in. */
  readonly apiVersion: string;
  /** Further managers that hand their fields over: those of the applications that had the object so far. */
  readonly from?: readonly string[];
}

/**
 * The `managedFields` of a live object after its predecessors (kubectl, Argo CD, Helm) have handed their fields over to the
 * application's own server-side apply, so that what they set and its manifest lacks disappears with the next apply.
 * Undefined where there is nothing to hand over, or the application has applied the object before. Mirrors
 * `UpgradeManagedFields` of Kubernetes' `client-go/util/csaupgrade`; entries of subresources, of edits by hand and of
 * controllers stay as they are, and so do those of another API version than the one that is taken over.
 */
export function handedOver(live: KubernetesObject, successor: Successor): readonly JsonObject[] | undefined {
  const entries = fieldEntries(live);
  const own = entries.find((entry) => isOwn(entry, successor, 'Apply'));
  const handing = entries.filter((entry) => isHandedOver(entry, successor, own !== undefined));
  const version = versionAmong(handing, own, successor);
  const merged = handing.filter(({ apiVersion }) => apiVersion === version);
  const [first] = merged;
  if (first === undefined) return undefined;
  const taken = {
    ...(own ?? first).written,
    manager: successor.fieldManager,
    operation: 'Apply',
    apiVersion: first.apiVersion,
    fieldsV1: unionOfFields([...(own === undefined ? [] : [own]), ...merged].map(({ fields }) => fields)),
  };
  const replaced = new Set([...merged, ...(own === undefined ? [] : [own])].map(({ written }) => written));
  const rest = arrayAt(live, 'metadata', 'managedFields') as readonly JsonObject[];
  return [taken, ...rest.filter((entry) => !replaced.has(entry))];
}

/** What the application itself wrote by PUT is always joined with what it applies; what others wrote, once. */
function isHandedOver(entry: FieldEntry, successor: Successor, hasApplied: boolean): boolean {
  if (isOwn(entry, successor, 'Update')) return true;
  if (successor.from?.includes(entry.manager) === true && entry.subresource === '') return true;
  return !hasApplied && isOfPredecessor(entry);
}

function isOwn({ manager, operation, subresource }: FieldEntry, { fieldManager }: Successor, by: string): boolean {
  return manager === fieldManager && operation === by && subresource === '';
}

/** Trees of different API versions can't be joined: the manifest's version goes first. */
function versionAmong(
  handing: readonly FieldEntry[],
  own: FieldEntry | undefined,
  { apiVersion }: Successor,
): string | undefined {
  if (own !== undefined) return own.apiVersion;
  return handing.some((entry) => entry.apiVersion === apiVersion) ? apiVersion : handing[0]?.apiVersion;
}
