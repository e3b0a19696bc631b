import { gunzipSync, gzipSync } from 'node:zlib';
import { failure } from '../../core/failures.ts';
import { isJsonObject, stringAt } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { APPLICATION_LABEL, ROLE_LABEL, inventoryName } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { refKey, resourceVersionOf } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { wroteUnchanged } from '../kept/compare-and-swap.ts';

/** An object an application owns. The UID is missing while it is only announced. */
export interface InventoryEntry extends ObjectRef {
  readonly uid?: string;
}

/** Whose inventory: it stands beside the application's record. */
export interface InventoryOwner {
  readonly application: string;
  readonly namespace: string;
}

type InventoryCluster = Pick<Cluster, 'get' | 'create' | 'replace'>;

/** What an application owns by its inventory; empty where there is none. Throws `InvalidRequest` for one it can't read. */
export async function readInventory(
  cluster: Pick<Cluster, 'get'>,
  owner: InventoryOwner,
  signal: AbortSignal,
): Promise<readonly InventoryEntry[]> {
  return parse(await cluster.get(refOfInventory(owner), signal), owner);
}

/**
 * Adds objects that are about to be applied to the inventory, so that a crash orphans none. What is known stays, and
 * nothing is written where nothing is new. The namespace must exist.
 */
export async function announceInventory(
  cluster: InventoryCluster,
  owner: InventoryOwner,
  refs: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<void> {
  await update(cluster, owner, signal, (known) => {
    const keys = new Set(known.map(refKey));
    const added = refs.filter((ref) => !keys.has(refKey(ref))).map(bare);
    return added.length === 0 ? undefined : [...known, ...added];
  });
}

/** Makes the inventory these entries; nothing is written where it says so already. */
export async function writeInventory(
  cluster: InventoryCluster,
  owner: InventoryOwner,
  entries: readonly InventoryEntry[],
  signal: AbortSignal,
): Promise<void> {
  const text = serialized(entries);
  await update(cluster, owner, signal, (known) => (serialized(known) === text ? undefined : entries));
}

/** Removes the inventory; there may be none. */
export async function removeInventory(
  cluster: Pick<Cluster, 'delete'>,
  owner: InventoryOwner,
  signal: AbortSignal,
): Promise<void> {
  await cluster.delete(refOfInventory(owner), { propagation: 'Background' }, signal);
}

async function update(
  cluster: InventoryCluster,
  owner: InventoryOwner,
  signal: AbortSignal,
  change: (known: readonly InventoryEntry[]) => readonly InventoryEntry[] | undefined,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const stored = await cluster.get(refOfInventory(owner), signal);
    const entries = change(parse(stored, owner));
    if (entries === undefined || (await written(cluster, owner, stored, entries, signal))) return;
  }
}

/** Writes the inventory if nobody has changed it since it was read; false where the race was lost. */
function written(
  cluster: InventoryCluster,
  owner: InventoryOwner,
  stored: KubernetesObject | undefined,
  entries: readonly InventoryEntry[],
  signal: AbortSignal,
): Promise<boolean> {
  const object = inventoryObject(owner, entries, stored === undefined ? undefined : resourceVersionOf(stored));
  return wroteUnchanged(cluster, object, stored, signal);
}

function inventoryObject(
  owner: InventoryOwner,
  entries: readonly InventoryEntry[],
  resourceVersion: string | undefined,
): KubernetesObject {
  const { apiVersion, kind, name, namespace } = refOfInventory(owner);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: {
        'app.kubernetes.io/managed-by': 'syncline',
        [ROLE_LABEL]: 'inventory',
        [APPLICATION_LABEL]: owner.application,
      },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    // Compressed, because a ConfigMap holds at most 1 MiB: some 15,000 objects with their UIDs.
    binaryData: { inventory: gzipSync(serialized(entries)).toString('base64') },
  };
}

function refOfInventory({ application, namespace }: InventoryOwner): ObjectRef {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: inventoryName(application) };
}

function bare({ apiVersion, kind, namespace, name }: ObjectRef): InventoryEntry {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** The inventory as text, the same for the same entries in whatever order. */
function serialized(entries: readonly InventoryEntry[]): string {
  const objects = entries
    .map((entry) => ({ ...bare(entry), ...(entry.uid === undefined ? {} : { uid: entry.uid }) }))
    .sort((a, b) => (refKey(a) < refKey(b) ? -1 : 1));
  return JSON.stringify({ version: 1, objects });
}

function parse(stored: KubernetesObject | undefined, owner: InventoryOwner): readonly InventoryEntry[] {
  if (stored === undefined) return [];
  try {
    const text = gunzipSync(Buffer.from(stringAt(stored, 'binaryData', 'inventory') ?? '', 'base64')).toString();
    const { version, objects } = JSON.parse(text) as { readonly version: number; readonly objects: unknown };
    // A later version may hold what this code can't keep: better to stop than to write it away.
    if (version !== 1) throw new Error(`it has version ${String(version)}, this Syncline reads version 1`);
    if (!Array.isArray(objects)) throw new Error('it has no list of objects');
    return objects.filter(isJsonObject).map(entryOf);
  } catch (error) {
    const name = `${owner.namespace}/${inventoryName(owner.application)}`;
    const why = error instanceof Error ? error.message : String(error);
    throw failure(
      'InvalidRequest',
      `The inventory ConfigMap ${name} can't be read: ${why}.`,
      {
        object: `ConfigMap ${name}`,
        remedy:
          'use a Syncline of the version that wrote it, or delete it (nothing is pruned then that is not synced again)',
      },
      { cause: error },
    );
  }
}

function entryOf(stored: JsonObject): InventoryEntry {
  const namespace = stringAt(stored, 'namespace');
  const uid = stringAt(stored, 'uid');
  return {
    apiVersion: stringAt(stored, 'apiVersion') ?? '',
    kind: stringAt(stored, 'kind') ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    name: stringAt(stored, 'name') ?? '',
    ...(uid === undefined ? {} : { uid }),
  };
}
