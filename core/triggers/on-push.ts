import { globPattern } from '../glob.ts';
import type { Push } from './push.ts';
import { repositoryName } from './repository-name.ts';

/** Which pushes to the repository of its source start an application. */
export interface OnPush {
  /** Pushes to this branch; `true` = to the one that its source is read from. Absent = to none. */
  readonly branch?: string | true;
  /** A glob of the tags that start it; the tag's commit is what is rendered. Absent = none. */
  readonly tags?: string;
  /** Globs of files (`*` matches slashes too): one that was changed must match. Absent = any. */
  readonly paths?: readonly string[];
  /** What a push does where a sync runs. @default 'supersede': the newest revision wins */
  readonly ifRunning?: 'queue' | 'supersede';
}

/** An application that listens to pushes. */
export interface Listener {
  /** The address of the repository that its source is in, and the ref that is read; absent = the default branch. */
  readonly url: string;
  readonly ref?: string;
  readonly onPush: OnPush;
}

/** What a push is to a listener. */
export type PushMatch =
  | { readonly kind: 'starts' }
  /** It is of another repository. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'ignored'; readonly why: string };

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Decides whether a push starts an application. Where not all files are known that were changed, each filter of paths is met. */
export function matchPush(listener: Listener, push: Push): PushMatch {
  const name = repositoryName(listener.url);
  if (!push.repositories.some((address) => repositoryName(address) === name)) return { kind: 'foreign' };
  const unwanted = push.ref.kind === 'tag' ? unwantedTag(listener, push) : unwantedBranch(listener, push);
  if (unwanted !== undefined) return { kind: 'ignored', why: unwanted };
  const { paths } = listener.onPush;
  if (paths === undefined || push.paths === undefined) return { kind: 'starts' };
  const patterns = paths.map((glob) => globPattern(glob, true));
  if (push.paths.some((path) => patterns.some((pattern) => pattern.test(path)))) return { kind: 'starts' };
  return { kind: 'ignored', why: `nothing that matches ${paths.join(', ')} was changed` };
}

function unwantedTag({ onPush: { tags } }: Listener, { ref }: Push): string | undefined {
  if (tags === undefined) return 'tags do not start it';
  return globPattern(tags, true).test(ref.name) ? undefined : `tag ${ref.name} does not match ${tags}`;
}

function unwantedBranch({ ref, onPush: { branch } }: Listener, push: Push): string | undefined {
  if (branch === undefined) return 'branches do not start it';
  if (branch === true && ref !== undefined && COMMIT.test(ref)) return `its source is read at commit ${ref}`;
  const wanted = branch === true ? (ref?.replace(/^refs\/heads\//, '') ?? push.defaultBranch) : branch;
  if (wanted === undefined) return 'it names no branch, and the sender tells no default branch';
  return wanted === push.ref.name ? undefined : `it is started by branch ${wanted}, not ${push.ref.name}`;
}
