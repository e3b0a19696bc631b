import type { Json } from '../json.ts';
import { isJsonObject } from '../json.ts';

/** One step down a value: a field, an item by its index (from the end where negative), or items by their bounds, as jq writes them. */
export type Step = string | number | { readonly start: number | null; readonly end: number | null };

/** Where a field stands. */
export type Path = readonly Step[];

/**
 * The path of a JSON pointer with its escapes `~0` and `~1`; undefined for what is none, and for the empty one, which names
 * the whole object. Whether a number is a field or an index is told by what stands there.
 */
export function pointerPath(pointer: string): Path | undefined {
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The paths of jq's answer to `[path(…)]`. That of the whole value is left out. */
export function jqPaths(answer: Json): readonly Path[] {
  if (!Array.isArray(answer)) return [];
  return (answer as readonly Json[]).flatMap((path) => {
    if (!Array.isArray(path) || path.length === 0) return [];
    const steps = (path as readonly Json[]).map(stepOf);
    const known = steps.filter((step) => step !== undefined);
    return known.length === steps.length ? [known] : [];
  });
}

function stepOf(step: Json): Step | undefined {
  if (typeof step === 'string' || typeof step === 'number') return step;
  if (!isJsonObject(step)) return undefined;
  const { start = null, end = null } = step;
  const areBounds = [start, end].every((bound) => bound === null || typeof bound === 'number');
  return areBounds ? { start: start as number | null, end: end as number | null } : undefined;
}

/** A value without the fields and items at some paths. A path that leads nowhere takes nothing out. */
export function withoutPaths(value: Json, paths: readonly Path[]): Json {
  if (paths.length === 0) return value;
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    return items.flatMap((item, index) => {
      const below = belowItem(paths, index, items.length);
      return below === undefined ? [] : [withoutPaths(item, below)];
    });
  }
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).flatMap(([field, entry]): [string, Json][] => {
    const below = belowField(paths, field);
    return entry === undefined || below === undefined ? [] : [[field, withoutPaths(entry, below)]];
  });
  return Object.fromEntries(kept);
}

/** The rest of the paths that go through a field; undefined where one of them ends there. */
export function belowField(paths: readonly Path[], field: string): readonly Path[] | undefined {
  return belowStep(paths, (step) => step === field);
}

/** The rest of the paths that go through an item of a list of some length; undefined where one of them ends there. */
export function belowItem(paths: readonly Path[], index: number, length: number): readonly Path[] | undefined {
  return belowStep(paths, (step) => namesItem(step, index, length));
}

function belowStep(paths: readonly Path[], isNamed: (step: Step) => boolean): readonly Path[] | undefined {
  const through = paths.filter(([first]) => first !== undefined && isNamed(first));
  return through.some((path) => path.length === 1) ? undefined : through.map((path) => path.slice(1));
}

function namesItem(step: Step, index: number, length: number): boolean {
  if (typeof step === 'string') return step === String(index);
  const fromStart = (bound: number): number => (bound < 0 ? length + bound : bound);
  if (typeof step === 'number') return fromStart(step) === index;
  return index >= fromStart(step.start ?? 0) && index < fromStart(step.end ?? length);
}
