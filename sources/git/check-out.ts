import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceOptions } from '../source-options.ts';
import { withinTime } from '../time-limit.ts';
import { findTool, runTool } from '../tool.ts';
import { gitEnvironment } from './git-environment.ts';
import { fetchFailure, noSuchRef, saysDamaged, saysNoSuchRef } from './git-failure.ts';
import type { GitLocation } from './git-location.ts';
import type { Mirror } from './mirror.ts';
import { MirrorDamaged, withMirror } from './mirror.ts';

/** A commit's files in the scratch folder. */
export interface Checkout {
  /** All characters of the commit. */
  readonly commit: string;
  /** The folder of its files, links resolved. */
  readonly tree: string;
}

/** Only these ways to a repository, whatever a server or a configuration says. */
const PROTOCOLS = ['https', 'http', 'ssh', 'file'].map((name) => `protocol.${name}.allow=always`);

/** Nothing of the repository's is run, nothing goes on in the background, and a transfer that has died ends. */
const CONFIGURATION = [
  ...['protocol.allow=never', ...PROTOCOLS, 'gc.auto=0', 'maintenance.auto=false', 'core.hooksPath=/dev/null'],
  ...['core.fsmonitor=false', 'credential.helper=', 'http.lowSpeedLimit=1', 'http.lowSpeedTime=30'],
].flatMap((setting) => ['-c', setting]);

const FETCHED = 'refs/syncline/fetched';
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * Fetches one commit, shallow and into a mirror in the user's cache, and lays out its files in the scratch folder. A commit
 * that the mirror has is not fetched again. Throws `InvalidRequest` when it can't be had, or not within the time limit.
 */
export async function checkOut(
  location: GitLocation,
  scratch: string,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<Checkout> {
  const env = options.env ?? process.env;
  const file = await findTool('git', options, signal);
  const gitEnv = await gitEnvironment(env, location.url, scratch);
  const tree = join(scratch, 'tree');
  await mkdir(tree);
  const part = { source: location.url, done: 'fetched', timeoutMs: options.timeoutMs } as const;
  return withinTime(part, signal, (limited) => {
    const run = (args: readonly string[], folder: string) =>
      runTool(
        {
          file,
          args: [...CONFIGURATION, ...args],
          cwd: tree,
          env: { ...gitEnv, GIT_DIR: folder, ...(args[0] === 'init' ? {} : { GIT_WORK_TREE: tree }) },
          source: location.url,
          scratch,
        },
        limited,
      );
    return withMirror(location, env, run, limited, async (mirror) => {
      const commit = await fetchCommit(mirror, location);
      await demand(mirror.git('read-tree', commit));
      await demand(mirror.git('checkout-index', '--all', '--force'));
      return { commit, tree: await realpath(tree) };
    });
  });
}

async function fetchCommit(mirror: Mirror, location: GitLocation): Promise<string> {
  const ref = location.ref ?? 'HEAD';
  if (COMMIT.test(ref) && (await holds(mirror, ref))) return ref;
  const fetched = await mirror.git(
    'fetch',
    '--quiet',
    '--depth=1',
    '--no-tags',
    '--force',
    location.url,
    `+${ref}:${FETCHED}`,
  );
  if (fetched.kind === 'succeeded') {
    return (await demand(mirror.git('rev-parse', '--verify', '--quiet', `${FETCHED}^{commit}`))).trim();
  }
  if (saysDamaged(fetched.words)) throw new MirrorDamaged(fetched.words);
  if (!COMMIT.test(ref) || !saysNoSuchRef(fetched.words)) throw fetchFailure(location, fetched.words);
  return fetchFromHistory(mirror, location, ref);
}

/** Some servers give no commit that is not the tip of a branch or tag; then all that these lead to is fetched. */
async function fetchFromHistory(mirror: Mirror, location: GitLocation, commit: string): Promise<string> {
  const refs = ['+refs/heads/*:refs/syncline/heads/*', '+refs/tags/*:refs/syncline/tags/*'];
  const fetched = await mirror.git('fetch', '--quiet', '--depth=2147483647', '--no-tags', location.url, ...refs);
  if (fetched.kind === 'failed') throw fetchFailure(location, fetched.words);
  if (await holds(mirror, commit)) return commit;
  throw noSuchRef(location);
}

async function holds(mirror: Mirror, commit: string): Promise<boolean> {
  return (await mirror.git('cat-file', '-e', `${commit}^{tree}`)).kind === 'succeeded';
}

/** What git prints of what the mirror must have. */
async function demand(running: ReturnType<Mirror['git']>): Promise<string> {
  const end = await running;
  if (end.kind === 'failed') throw new MirrorDamaged(end.words);
  return end.stdout.toString('utf8');
}
