import type { Comparison } from '../client/starting/comparison.ts';
import type { FieldChange } from '../core/diff/field-changes.ts';
import { keyText, pathText } from '../core/diff/field-path.ts';
import type { ObjectDifference } from '../core/diff/sync-diff.ts';
import { differs } from '../core/diff/sync-diff.ts';

/** The document of `diff -o json`; without counts and objects where the comparison failed. */
export function diffJson({ view: { status }, diff }: Comparison): string {
  const { application, cluster, namespace, revision, bundle, failures, warnings } = status;
  const found =
    diff === undefined
      ? {}
      : { differs: differs(diff.counts), counts: diff.counts, objects: diff.objects.map(objectDocument) };
  return JSON.stringify(
    { version: 1, application, cluster, namespace, revision, bundle, ...found, failures, warnings },
    undefined,
    2,
  );
}

function objectDocument(object: ObjectDifference): object {
  const { ref, kind, ...rest } = object;
  const said = 'changes' in rest ? { fields: rest.changes.map(fieldDocument) } : rest;
  return { ...ref, change: kind, ...said };
}

function fieldDocument(change: FieldChange): object {
  const { kind, path, ...values } = change;
  const place = { change: kind, path: pathText(path) };
  if (change.kind !== 'reordered') return { ...place, ...values };
  return { ...place, before: change.before.map(keyText), after: change.after.map(keyText) };
}
