import { posix } from 'node:path';
import { failure, type SynclineError } from '../../core/failures.ts';
import type { GitOptions } from '../source-options.ts';

/** A folder or file of a commit of a git repository. */
export interface GitLocation {
  readonly kind: 'git';
  /** What git is given; without credentials. */
  readonly url: string;
  /** A branch, a tag or a commit; absent = the remote's HEAD. */
  readonly ref?: string;
  /** Relative to the repository's root, with `/`; empty for the root. */
  readonly path: string;
}

const ADDRESS = /^(?:git\+)?((?:https?|ssh|file):\/\/.+)$/i;
/** `user@host:path`, as ssh's own tools have it. */
const SCP = /^(?:git\+)?([\w.-]+@[\w.-]+:(?!\/\/).+)$/;

/**
 * Reads `[git+]URL[//PATH][?ref=REF]`, where URL is `https://`, `http://`, `ssh://`, `file://` or `user@host:repository`.
 * `git+` may be left out where nothing else could be meant: ssh, file, `user@host:`, and a URL whose repository ends in
 * `.git`. Undefined for what is no git location. Throws `InvalidRequest` for a URL with a password, an option it does not
 * know, a path that leaves the repository, and a ref or path that the options contradict.
 */
export function readGitLocation(text: string, options: GitOptions): GitLocation | undefined {
  const whole = ADDRESS.exec(text)?.[1] ?? SCP.exec(text)?.[1];
  if (whole === undefined) return undefined;
  const [address, query] = splitOnce(whole, '?');
  const schemeEnd = address.indexOf('://') === -1 ? 0 : address.indexOf('://') + 3;
  const [rest, inside] = splitOnce(address.slice(schemeEnd), '//');
  const url = address.slice(0, schemeEnd) + rest;
  const plain = !/^git\+/i.test(text) && /^https?:/i.test(url);
  if (plain && !url.endsWith('.git')) return undefined;
  refuseCredentials(url);
  const ref = agreed('ref', refOf(query), options.ref);
  if (ref !== undefined && !/^[^\s-][^\s:^~?*[\\]*$/.test(ref))
    throw invalid(`${JSON.stringify(ref)} is no branch, tag or commit.`);
  return {
    kind: 'git',
    url,
    path: insidePath(agreed('path', inside === '' ? undefined : inside, options.path) ?? ''),
    ...(ref === undefined ? {} : { ref }),
  };
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function refOf(query: string): string | undefined {
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (name !== 'ref') throw invalid(`A git location knows no option ${JSON.stringify(name)}, only ref.`);
  }
  return parameters.get('ref') ?? undefined;
}

/** The one of two that is given. */
function agreed(what: string, written: string | undefined, flag: string | undefined): string | undefined {
  if (written !== undefined && flag !== undefined && written !== flag) {
    throw invalid(`The location says ${what} ${written}, and --${what} says ${flag}.`);
  }
  return written ?? flag;
}

function insidePath(path: string): string {
  const normal = posix.normalize(path === '' ? '.' : path).replace(/\/$/, '');
  if (posix.isAbsolute(normal) || normal === '..' || normal.startsWith('../')) {
    throw invalid(`The path ${JSON.stringify(path)} leads out of the repository.`);
  }
  return normal === '.' ? '' : normal;
}

/** A user before `@` is no secret for ssh; for http it may be a token. */
function refuseCredentials(url: string): void {
  const user = /^(\w+):\/\/([^/]*)@/.exec(url);
  if (user === null || (user[1] === 'ssh' && !(user[2] ?? '').includes(':'))) return;
  throw failure('InvalidRequest', 'The URL of a git repository has a user or password in it.', {
    remedy: 'Take it out, and give a token in SYNCLINE_GIT_TOKEN: a URL is seen in logs and process lists.',
  });
}

function invalid(message: string): SynclineError {
  return failure('InvalidRequest', message, { remedy: 'Write [git+]URL[//PATH][?ref=REF].' });
}
