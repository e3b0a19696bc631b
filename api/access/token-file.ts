import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { failure } from '../../core/failures.ts';
import { ROLES } from './roles.ts';
import type { StoredToken } from './token.ts';

/** Where tokens are kept. */
export interface TokenStore {
  /** How messages call it. */
  readonly description: string;
  /** All tokens; none where nothing was stored yet. Throws `InvalidRequest` where what is stored can't be read. */
  read(): Promise<readonly StoredToken[]>;
  /** Changes them: `change` gets what is stored and answers what is to be. */
  change(change: (tokens: readonly StoredToken[]) => readonly StoredToken[]): Promise<void>;
}

const schema = z.strictObject({
  version: z.literal(1),
  tokens: z.array(
    z.strictObject({
      id: z.string(),
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      subject: z.string(),
      roles: z.array(z.enum(ROLES)),
      applications: z.array(z.string()),
      createdAt: z.number(),
      expiresAt: z.number().exactOptional(),
      revokedAt: z.number().exactOptional(),
    }),
  ),
});

/**
 * Tokens in a file that only its user can read. Several servers share it as a mounted file, such as a Kubernetes Secret; a change
 * is seen with the next request, since the file is looked at for each.
 */
export function tokenFile(path: string): TokenStore {
  let known: { readonly mark: string; readonly tokens: readonly StoredToken[] } | undefined;
  const read = async (): Promise<readonly StoredToken[]> => {
    const mark = await markOf(path);
    if (mark === undefined) return [];
    if (known?.mark !== mark) known = { mark, tokens: parse(path, await readFile(path, 'utf8')) };
    return known.tokens;
  };
  return {
    description: path,
    read,
    change: async (change) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const held = await lock(`${path}.lock`);
      try {
        await replace(path, JSON.stringify({ version: 1, tokens: change(await read()) }, undefined, 2));
      } finally {
        await held.release();
      }
    },
  };
}

/** What changes when the file does: a mounted Secret is another file then, any other has another time. */
async function markOf(path: string): Promise<string | undefined> {
  try {
    const { ino, mtimeNs, size } = await stat(path, { bigint: true });
    return [ino, mtimeNs, size].join(' ');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(path: string, text: string): readonly StoredToken[] {
  try {
    return schema.parse(JSON.parse(text)).tokens;
  } catch (cause) {
    const remedy = 'restore it, or make it anew with `syncline token create`';
    // What stands in the file is not repeated: it holds digests of secrets.
    throw failure('InvalidRequest', `the tokens in ${path} can't be read`, { remedy }, { cause });
  }
}

async function lock(path: string): Promise<{ release(): Promise<void> }> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.close();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw failure('InvalidRequest', `the tokens are being changed by another command (${path})`, {
      remedy: 'try again; remove that file if no such command runs',
    });
  }
  return { release: () => rm(path, { force: true }) };
}

async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
