import { execFile } from 'node:child_process';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutable } from './cache.ts';
import type { CatalogueEntry } from './catalogue.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 20_000;

/** Asks a program for its version; the reason it does not fit, or `undefined` when it does. */
export async function versionFault(
  path: string,
  entry: Pick<CatalogueEntry, 'versionArgs' | 'fits'>,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(path, [...entry.versionArgs], { timeout: TIMEOUT_MS });
    const text = `${stdout}${stderr}`.trim();
    return entry.fits.test(text) ? undefined : `its version does not fit: ${text.split('\n')[0] ?? ''}`;
  } catch (error) {
    return `it does not run: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`;
  }
}

/** What the search in the PATH gave. */
export interface PathSearch {
  readonly path?: string;
  /** Programs of that name that were passed over, and why. */
  readonly passedOver: readonly string[];
}

/** Looks for a program of the right version in the folders of PATH, in their order. */
export async function searchPath(
  name: string,
  entry: Pick<CatalogueEntry, 'versionArgs' | 'fits'>,
  pathVariable: string,
): Promise<PathSearch> {
  const passedOver: string[] = [];
  for (const folder of pathVariable.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, name);
    if (!(await isExecutable(path))) continue;
    const fault = await versionFault(path, entry);
    if (fault === undefined) return { path, passedOver };
    passedOver.push(`${path}: ${fault}`);
  }
  return { passedOver };
}
