import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from './problem.ts';

/** The most bytes of an archive, packed, and of the order that comes with one. */
export const ARCHIVE_LIMIT_BYTES = 10 * 1024 * 1024;
export const ORDER_LIMIT_BYTES = 1024 * 1024;

/** What came as a form: the order as JSON, and where the archive was put. */
export interface Upload {
  readonly body: unknown;
  readonly archive: string;
}

/** Runs `work` with what a form brought, and removes its archive whatever happens. Throws a `ProblemError` for any other form. */
export async function withUpload<T>(
  request: FastifyRequest,
  signal: AbortSignal,
  work: (upload: Upload) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'syncline-upload-'));
  try {
    const archive = join(folder, 'archive');
    const body = await received(request, archive, signal).catch((error: unknown) => {
      throw isOfTheForm(error) ? malformed('the form can’t be read') : error;
    });
    return await work({ body, archive });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether an error tells of the form itself: what reads it throws plain errors for what it can't read, and coded ones for everything else. */
function isOfTheForm(error: unknown): boolean {
  return error instanceof Error && error.constructor === Error && !('code' in error);
}

/** Puts the archive in its place and answers the order. */
async function received(request: FastifyRequest, archive: string, signal: AbortSignal): Promise<unknown> {
  let order: unknown;
  let hasArchive = false;
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      if (part.fieldname !== 'archive') throw malformed(`the form has a file ${JSON.stringify(part.fieldname)}`);
      await pipeline(part.file, createWriteStream(archive, { flags: 'wx', mode: 0o600 }), { signal });
      hasArchive = true;
    } else if (part.fieldname === 'order') {
      if (part.valueTruncated) throw new ProblemError('PayloadTooLarge', 'the order in the form is larger than 1 MiB');
      order = parsed(String(part.value));
    } else throw malformed(`the form has a field ${JSON.stringify(part.fieldname)}`);
  }
  if (order === undefined || !hasArchive) throw malformed('the form lacks a part');
  return order;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed('the order in the form is not JSON');
  }
}

function malformed(detail: string): ProblemError {
  return new ProblemError('MalformedRequest', detail, { remedy: 'send `order` (JSON) and `archive` (a file)' });
}
