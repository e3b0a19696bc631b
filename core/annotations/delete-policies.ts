import type { DeletePolicy } from '../phases.ts';
import { DELETE_POLICIES } from '../phases.ts';
import type { Finding } from './findings.ts';
import { itemsOf, notAllowed } from './findings.ts';
import type { Annotations } from './keys.ts';
import { ARGO_KEYS, HELM_KEYS } from './keys.ts';

const HELM_POLICIES: ReadonlyMap<string, DeletePolicy> = new Map([
  ['before-hook-creation', 'BeforeHookCreation'],
  ['hook-succeeded', 'HookSucceeded'],
  ['hook-failed', 'HookFailed'],
]);
const ARGO_POLICIES: ReadonlyMap<string, DeletePolicy> = new Map(DELETE_POLICIES.map((policy) => [policy, policy]));

/**
 * Reads a hook's delete policies: the union of Argo CD's and Helm's, in the order written. Without a valid one it is
 * `BeforeHookCreation`, Argo CD's default.
 */
export function readDeletePolicies(annotations: Annotations): {
  readonly policies: readonly DeletePolicy[];
  readonly findings: readonly Finding[];
} {
  const argo = readPolicies('mistake', ARGO_KEYS.deletePolicy, annotations, ARGO_POLICIES);
  const helm = readPolicies('notice', HELM_KEYS.deletePolicy, annotations, HELM_POLICIES);
  const policies = [...new Set([...argo.policies, ...helm.policies])];
  return {
    policies: policies.length === 0 ? ['BeforeHookCreation'] : policies,
    findings: [...argo.findings, ...helm.findings],
  };
}

function readPolicies(
  severity: Finding['severity'],
  key: string,
  annotations: Annotations,
  allowed: ReadonlyMap<string, DeletePolicy>,
): { readonly policies: readonly DeletePolicy[]; readonly findings: readonly Finding[] } {
  const text = annotations[key];
  if (text === undefined) return { policies: [], findings: [] };
  const items = itemsOf(text);
  const unknown = items.length === 0 ? [text] : items.filter((item) => !allowed.has(item));
  return {
    policies: items.flatMap((item) => allowed.get(item) ?? []),
    findings: unknown.map((item) => notAllowed(severity, key, item, [...allowed.keys()])),
  };
}
