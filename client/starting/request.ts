import { randomInt } from 'node:crypto';
import { digestOf } from '../../bundles/digest.ts';
import { encodeBundle, shortDigest } from '../../core/manifests/bundle.ts';
import type { ApplicationSource } from '../../core/application/application.ts';
import type { Manifest } from '../../core/manifests/manifest.ts';
import type { SyncOptions, SyncRequest } from '../../core/sync/request.ts';
import type { Rollback } from '../../core/sync/rollback.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../core/sync/request.ts';
import type { Turn } from './begin.ts';
import {
  checkAccount,
  checkApplication,
  checkCluster,
  checkNamespace,
  checkPlace,
  checkSelection,
  checkSyncId,
  checkedIgnoreRules,
} from './validation.ts';

/** What a caller says about a sync. */
export interface SyncOrder extends Turn {
  /** The manifests to sync; or name a stored `bundle` instead. */
  readonly manifests?: readonly Manifest[];
  /** Digest of manifests that are in the bundle store already. */
  readonly bundle?: string;
  /**
   * What the server is to render in their place: the application as it is kept, or a source that a `--source` of its allows. Nothing but
   * a client of `connectServer` takes it.
   */
  readonly serverRenders?: 'kept' | ApplicationSource;
  readonly application: string;
  /** The cluster's name in the worker's configuration. */
  readonly cluster: string;
  /** Destination namespace of objects that name none, and home of the application's record. */
  readonly namespace: string;
  /** Create that namespace where it is missing. @default false */
  readonly createNamespace?: boolean;
  /** What people call these bytes. @default the first characters of the bundle's digest */
  readonly revision?: string;
  /** Who asks, for the record. */
  readonly requestedBy: string;
  /** The earlier sync that it goes back to; `rollbackOrder` makes such an order. */
  readonly rollback?: Rollback;
  /** What differs from `DEFAULT_SYNC_OPTIONS`. */
  readonly options?: Partial<SyncOptions>;
}

/** What a caller says about the deletion of an application. */
export interface DeletionOrder extends Omit<SyncOrder, 'createNamespace' | 'revision' | 'rollback' | 'serverRenders'> {
  /** Keep the objects and let go of them; no hook runs. @default false */
  readonly orphan?: boolean;
  /** Run no PreDelete and PostDelete hooks. @default false */
  readonly skipHooks?: boolean;
}

/** The digest under which manifests are stored. */
export function digestOfManifests(manifests: readonly Manifest[]): string {
  return digestOf(new TextEncoder().encode(encodeBundle(manifests)));
}

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A new sync ID: `s` and twelve random characters. */
export function newSyncId(): string {
  return `s${Array.from({ length: 12 }, () => ID_LETTERS[randomInt(ID_LETTERS.length)] ?? 'a').join('')}`;
}

/** The workflow's input for an order whose bundle is stored. `now` is ms since 1970. Throws `InvalidRequest` for bad names, selections and rules of ignored fields. */
export function requestOf(order: SyncOrder, syncId: string, bundle: string, now: number): SyncRequest {
  checkApplication(order.application);
  checkCluster(order.cluster);
  checkNamespace(order.namespace);
  checkSelection(order.options?.selection);
  checkSyncId(syncId);
  checkPlace(order.options?.from);
  checkAccount(order.options?.as);
  return {
    version: 1,
    syncId,
    application: order.application,
    cluster: order.cluster,
    namespace: order.namespace,
    createNamespace: order.createNamespace ?? false,
    bundle,
    revision: order.revision ?? shortDigest(bundle),
    requestedBy: order.requestedBy,
    requestedAt: now,
    ...(order.fingerprint === undefined ? {} : { fingerprint: order.fingerprint }),
    indexed: true,
    ...(order.rollback === undefined ? {} : { rollback: order.rollback }),
    options: { ...DEFAULT_SYNC_OPTIONS, ...order.options, ...checkedIgnoreRules(order.options?.ignoreDifferences) },
  };
}

/** What people call what a deletion works with, where no manifests are given. */
const DELETION_REVISION = 'deletion';

/** The workflow's input for a deletion; an empty `bundle` is that of the application's last sync. Throws as `requestOf` does. */
export function deletionRequestOf(order: DeletionOrder, syncId: string, bundle: string, now: number): SyncRequest {
  const { orphan = false, skipHooks = false, ...names } = order;
  const revision = bundle === '' ? { revision: DELETION_REVISION } : {};
  return { ...requestOf({ ...names, ...revision }, syncId, bundle, now), deletion: { orphan, skipHooks } };
}
