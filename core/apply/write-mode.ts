import type { ApplicationSyncOptions } from '../annotations/sync-options.ts';
import type { ObjectRef } from '../objects.ts';
import { groupOf } from '../objects.ts';

/** How strictly the API server takes fields it does not know: `Ignore` lets them fall, `Strict` refuses the object. */
export type FieldValidation = 'Strict' | 'Ignore';

/** The first apply of an object that is live already and was not the application's so far. */
export interface Adoption {
  /** Whether kubectl, Argo CD, Helm and `from` hand their fields over first, so that none of theirs is left behind. */
  readonly handOver: boolean;
  /** Field managers of the applications the object is taken from. */
  readonly from: readonly string[];
}

/** How an object is written. */
export type WriteMode =
  /** Server-side apply; an object whose change only a new object can take is deleted and made anew where `onRefusal` says so. */
  | {
      readonly kind: 'apply';
      readonly onRefusal: 'fail' | 'recreate';
      readonly validation: FieldValidation;
      readonly adoption?: Adoption;
    }
  /** PUT over the live object, or POST where there is none. */
  | { readonly kind: 'replace'; readonly validation: FieldValidation }
  /** Deleted and made anew, once in each sync. */
  | { readonly kind: 'recreate'; readonly validation: FieldValidation };

/** What is sent of an object: an apply leaves what it does not name as it is, and of what is written whole that is lost. */
export type Sending = 'apply' | 'whole';

/** What a mode sends. */
export function sendingOf({ kind }: WriteMode): Sending {
  return kind === 'apply' ? 'apply' : 'whole';
}

/** How an object without sync options is written. */
export const PLAIN_APPLY: WriteMode = { kind: 'apply', onRefusal: 'fail', validation: 'Strict' };

/** Whether a mode is that of an object without sync options. */
export function isPlain(mode: WriteMode): boolean {
  return (
    mode.kind === 'apply' && mode.onRefusal === 'fail' && mode.validation === 'Strict' && mode.adoption === undefined
  );
}

/**
 * How an object is written by its sync options. As in Argo CD `Replace` goes before server-side apply, `Force` deletes and
 * makes anew what can't be changed, and both together do so in every sync. Namespaces and CustomResourceDefinitions are
 * never made anew, because everything in them would be lost.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
 */
export function writeModeOf(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>, options: ApplicationSyncOptions): WriteMode {
  const validation = options.Validate === 'false' ? 'Ignore' : 'Strict';
  const mayBeMadeAnew = options.Force === 'true' && !holdsOthers(ref);
  if (options.Replace === 'true') return { kind: mayBeMadeAnew ? 'recreate' : 'replace', validation };
  return { kind: 'apply', onRefusal: mayBeMadeAnew ? 'recreate' : 'fail', validation };
}

function holdsOthers({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  const group = groupOf(apiVersion);
  return (
    (group === '' && kind === 'Namespace') || (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition')
  );
}
