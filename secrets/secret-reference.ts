import { readFile } from 'node:fs/promises';
import { failure } from '../core/failures.ts';

/** Where a secret is: `env:NAME`, or `file:` and an absolute path. What it holds never stands in a configuration, which others may read. */
export type SecretReference = string & { readonly reference: unique symbol };

/** What to say of a text that is none. */
export const NO_SECRET_REFERENCE =
  'is no reference to a secret: give env:NAME or file:/absolute/path, never the secret itself';

/** Whether a text names a place of a secret. */
export function isSecretReference(text: string): text is SecretReference {
  return /^env:[A-Za-z_][A-Za-z0-9_]*$/.test(text) || /^file:\/.+$/.test(text);
}

/** Where references are looked up. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a secret anew each time, so that one which is rotated in its file needs no restart; white space around it is left out.
 * Throws `InvalidRequest`, which names the place and nothing of what is there; `where` says which reference it is, where there are several.
 */
export async function readSecret(reference: SecretReference, env: Environment, where = ''): Promise<string> {
  const text = reference.startsWith('env:') ? env[reference.slice('env:'.length)] : await textOf(reference, where);
  const secret = text?.trim() ?? '';
  if (secret !== '') return secret;
  throw failure('InvalidRequest', `${where}${reference} holds nothing`, {
    remedy: 'set it where this process runs',
  });
}

async function textOf(reference: SecretReference, where: string): Promise<string> {
  try {
    return await readFile(reference.slice('file:'.length), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw failure('InvalidRequest', `${where}${reference} can't be read: ${code}`, {
      remedy: 'mount it where this process runs',
    });
  }
}
