import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, constants, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Platform } from './catalogue.ts';

/** A place in the cache for one version of one program. */
export interface CacheSlot {
  readonly dir: string;
  readonly name: string;
}

/** What a slot holds. */
export type CacheState =
  | { readonly kind: 'valid'; readonly path: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'broken'; readonly reason: string };

const manifestSchema = z.object({ sha256: z.string(), size: z.number(), modifiedMs: z.number() });

type Manifest = z.infer<typeof manifestSchema>;

const MANIFEST = 'manifest.json';

/** One of Syncline's folders in the user's cache, below `XDG_CACHE_HOME` or `~/.cache`: programs, or repositories. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, room: 'bin' | 'git'): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'syncline', room);
}

/** Where a program of a version for a platform is kept. */
export function cacheSlot(root: string, name: string, version: string, platform: Platform): CacheSlot {
  return { name, dir: join(root, `${name}-${version}-${platform.os}-${platform.arch}`) };
}

/**
 * Looks into a slot. Size, mode and time of change are compared each time; the content only when the time has
 * changed, since a hash of all programs takes a second.
 */
export async function inspectSlot(slot: CacheSlot): Promise<CacheState> {
  const path = join(slot.dir, slot.name);
  const [file, manifest] = await Promise.all([stat(path).catch(() => undefined), readManifest(slot)]);
  if (file === undefined && manifest === undefined) return { kind: 'empty' };
  if (file === undefined) return { kind: 'broken', reason: 'the program is gone' };
  if (manifest === undefined) return { kind: 'broken', reason: 'it was not completed' };
  if (file.size !== manifest.size) {
    return { kind: 'broken', reason: `it has ${file.size} bytes instead of ${manifest.size}` };
  }
  if (!(await isExecutable(path))) return { kind: 'broken', reason: 'it is not executable' };
  if (file.mtimeMs !== manifest.modifiedMs) {
    if ((await hashFile(path)) !== manifest.sha256) return { kind: 'broken', reason: 'its content has changed' };
    await writeManifest(slot, { ...manifest, modifiedMs: file.mtimeMs });
  }
  return { kind: 'valid', path };
}

/**
 * Puts a finished program into its slot, replacing what is there. At no moment does the slot look complete
 * without being so: the manifest goes first and comes back last.
 *
 * @param file the program, on the same file system as the cache
 */
export async function fillSlot(slot: CacheSlot, file: string): Promise<string> {
  const path = join(slot.dir, slot.name);
  await mkdir(slot.dir, { recursive: true });
  await chmod(file, 0o755);
  await flush(file);
  const sha256 = await hashFile(file);
  await rm(join(slot.dir, MANIFEST), { force: true });
  await rename(file, path);
  const { size, mtimeMs } = await stat(path);
  await writeManifest(slot, { sha256, size, modifiedMs: mtimeMs });
  return path;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Tells whether this user may run a file. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function readManifest(slot: CacheSlot): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(slot.dir, MANIFEST), 'utf8')));
  } catch {
    return undefined;
  }
}

async function writeManifest(slot: CacheSlot, manifest: Manifest): Promise<void> {
  const path = join(slot.dir, MANIFEST);
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, JSON.stringify(manifest));
  await flush(draft);
  await rename(draft, path);
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
