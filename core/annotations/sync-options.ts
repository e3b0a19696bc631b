import { itemsOf } from './findings.ts';
import type { Annotations } from './keys.ts';
import { ARGO_KEYS } from './keys.ts';

/** The sync options an object names, e.g. `{ Prune: 'false' }`; an option without `=` has the value `true`. */
export type ObjectSyncOptions = Readonly<Record<string, string>>;

/**
 * Reads `argocd.argoproj.io/sync-options`, a comma-separated list of `Name=value`. Of a repeated option the first
 * wins, as in Argo CD. Names are kept whether or not Syncline knows them.
 */
export function readSyncOptions(annotations: Annotations): ObjectSyncOptions {
  const options = new Map<string, string>();
  for (const item of itemsOf(annotations[ARGO_KEYS.syncOptions] ?? '')) {
    const equals = item.indexOf('=');
    const name = equals < 0 ? item : item.slice(0, equals).trim();
    const value = equals < 0 ? 'true' : item.slice(equals + 1).trim();
    if (!options.has(name)) options.set(name, value);
  }
  return Object.fromEntries(options);
}
