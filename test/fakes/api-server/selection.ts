import { stringAt } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { groupOf, labelsOf } from '../../../core/objects.ts';
import type { ListQuery } from '../../../kubernetes/cluster.ts';

/** Whether a list of a query has an object: kind, namespace, equality and existence of labels, the object of an event. */
export function isSelected(object: KubernetesObject, query: ListQuery): boolean {
  if (object['kind'] !== query.kind) return false;
  if (groupOf(stringAt(object, 'apiVersion') ?? '') !== groupOf(query.apiVersion)) return false;
  if (query.namespace !== undefined && stringAt(object, 'metadata', 'namespace') !== query.namespace) return false;
  return hasLabels(object, query.labelSelector) && isAbout(object, query.fieldSelector);
}

function hasLabels(object: KubernetesObject, selector = ''): boolean {
  if (selector === '') return true;
  const labels = labelsOf(object);
  return selector.split(',').every((term) => {
    const [key = '', value] = term.split('=');
    return value === undefined ? labels[key] !== undefined : labels[key] === value;
  });
}

function isAbout(object: KubernetesObject, selector: string | undefined): boolean {
  if (selector === undefined) return true;
  const [, involved] = /^involvedObject\.uid=(.*)$/.exec(selector) ?? [];
  return involved === undefined || stringAt(object, 'involvedObject', 'uid') === involved;
}
