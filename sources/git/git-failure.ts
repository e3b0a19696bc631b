import { SynclineError } from '../../core/failures.ts';
import type { GitLocation } from './git-location.ts';

/** A repository could not be fetched, or did not have what was asked for: another time it may. */
export class Unfetched extends SynclineError {
  constructor(message: string, remedy: string | undefined) {
    super([{ type: 'InvalidRequest', message, ...(remedy === undefined ? {} : { remedy }) }]);
    this.name = 'Unfetched';
  }
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /could not read (Username|Password)|Authentication failed|Permission denied|Host key verification|error: 40[13]/i,
    'Give a token in SYNCLINE_GIT_TOKEN (with SYNCLINE_GIT_USERNAME where the server wants one) or a key by ssh-agent.',
  ],
  [
    /resolve host|connect to|Connection (refused|reset|timed out)|unable to access/i,
    'Look whether the server can be reached from here.',
  ],
  [/not found|does not appear to be a git repository/i, 'Check the URL, and that this user may read the repository.'],
];

const NO_SUCH_REF = /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i;

/** Whether git says that the repository does not have what was asked for. */
export function saysNoSuchRef(words: string): boolean {
  return NO_SUCH_REF.test(words);
}

/** Whether git complains of what it has itself, not of what it was given or asked for. */
export function saysDamaged(words: string): boolean {
  return /corrupt|did not send all necessary objects|bad object|unable to (?:read|parse|unpack)|shallow/i.test(words);
}

/** The failure of a ref that the repository does not have. */
export function noSuchRef({ url, ref = 'HEAD' }: GitLocation): Unfetched {
  const remedy = /^[0-9a-f]{4,39}$/.test(ref)
    ? 'Give all 40 characters of a commit: a part of them can’t be fetched.'
    : 'Check the name; `git ls-remote` on the URL lists what there is.';
  return new Unfetched(`${url} has no branch, tag or commit ${JSON.stringify(ref)}.`, remedy);
}

/** The failure of a repository that can't be fetched: git's words, and what helps. */
export function fetchFailure(location: GitLocation, words: string): Unfetched {
  if (saysNoSuchRef(words)) return noSuchRef(location);
  const remedy = REMEDIES.find(([pattern]) => pattern.test(words))?.[1];
  return new Unfetched(`${location.url} can't be fetched. git says: ${words}`, remedy);
}
