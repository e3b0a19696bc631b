import { delimiter, isAbsolute, join } from 'node:path';
import { isExecutable } from './cache.ts';

/**
 * Finds a program that every system has a package of, so that Syncline brings none: the one that `variable` names, or
 * the first of that name in the PATH; undefined when there is none.
 *
 * @throws Error when the variable names what can't be run
 */
export async function findSystemProgram(
  name: string,
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const named = env[variable];
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return named;
    throw new Error(`${variable} names ${named}, which is not an executable file`);
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (isAbsolute(folder) && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}
