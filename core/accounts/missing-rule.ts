/** A permission that an account lacks, as the API server's refusal names it. */
export interface MissingRule {
  readonly user: string;
  readonly verb: string;
  /** E.g. `jobs`, `pods/log`. */
  readonly resource: string;
  /** Empty for the core group. */
  readonly group: string;
  /** Absent for a permission in the whole cluster. */
  readonly namespace?: string;
}

/** The words of RBAC's refusals (apiserver's `responsewriters.ForbiddenStatusError`); no field of the answer holds these facts. */
const REFUSAL =
  /User "([^"]*)" cannot (\S+) resource "([^"]*)" in API group "([^"]*)"(?: in the namespace "([^"]*)"| at the cluster scope)/;

/** Reads what permission a refusal says is missing; undefined for a 403 of another cause: a quota, Pod Security, a webhook. */
export function missingRuleIn(words: string): MissingRule | undefined {
  const [, user, verb, resource, group, namespace] = REFUSAL.exec(words) ?? [];
  if (user === undefined || verb === undefined || resource === undefined || group === undefined) return undefined;
  return { user, verb, resource, group, ...(namespace === undefined ? {} : { namespace }) };
}

/** What to give to whom, so that a request is not refused again: `give X the rule {…} in namespace shop`. */
export function grantFor({ user, verb, resource, group, namespace }: MissingRule): string {
  const rule = `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`;
  return `give ${user} the rule ${rule} ${namespace === undefined ? 'in a ClusterRole' : `in namespace ${namespace}`}`;
}
