import type { Failure } from '../failures.ts';
import { listed } from '../listed.ts';
import { isPattern, nearestReferences, referenceTo, refersTo } from '../reference.ts';
import { leftOutBecause } from './selection.ts';
import type { Selectable, SelectedReference, SelectionRule } from './selection.ts';
import { labelsMeet } from './label-selector.ts';

/**
 * The `InvalidRequest` failures of a selection that does not fit what there is: a reference that names no resource, a selector
 * that no label meets, parts that leave nothing together. An exclusion with a star may find nothing.
 */
export function nothingSelected(rule: SelectionRule, objects: readonly Selectable[]): readonly Failure[] {
  const resources = objects.filter(({ role }) => role === 'resource');
  const idle = rule.references.filter(
    ({ excludes, reference }) =>
      !(excludes && isPattern(reference)) && !resources.some(({ ref }) => refersTo(reference, ref)),
  );
  const failures = idle.map((reference) => namesNothing(reference, objects));
  if (rule.labels.length > 0 && !resources.some(({ labels }) => labelsMeet(rule.labels, labels))) {
    failures.push(meetsNothing(rule, resources));
  }
  if (failures.length > 0) return failures;
  const wanted = rule.hooks === 'only' ? 'hook' : 'resource';
  const isTaken = (object: Selectable): boolean => object.role === wanted && leftOutBecause(rule, object) === undefined;
  const asks = rule.references.length > 0 || rule.labels.length > 0 || rule.hooks === 'only';
  return asks && !objects.some(isTaken) ? [leavesNothing(wanted)] : [];
}

function namesNothing({ text, reference }: SelectedReference, objects: readonly Selectable[]): Failure {
  const hook = objects.find(({ role, ref }) => role === 'hook' && refersTo(reference, ref));
  const flag = `--resource ${JSON.stringify(text)}`;
  if (hook !== undefined) {
    return {
      type: 'InvalidRequest',
      message: `${flag} names ${referenceTo(hook.ref)}, which is a hook; hooks run whatever resources are selected.`,
      remedy: 'use --only-hooks to run hooks alone, or --skip-hooks to run none',
    };
  }
  const resources = objects.filter(({ role }) => role === 'resource');
  const near = nearestReferences(
    text,
    resources.map(({ ref }) => ref),
  );
  return {
    type: 'InvalidRequest',
    message: `${flag} names no resource of the application.`,
    ...(near === '' ? {} : { remedy: `nearest are ${near}` }),
  };
}

function meetsNothing({ labels }: SelectionRule, resources: readonly Selectable[]): Failure {
  const keys = new Set(labels.map(({ key }) => key));
  const all = resources.flatMap((resource) => Object.entries(resource.labels));
  const asked = all.filter(([key]) => keys.has(key));
  const known = new Set((asked.length === 0 ? all : asked).map(([key, value]) => `${key}=${value}`));
  return {
    type: 'InvalidRequest',
    message: '--selector fits the labels of no resource.',
    remedy: known.size === 0 ? 'no resource has labels' : `there are ${listed([...known])}`,
  };
}

function leavesNothing(wanted: Selectable['role']): Failure {
  return wanted === 'hook'
    ? { type: 'InvalidRequest', message: '--only-hooks selects nothing: the manifests have no hook.' }
    : {
        type: 'InvalidRequest',
        message: 'What --resource and --selector select has no resource in common.',
        remedy:
          'a resource is synced when a --resource names it, no --resource with ! names it, and --selector fits its labels',
      };
}
