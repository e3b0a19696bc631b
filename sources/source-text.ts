import type { Readable } from 'node:stream';
import { failure, type SynclineError } from '../core/failures.ts';

/** One file of manifests as text, before it is parsed. */
export interface SourceFile {
  /** Path relative to the source's root, with `/`; `stdin` for standard input. */
  readonly file: string;
  readonly text: string;
}

/** What a source holds. */
export interface SourceText {
  /** Its files: a folder's sorted by path, a chart's as Helm prints them. */
  readonly files: readonly SourceFile[];
  /** The commit they are of, where they came from a git repository. */
  readonly revision?: string;
}

/** The most bytes one source may hold, over all of its files. */
export const SOURCE_LIMIT_BYTES = 25 * 1024 * 1024;

/** Throws `InvalidManifest` when a source of this many bytes is too large; `source` names it in the message. */
export function refuseTooLarge(source: string, bytes: number): void {
  if (bytes > SOURCE_LIMIT_BYTES) throw tooLarge(source);
}

/** The error for a source that holds more than it may; `source` names it in the message. */
export function tooLarge(source: string): SynclineError {
  const limit = String(SOURCE_LIMIT_BYTES / 1024 / 1024);
  return failure('InvalidManifest', `${source} can't be read: it holds more than ${limit} MiB of manifests.`, {
    remedy: 'Name the folder or file that holds only what is to be deployed, or split it into several applications.',
  });
}

/**
 * Reads a stream to its end as UTF-8 text; a byte order mark is dropped. `source` names it in messages.
 * Throws `InvalidManifest` as soon as it exceeds `SOURCE_LIMIT_BYTES`, or when it is not UTF-8.
 */
export async function readText(stream: Readable, source: string, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const stop = (): void => void stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of stream) {
      const part = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
      bytes += part.byteLength;
      refuseTooLarge(source, bytes);
      chunks.push(part);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return decodeText(Buffer.concat(chunks), source);
}

/** Reads bytes as UTF-8 text. Throws `InvalidManifest` when they are not. */
export function decodeText(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw failure(
      'InvalidManifest',
      `${source} can't be read: it is not UTF-8 text.`,
      { remedy: 'Save it as UTF-8, or give it another ending than .yaml, .yml and .json if it is no manifest.' },
      { cause },
    );
  }
}
