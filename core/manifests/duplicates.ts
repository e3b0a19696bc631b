import { readPhases } from '../annotations/hook-types.ts';
import type { Failure } from '../failures.ts';
import { stringAt } from '../json.ts';
import { describeRef, refKey, refOf } from '../objects.ts';
import type { ObjectRef } from '../objects.ts';
import type { Manifest } from './manifest.ts';
import { effectiveNamespace } from './scopes.ts';
import type { ScopeOf } from './scopes.ts';

/**
 * Finds objects that are written twice: same group, kind, namespace (after defaulting) and name. Hooks of one name that
 * run in different phases are no duplicates; Argo CD keys its tasks by phase too. Each failure names both places.
 */
export function duplicateFailures(
  manifests: readonly Manifest[],
  namespace: string | undefined,
  scopeOf: ScopeOf,
): readonly Failure[] {
  const seen = new Map<string, Manifest[]>();
  return manifests.flatMap((manifest) => {
    const ref = effectiveRef(manifest, namespace, scopeOf);
    const key = refKey(ref);
    const others = seen.get(key) ?? [];
    const first = others.find((other) => clash(other, manifest));
    seen.set(key, [...others, manifest]);
    return first === undefined ? [] : [duplicate(ref, first, manifest)];
  });
}

function effectiveRef({ object }: Manifest, namespace: string | undefined, scopeOf: ScopeOf): ObjectRef {
  const written = refOf(object);
  const { apiVersion, kind } = written;
  const home = effectiveNamespace(written, namespace, scopeOf);
  const name = written.name === '' ? `${stringAt(object, 'metadata', 'generateName') ?? ''}*` : written.name;
  return { apiVersion, kind, name, ...(home === undefined ? {} : { namespace: home }) };
}

function clash(one: Manifest, other: Manifest): boolean {
  const phases = readPhases(one.object);
  const others = readPhases(other.object);
  return phases === undefined || others === undefined || phases.some((phase) => others.includes(phase));
}

function duplicate(ref: ObjectRef, first: Manifest, second: Manifest): Failure {
  const place = `${first.location.file}:${first.location.line}`;
  const object = describeRef(ref);
  return {
    type: 'InvalidManifest',
    message: `${object} is written twice, first at ${place}.`,
    remedy: 'remove or rename one of the two',
    object,
    location: `${second.location.file}:${second.location.line}`,
  };
}
