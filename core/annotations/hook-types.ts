import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import type { Operation, Phase } from '../phases.ts';
import { DELETION_PHASES, SYNC_PHASES } from '../phases.ts';
import type { Finding } from './findings.ts';
import { itemsOf, notAllowed } from './findings.ts';
import type { Annotations } from './keys.ts';
import { ARGO_KEYS, HELM_KEYS } from './keys.ts';

/** What an object is for a sync or a deletion, as its hook annotations say. */
export type HookTypes =
  | { readonly kind: 'resource' }
  | { readonly kind: 'hook'; readonly phases: readonly [Phase, ...Phase[]] }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'left-out'; readonly reason: string };

const ARGO_TYPES = [...SYNC_PHASES, 'Skip', 'PreDelete', 'PostDelete'] as const;
type ArgoType = (typeof ARGO_TYPES)[number];

/** Argo CD's mapping of Helm's hook types, `pkg/sync/hook/helm/type.go`. */
const HELM_TYPES: ReadonlyMap<string, ArgoType> = new Map([
  ['pre-install', 'PreSync'],
  ['pre-upgrade', 'PreSync'],
  ['post-install', 'PostSync'],
  ['post-upgrade', 'PostSync'],
  ['pre-delete', 'PreDelete'],
  ['post-delete', 'PostDelete'],
]);
const CRD_INSTALL = 'crd-install';
/** Helm's types that Argo CD drops. */
const HELM_WITHOUT_SYNC = ['pre-rollback', 'post-rollback', 'test', 'test-success', 'test-failure'] as const;
const HELM_ALLOWED = [...HELM_TYPES.keys(), CRD_INSTALL, ...HELM_WITHOUT_SYNC];

/**
 * Reads the hook types of Argo CD and Helm. Any valid Argo CD type suppresses Helm's. `Skip` counts only as the sole
 * type. A hook annotation without a valid type makes, as in Argo CD, an object that is left out. An object may be a hook of
 * syncs and of the deletion: `operation` says which is asked.
 */
export function readHookTypes(
  annotations: Annotations,
  operation: Operation = 'sync',
): {
  readonly types: HookTypes;
  readonly findings: readonly Finding[];
} {
  const argo = annotations[ARGO_KEYS.hook];
  const helm = annotations[HELM_KEYS.hook];
  if (argo === undefined && helm === undefined) return { types: { kind: 'resource' }, findings: [] };
  const read = argo === undefined ? NOTHING : argoTypes(argo);
  if (helm === undefined || read.types.length > 0)
    return { types: classify(read.types, ARGO_KEYS.hook, operation), findings: read.findings };
  const items = itemsOf(helm);
  const onlyCrdInstall = items.length > 0 && items.every((item) => item === CRD_INSTALL);
  if (argo === undefined && onlyCrdInstall) return { types: { kind: 'resource' }, findings: [] };
  const fallback = helmTypes(helm);
  const types = fallback.types.length === 0 ? withoutSync(items) : classify(fallback.types, HELM_KEYS.hook, operation);
  return { types, findings: [...read.findings, ...fallback.findings] };
}

/** The phases of a hook; none for a hook that takes no part in a sync; undefined for an object that is no hook. */
export function readPhases(object: KubernetesObject): readonly Phase[] | undefined {
  const { types } = readHookTypes(annotationsOf(object));
  switch (types.kind) {
    case 'resource':
      return undefined;
    case 'hook':
      return types.phases;
    case 'skip':
    case 'left-out':
      return [];
  }
}

interface TypesRead {
  readonly types: readonly ArgoType[];
  readonly findings: readonly Finding[];
}

const NOTHING: TypesRead = { types: [], findings: [] };

function argoTypes(text: string): TypesRead {
  const items = itemsOf(text);
  if (items.length === 0) return { types: [], findings: [notAllowed('mistake', ARGO_KEYS.hook, text, ARGO_TYPES)] };
  const known = ARGO_TYPES.filter((type) => items.includes(type));
  const unknown = items.filter((item) => !(ARGO_TYPES as readonly string[]).includes(item));
  return { types: known, findings: unknown.map((item) => notAllowed('mistake', ARGO_KEYS.hook, item, ARGO_TYPES)) };
}

function helmTypes(text: string): TypesRead {
  const items = itemsOf(text);
  const types = items.flatMap((item) => HELM_TYPES.get(item) ?? []);
  const unknown = items.length === 0 ? [text] : items.filter((item) => !HELM_ALLOWED.includes(item));
  return { types, findings: unknown.map((item) => notAllowed('notice', HELM_KEYS.hook, item, HELM_ALLOWED)) };
}

function classify(types: readonly ArgoType[], key: string, operation: Operation): HookTypes {
  const phases: readonly Phase[] = operation === 'sync' ? SYNC_PHASES : DELETION_PHASES;
  const [first, ...rest] = phases.filter((phase) => (types as readonly string[]).includes(phase));
  if (first !== undefined) return { kind: 'hook', phases: [first, ...rest] };
  if (operation === 'delete') return { kind: 'left-out', reason: 'it is no hook of the deletion' };
  if (types.some((type) => type === 'PreDelete' || type === 'PostDelete')) {
    return { kind: 'left-out', reason: `${types.join(', ')} hooks run only when the application is deleted` };
  }
  if (types.includes('Skip')) return { kind: 'skip', reason: 'hook: Skip' };
  return { kind: 'left-out', reason: `${key} names no valid type, so it runs in no phase` };
}

function withoutSync(items: readonly string[]): HookTypes {
  const known = items.filter((item) => (HELM_WITHOUT_SYNC as readonly string[]).includes(item));
  return known.length === 0
    ? { kind: 'left-out', reason: `${HELM_KEYS.hook} names no valid type, so it runs in no phase` }
    : { kind: 'left-out', reason: `Helm's ${known.join(', ')} hooks take no part in a sync` };
}
