import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../programs/cache.ts';
import { withLock } from '../../programs/lock.ts';
import { fetchFailure } from './git-failure.ts';
import type { GitLocation } from './git-location.ts';
import type { ToolEnd } from '../tool.ts';

/** A bare repository in the user's cache, of which this process is the only user for now. */
export interface Mirror {
  /** Runs git in it. */
  readonly git: (...args: readonly string[]) => Promise<ToolEnd>;
}

/** Runs git with these arguments in a folder. */
export type GitRun = (args: readonly string[], gitFolder: string) => Promise<ToolEnd>;

/** So many shallow fetches make a mirror slower and larger than a new one. */
const MOST_PACKS = 50;
/** What a git that was killed leaves; with the lock held, no other is at work. */
const LEFT_BEHIND = /(\.lock|^tmp_.*)$/;

/**
 * Works with the mirror of a URL under a lock that processes share. The mirror is named by the URL's hash, holds no URL,
 * and is begun anew when it is damaged (`work` throws `MirrorDamaged`) or has become too large.
 */
export async function withMirror<T>(
  location: GitLocation,
  env: Readonly<Record<string, string | undefined>>,
  run: GitRun,
  signal: AbortSignal,
  work: (mirror: Mirror) => Promise<T>,
): Promise<T> {
  const root = cacheFolder(env, 'git');
  await mkdir(root, { recursive: true, mode: 0o700 });
  const name = createHash('sha256').update(location.url).digest('hex').slice(0, 32);
  const folder = join(root, name);
  const attempt = async (): Promise<T> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const mirror: Mirror = { git: (...args) => run(args, folder) };
    const initialised = await mirror.git('init', '--bare', '--quiet', folder);
    if (initialised.kind === 'failed') throw new MirrorDamaged(initialised.words);
    return work(mirror);
  };
  return withLock(join(root, `.${name}.lock`), { signal, onWait: () => undefined }, async () => {
    await tidy(folder);
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof MirrorDamaged)) throw error;
      await rm(folder, { recursive: true, force: true });
      return await attempt().catch((again: unknown) => {
        throw again instanceof MirrorDamaged ? fetchFailure(location, again.message) : again;
      });
    }
  });
}

/** What a mirror should hold can't be read from it. */
export class MirrorDamaged extends Error {
  override name = 'MirrorDamaged';
}

async function tidy(folder: string): Promise<void> {
  const packs = await readdir(join(folder, 'objects/pack')).catch(() => []);
  if (packs.filter((name) => name.endsWith('.pack')).length > MOST_PACKS) {
    await rm(folder, { recursive: true, force: true });
    return;
  }
  for (const place of ['', 'objects/pack', 'refs/syncline']) {
    const names = await readdir(join(folder, place)).catch(() => []);
    const left = names.filter((name) => LEFT_BEHIND.test(name));
    await Promise.all(left.map((name) => rm(join(folder, place, name), { force: true })));
  }
}
