import { foundAt } from '../ignored/managed-paths.ts';
import type { Path } from '../ignored/paths.ts';
import { withoutPaths } from '../ignored/paths.ts';
import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { identifies } from './coverage.ts';
import { fieldEntries } from './entries.ts';

/**
 * An object as an apply of `desired` leaves it, without what that takes away: the fields that `fieldManager` owns in `live`
 * besides those of `desired`, and nobody else does. What the API server fills in for them is not known here. Answers undefined
 * where nothing is taken away.
 */
export function withoutLeftBehind(
  applied: KubernetesObject,
  live: KubernetesObject,
  desired: KubernetesObject,
  fieldManager: string,
): KubernetesObject | undefined {
  const entries = fieldEntries(live);
  const own = entries.filter(({ manager, operation }) => manager === fieldManager && operation === 'Apply');
  const others = entries.filter((entry) => !own.includes(entry)).map(({ fields }) => fields);
  const paths = own.flatMap(({ fields }) => lost(fields, applied, desired, others));
  if (paths.length === 0) return undefined;
  const rest = withoutPaths(applied, paths);
  return isJsonObject(rest) ? rest : undefined;
}

function lost(owned: JsonObject, applied: Json, desired: Json | undefined, others: readonly JsonObject[]): Path[] {
  return Object.entries(owned).flatMap(([element, node]) => {
    const found = element === '.' || !isJsonObject(node) ? undefined : foundAt(element, applied);
    if (found === undefined || !isJsonObject(node)) return [];
    const wanted = wantedAt(element, desired);
    const below = others.map((other) => other[element]).filter(isJsonObject);
    if (wanted === undefined && below.length === 0) return [[found.step]];
    return lost(node, found.value, wanted, below).map((path) => [found.step, ...path]);
  });
}

function wantedAt(element: string, desired: Json | undefined): Json | undefined {
  if (element.startsWith('f:')) return isJsonObject(desired) ? desired[element.slice(2)] : undefined;
  if (!Array.isArray(desired)) return undefined;
  return (desired as readonly Json[]).find((item, index) => identifies(element, item, index));
}
