import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../core/apply/canonical-json.ts';
import { failure } from '../../core/failures.ts';
import type { Scope } from '../access/token.ts';
import { ProblemError } from '../problem.ts';

/** What names a request that may be repeated, as the library takes it. */
export interface Identity {
  readonly syncId?: string;
  readonly fingerprint?: string;
}

/** The header that names a request (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/). */
export const IDEMPOTENCY_HEADER = {
  'Idempotency-Key':
    'Names the request: sent again with the same body it is answered with the same sync, with another body it is refused. At most 255 visible characters.',
} as const;

/** The identity that a request's key gives it: the same key of the same application is the same sync ID. Empty without a key; throws a `ProblemError` for one that can't be one. */
export async function identityOf(
  { headers }: Pick<FastifyRequest, 'headers'>,
  { cluster, application }: Scope,
  body: { readonly syncId?: string },
  archive: string | undefined,
): Promise<Identity> {
  const key = headers['idempotency-key'];
  if (key === undefined) return {};
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new ProblemError('MalformedRequest', 'the Idempotency-Key is no text of 1 to 255 visible characters');
  }
  if (body.syncId !== undefined) {
    throw failure('InvalidRequest', 'the request is named by an Idempotency-Key and by a syncId', {
      remedy: 'give one of them',
    });
  }
  const packed = archive === undefined ? '' : await digestOfFile(archive);
  return {
    syncId: `k${sha256([cluster, application, key].join(' ')).slice(0, ID_DIGITS)}`,
    fingerprint: sha256(`${canonicalJson(body)} ${packed}`),
  };
}

const ID_DIGITS = 24;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
