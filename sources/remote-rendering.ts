import type { Failure } from '../core/failures.ts';
import { globPattern } from '../core/glob.ts';
import { setFilePaths } from './helm/arguments.ts';

/** What of a source decides whether a process that others ask may render it. */
export interface AskedSource {
  /** Absent for an archive that came with the request. */
  readonly location?: string;
  readonly helm?: {
    readonly repository?: string;
    readonly values?: readonly string[];
    readonly setFile?: readonly string[];
  };
  readonly kustomize?: { readonly allowRemote?: boolean };
}

/** The most time that fetching, and rendering, may take of a server's or a worker's, whatever is asked for, ms. */
export const MOST_RENDERING_MS = 300_000;

/** Addresses that could be taken for a machine's own files, or be read past what a glob allows. */
const EVASIVE = /(^|[/\\])\.\.([/\\?#]|$)|%2e|\\|^[^:]*$|^(git\+)?file:/i;

/**
 * Whether a server or a worker may render from a source's location, by the globs it was started with: `*` matches slashes, and the
 * `git+` of an address may be left out.
 */
export function mayRender({ location = '', helm }: AskedSource, allowed: readonly string[]): boolean {
  const address = helm?.repository ?? location;
  if (EVASIVE.test(address)) return false;
  const spellings = [address, address.replace(/^git\+/i, '')];
  return allowed.some((glob) => spellings.some((spelling) => globPattern(glob, true).test(spelling)));
}

/** What a source asks for that its user's own machine alone may do; undefined where that is nothing. */
export function foreignToRemote({ location = '', helm = {}, kustomize }: AskedSource): Failure | undefined {
  const files = [...(helm.values ?? []), ...setFilePaths(helm.setFile ?? [])];
  const isElsewhere = helm.repository !== undefined || /^oci:|\.tgz$/.test(location);
  if (isElsewhere && files.length > 0) {
    return {
      type: 'InvalidRequest',
      message: 'a chart in a repository or registry has no files that values and setFile could name',
      remedy: 'give values with set and setString, or keep chart and values in a git repository',
    };
  }
  const outside = files.find((file) => /^([/\\~]|[a-z][a-z0-9+.-]*:)/i.test(file));
  if (outside !== undefined) {
    return {
      type: 'InvalidRequest',
      message: `the values file ${outside} is none of the chart's own repository or archive`,
      remedy: 'keep it there, and name it by its path from the chart',
    };
  }
  if (kustomize?.allowRemote !== true) return undefined;
  return {
    type: 'InvalidRequest',
    message: 'an overlay that loads what is elsewhere is rendered on the machine of its user alone',
    remedy: 'keep what it loads in its repository, or sync it with the command',
  };
}
