import type { SyncNames } from '../markers.ts';

/** Names an application. */
export interface ApplicationNames {
  readonly cluster: string;
  readonly application: string;
}

/** What the references of a store are for; `collected` marks a sync whose evidence has been collected, and when. */
export type ReferenceKind = 'application' | 'sync' | 'dry-run' | 'evidence' | 'collected';

/** What a reference's name says. */
export interface ReferencePlace extends ApplicationNames {
  readonly kind: ReferenceKind;
  /** Empty for what belongs to no sync. */
  readonly syncId: string;
}

/** The reference that keeps one bundle which the application's record names, for its deletion. */
export function applicationReference(names: ApplicationNames, digest: string): string {
  return `${applicationReferences(names)}${hexOf(digest)}`;
}

/** With what the names of an application's own references begin. */
export function applicationReferences({ cluster, application }: ApplicationNames): string {
  return `application/${cluster}/${application}/`;
}

/** The reference that keeps the bundle a sync was asked for with. */
export function syncReference(sync: SyncNames): string {
  const { cluster, application, syncId, options } = sync;
  return `${options.dryRun ? 'dry-run' : 'sync'}/${cluster}/${application}/${syncId}`;
}

/**
 * The reference that keeps a plan of a sync and what belongs to it. Each plan has one of its own: an attempt that was given
 * up may write its reference late, and must not take away that of the attempt which counted.
 */
export function planReference(sync: SyncNames, plan: string): string {
  return `${syncReference(sync)}/${hexOf(plan)}`;
}

/** With what the names of a sync's references to evidence begin. */
export function evidenceReferences({ cluster, application, syncId }: ApplicationNames & SyncId): string {
  return `evidence/${cluster}/${application}/${syncId}/`;
}

/** The reference that keeps the evidence of one attempt of a hook. Attempts on a kept object share its UID. */
export function evidenceReference(sync: ApplicationNames & SyncId, uid: string, attempt: number): string {
  return `${evidenceReferences(sync)}${uid}.${String(attempt)}`;
}

/** The mark of a sync whose evidence was collected. */
export function collectedReference({ cluster, application, syncId }: ApplicationNames & SyncId): string {
  return `collected/${cluster}/${application}/${syncId}`;
}

/** Tells when a worker of one Temporal has collected last. */
export function turnReference(owner: string): string {
  return `collection/${owner}`;
}

interface SyncId {
  readonly syncId: string;
}

const FORM = /^(application|sync|dry-run|evidence|collected)\/([\w.-]+)\/([\w.-]+)(?:\/([\w.-]+))?(?:\/.*)?$/;

/** Reads the name of a reference; undefined for one that is none of these. */
export function placeOf(name: string): ReferencePlace | undefined {
  const [, kind, cluster, application, part = ''] = FORM.exec(name) ?? [];
  if (kind === undefined || cluster === undefined || application === undefined) return undefined;
  return { kind: kind as ReferenceKind, cluster, application, syncId: kind === 'application' ? '' : part };
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '');
}
