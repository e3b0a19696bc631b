import { groupOf } from '../objects.ts';
import { globPattern } from '../glob.ts';
import type { Health, HealthStatus } from './health.ts';
import { HEALTH_STATUSES } from './health.ts';

/** A health check that somebody has written for the kinds it names. */
export interface CustomCheck {
  /** The kinds it is for, as Argo CD writes them: `group/Kind`, or `Kind` in the core group; may hold wildcards. */
  readonly kinds: string;
  /** Lua, as Argo CD runs it: reads `obj`, returns a table with `status` and `message`. */
  readonly code: string;
  /** Where it stands, for messages: a file, or the key of a ConfigMap. */
  readonly place: string;
}

/** The checks of one place, for looking one up. */
export interface CheckSet {
  readonly exact: ReadonlyMap<string, CustomCheck>;
  readonly wildcards: readonly { readonly pattern: RegExp; readonly check: CustomCheck }[];
}

/**
 * Prepares checks for looking one up. `acrossSlash` says whether a wildcard covers group and kind at once, as those of a
 * ConfigMap do in Argo CD (`GetHealthScript` of its `util/lua/lua.go`), where those of folders end at the slash.
 */
export function checkSet(checks: readonly CustomCheck[], acrossSlash: boolean): CheckSet {
  const wild = checks.filter(({ kinds }) => /[*?[{]/.test(kinds));
  return {
    exact: new Map(checks.filter((check) => !wild.includes(check)).map((check) => [check.kinds, check])),
    wildcards: wild
      .toSorted((a, b) => (a.kinds < b.kinds ? -1 : 1))
      .map((check) => ({ pattern: globPattern(check.kinds, acrossSlash), check })),
  };
}

/**
 * The check for a kind: of the first set that has one, by its exact name or else by the first wildcard, in alphabetical order
 * (Argo CD takes any of a ConfigMap's wildcards that match).
 */
export function checkFor(sets: readonly CheckSet[], apiVersion: string, kind: string): CustomCheck | undefined {
  const group = groupOf(apiVersion);
  const key = group === '' ? kind : `${group}/${kind}`;
  for (const { exact, wildcards } of sets) {
    const found = exact.get(key) ?? wildcards.find(({ pattern }) => pattern.test(key))?.check;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The health that a check's words mean: a status that is none of Argo CD's is Unknown, as there. */
export function healthOfWords(status: string, message: string): Health {
  const known = HEALTH_STATUSES.find((each): each is HealthStatus => each === status);
  if (known !== undefined) return { status: known, message };
  const said = status === '' ? 'no status' : `the status "${status}"`;
  return { status: 'Unknown', message: `its health check returned ${said}; allowed are ${HEALTH_STATUSES.join(', ')}` };
}
