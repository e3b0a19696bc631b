import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { failure, SynclineError } from '../../core/failures.ts';
import { readDocuments } from '../../core/manifests/documents.ts';
import type { Boundary } from '../boundary.ts';
import { resolveInside } from '../boundary.ts';
import { below } from '../place.ts';
import { isRemote, loadsOf } from './loads.ts';

/** How far what an overlay loads may be away. */
export interface Reach {
  readonly boundary: Boundary | undefined;
  readonly allowRemote: boolean;
}

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/**
 * Follows an overlay through its bases and components, before Kustomize does. Throws `InvalidManifest` for what leads out
 * of the boundary, and `InvalidRequest` for what is remote unless that is allowed; what is missing or broken is left to
 * Kustomize, which says it best.
 */
export async function checkReach(folder: string, named: string, reach: Reach): Promise<void> {
  const seen = new Set<string>();
  const waiting = [{ path: folder, named }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.path)) continue;
    seen.add(next.path);
    waiting.push(...(await followed(next, reach)));
  }
}

interface Place {
  /** Real path of a folder that is a kustomization, or of a file that configures one. */
  readonly path: string;
  readonly named: string;
}

/** What one kustomization or configuration loads that may load more. */
async function followed(place: Place, reach: Reach): Promise<readonly Place[]> {
  const file = await kustomizationOf(place);
  if (file === undefined) return [];
  const { documents, failures } = readDocuments(file.named, await readFile(file.path, 'utf8'));
  const [broken, ...others] = failures;
  // What only Kustomize can read could hide what it loads.
  if (broken !== undefined) throw new SynclineError([broken, ...others]);
  const places: Place[] = [];
  for (const { value } of documents) {
    const { all, roots, configurations } = loadsOf(value);
    for (const entry of all) {
      const real = await within(file, entry, reach);
      if (real === undefined) continue;
      const leadsOn = roots.includes(entry) ? (await stat(real)).isDirectory() : configurations.includes(entry);
      if (leadsOn) places.push({ path: real, named: below(dirname(file.named), entry) });
    }
  }
  return places;
}

/** The real path of what a file loads; undefined where that is nothing on this machine. */
async function within(file: Place, entry: string, { allowRemote, boundary }: Reach): Promise<string | undefined> {
  if (isRemote(entry)) {
    if (allowRemote) return undefined;
    throw remote(file.named, entry);
  }
  const path = resolve(dirname(file.path), entry.replace(/^[^=/]*=/, ''));
  if (boundary === undefined) return realpath(path).catch(() => undefined);
  return resolveInside(boundary, path, `${file.named}: ${entry}`);
}

/** The file that says what a place loads: itself, or the kustomization of a folder; undefined where a folder has none. */
async function kustomizationOf({ path, named }: Place): Promise<Place | undefined> {
  if (!(await stat(path)).isDirectory()) return { path, named };
  for (const name of NAMES) {
    const status = await stat(join(path, name)).catch(() => undefined);
    if (status?.isFile() === true) return { path: join(path, name), named: below(named, name) };
  }
  return undefined;
}

function remote(where: string, entry: string): Error {
  // An address may carry credentials, which have no place in a message.
  const shown = entry.replace(/\/\/[^@/]*@/, '//');
  return failure('InvalidRequest', `${where} loads ${shown}, which is not on this machine.`, {
    remedy: 'Keep what it loads in the repository, or allow it with --allow-remote.',
  });
}
