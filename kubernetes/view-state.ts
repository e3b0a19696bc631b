import { isJsonObject, stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { resourceVersionOf } from '../core/objects.ts';

/** The objects of a watched collection, as last seen, and those who wait for them to change. */
export interface ViewState {
  /** Goes up by one with each change. */
  readonly version: () => number;
  readonly get: (namespace: string, name: string) => KubernetesObject | undefined;
  readonly all: () => readonly KubernetesObject[];
  /** Takes the place of everything with what a list answered. Counts as a change only where something differs. */
  readonly replace: (objects: readonly KubernetesObject[]) => void;
  readonly put: (object: KubernetesObject) => void;
  readonly drop: (object: KubernetesObject) => void;
  /** Ends the view for good; those who wait now or later get the error. */
  readonly fail: (error: Error) => void;
  /** Calls `listener` once at the next change or failure. The answer takes the listener away again. */
  readonly onceChanged: (listener: () => void) => () => void;
  readonly failure: () => Error | undefined;
}

/** An empty state. */
export function createViewState(): ViewState {
  let objects = new Map<string, KubernetesObject>();
  let version = 0;
  let failure: Error | undefined;
  const listeners = new Set<() => void>();

  const notify = (): void => {
    version += 1;
    const waiting = [...listeners];
    listeners.clear();
    for (const listener of waiting) listener();
  };
  return {
    version: () => version,
    get: (namespace, name) => objects.get(`${namespace}/${name}`),
    all: () => [...objects.values()],
    replace: (listed) => {
      const next = new Map(listed.map((object) => [keyOf(object), withoutManagedFields(object)]));
      const same = next.size === objects.size && [...next].every(([key, object]) => isSame(objects.get(key), object));
      objects = next;
      if (!same) notify();
    },
    put: (object) => {
      const known = objects.get(keyOf(object));
      objects.set(keyOf(object), withoutManagedFields(object));
      if (!isSame(known, object)) notify();
    },
    drop: (object) => {
      if (objects.delete(keyOf(object))) notify();
    },
    fail: (error) => {
      failure ??= error;
      notify();
    },
    failure: () => failure,
    onceChanged: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function keyOf(object: KubernetesObject): string {
  return `${stringAt(object, 'metadata', 'namespace') ?? ''}/${stringAt(object, 'metadata', 'name') ?? ''}`;
}

function isSame(known: KubernetesObject | undefined, object: KubernetesObject): boolean {
  return known !== undefined && resourceVersionOf(known) === resourceVersionOf(object);
}

/** A view holds many objects for a long time, and nobody reads who set which field. */
function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  const metadata = object['metadata'];
  if (!isJsonObject(metadata) || metadata['managedFields'] === undefined) return object;
  const kept = Object.entries(metadata).filter(([key]) => key !== 'managedFields');
  return { ...object, metadata: Object.fromEntries(kept) };
}
