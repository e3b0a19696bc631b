import { globPattern } from '../glob.ts';
import type { ObjectRef } from '../objects.ts';
import { groupOf } from '../objects.ts';

/**
 * Fields in which a live object may differ from its manifest: an entry of `spec.ignoreDifferences` of an Argo CD Application
 * (https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/). Its fields are those that any of its three lists names.
 */
export interface IgnoreRule {
  /** May hold wildcards; empty is the core group. */
  readonly group: string;
  /** May hold wildcards. */
  readonly kind: string;
  /** Absent = objects of any name. */
  readonly name?: string;
  /** Absent = objects of any namespace. */
  readonly namespace?: string;
  /** Fields by JSON pointer (RFC 6901). */
  readonly jsonPointers?: readonly string[];
  /** Fields by the paths that jq finds for an expression. */
  readonly jqPathExpressions?: readonly string[];
  /** All fields that these field managers own in the live object. */
  readonly managedFieldsManagers?: readonly string[];
}

/** The rules that are for an object. Names are compared whole; wildcards count in group and kind alone, as in Argo CD. */
export function rulesFor(rules: readonly IgnoreRule[], ref: ObjectRef): readonly IgnoreRule[] {
  return rules.filter(
    ({ group, kind, name, namespace }) =>
      globPattern(group, true).test(groupOf(ref.apiVersion)) &&
      globPattern(kind, true).test(ref.kind) &&
      (name === undefined || name === ref.name) &&
      (namespace === undefined || namespace === ref.namespace),
  );
}
