import type { Json } from '../json.ts';
import { isJsonObject, stringAt, stringMapAt } from '../json.ts';
import { readDocuments } from '../manifests/documents.ts';
import type { KubernetesObject } from '../objects.ts';
import type { CustomCheck } from './custom-checks.ts';

/** The key that holds customizations of many kinds as one YAML text, and the beginning of the keys that hold one each. */
const LEGACY_KEY = 'resource.customizations';
const HEALTH_KEYS = `${LEGACY_KEY}.health.`;

/** Checks that were read, and what could not be read, in sentences for people. */
export interface ReadChecks {
  readonly checks: readonly CustomCheck[];
  readonly warnings: readonly string[];
}

/**
 * The health checks of a ConfigMap in the manner of Argo CD's `argocd-cm`: keys `resource.customizations.health.<group>_<kind>`
 * (`<kind>` alone in the core group, `all` for every kind of a named group) and `health.lua` in the YAML of
 * `resource.customizations`, over which the single keys win. `useOpenLibs` changes nothing: a script always has Lua's
 * harmless libraries and never the others. `place` names the ConfigMap for messages. Source: `GetResourceOverrides` and
 * `appendResourceOverridesFromSplitKeys` of Argo CD's `util/settings/settings.go`.
 */
export function checksOfConfigMap(configMap: KubernetesObject, place: string): ReadChecks {
  const data = stringMapAt(configMap, 'data');
  const warnings: string[] = [];
  const checks = new Map<string, CustomCheck>();
  const legacy = legacyChecks(data[LEGACY_KEY] ?? '', `${place}, key ${LEGACY_KEY}`);
  warnings.push(...legacy.warnings);
  for (const check of legacy.checks) checks.set(check.kinds, check);
  for (const [key, code] of Object.entries(data)) {
    if (!key.startsWith(HEALTH_KEYS) || code === '') continue;
    const kinds = kindsOfKey(key.slice(HEALTH_KEYS.length));
    if (kinds === undefined) {
      warnings.push(`${place}: key ${key} is left out: after ${HEALTH_KEYS} comes <group>_<kind>, or <kind>`);
      continue;
    }
    checks.set(kinds, { kinds, code, place: `${place}, key ${key}` });
  }
  return { checks: [...checks.values()], warnings };
}

function kindsOfKey(name: string): string | undefined {
  if (name === 'all') return '*/*';
  const parts = name.split('_');
  if (name === '' || parts.length > 2 || parts.includes('')) return undefined;
  return parts.join('/');
}

function legacyChecks(text: string, place: string): ReadChecks {
  if (text.trim() === '') return { checks: [], warnings: [] };
  const { documents, failures } = readDocuments(place, text);
  const [failure] = failures;
  const value: Json | undefined = documents[0]?.value;
  if (failure !== undefined || (value !== undefined && !isJsonObject(value))) {
    const why = failure?.message ?? 'The document is no map of kinds.';
    return { checks: [], warnings: [`${place} is left out: ${why}`] };
  }
  const checks = Object.entries(value ?? {}).flatMap(([kinds, customization]): readonly CustomCheck[] => {
    const code = stringAt(customization, 'health.lua') ?? '';
    return code === '' ? [] : [{ kinds, code, place: `${place}, ${kinds}` }];
  });
  return { checks, warnings: [] };
}
