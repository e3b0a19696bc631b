import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { failure } from '../../core/failures.ts';
import type { Environment, SecretReference } from '../../secrets/secret-reference.ts';
import { isSecretReference, NO_SECRET_REFERENCE, readSecret } from '../../secrets/secret-reference.ts';
import type { Sender } from '../../core/triggers/push.ts';

/** A secret that a sender shares with this server, and for which repositories it speaks. */
export interface WebhookSecret {
  readonly text: string;
  /** Globs of repositories as `git.example.com/team/shop`. */
  readonly repositories: readonly string[];
}

/** Which webhooks a server takes. */
export interface Webhooks {
  /** The clusters whose applications may listen. */
  readonly clusters: readonly string[];
  /** The secrets of a sender; none where it is not to be heard. Read anew each time, so that one may be replaced. */
  secretsOf(sender: Sender): Promise<readonly WebhookSecret[]>;
}

const reference = z
  .string()
  .refine(isSecretReference, NO_SECRET_REFERENCE)
  .transform((text) => text);
const entries = z
  .array(z.strictObject({ secret: reference, repositories: z.array(z.string().min(1)).min(1).exactOptional() }))
  .min(1)
  .exactOptional();
const schema = z.strictObject({
  clusters: z
    .array(z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/))
    .min(1)
    .exactOptional(),
  github: entries,
  gitlab: entries,
  generic: entries,
});

/**
 * Opens the file that says which webhooks are taken; `clusters` are those where it names none. Throws `InvalidRequest` for a file that
 * can't be read, with the place, and for a secret that is not there or too short.
 */
export async function openWebhooks(path: string, clusters: readonly string[], env: Environment): Promise<Webhooks> {
  const configuration = await read(path);
  const secretsOf: Webhooks['secretsOf'] = async (sender) =>
    Promise.all(
      (configuration[sender] ?? []).map(async ({ secret, repositories = ['*'] }, index) => ({
        text: await secretAt(secret, `${path}: ${sender}[${String(index)}].secret`, sender, env),
        repositories,
      })),
    );
  // What is missing is told at the start, not when the first push is lost.
  await Promise.all((['github', 'gitlab', 'generic'] as const).map(secretsOf));
  return { clusters: configuration.clusters ?? clusters, secretsOf };
}

async function read(path: string): Promise<z.output<typeof schema>> {
  const remedy = 'see docs/triggers.md';
  const value = await readFile(path, 'utf8')
    .then((text) => parse(text) as unknown)
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
      throw failure('InvalidRequest', `the webhooks in ${path} can't be read: ${why}`, { remedy }, { cause });
    });
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : ` ${issue.path.map(String).join('.')}:`;
  throw failure('InvalidRequest', `${path}:${place} ${issue?.message ?? 'can not be read'}`, { remedy });
}

/** A shorter one could be guessed from one delivery that somebody has seen. */
const LEAST_CHARACTERS = 16;

async function secretAt(named: SecretReference, place: string, sender: Sender, env: Environment): Promise<string> {
  const secret = await readSecret(named, env, `${place}: `);
  if (secret.length < LEAST_CHARACTERS) {
    throw failure(
      'InvalidRequest',
      `${place}: the secret at ${named} is shorter than ${String(LEAST_CHARACTERS)} characters`,
      {
        remedy: 'make a new one, e.g. with: openssl rand -hex 32',
      },
    );
  }
  if (sender === 'generic' && !secret.startsWith('whsec_')) {
    throw failure('InvalidRequest', `${place}: the secret at ${named} does not begin with whsec_`, {
      remedy: 'make one with: echo "whsec_$(openssl rand -base64 32)"',
    });
  }
  return secret;
}
