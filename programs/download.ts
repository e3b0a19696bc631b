import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EnvHttpProxyAgent, fetch, type Dispatcher, type Response } from 'undici';
import { z } from 'zod';
import type { Download } from './catalogue.ts';
import { tarMember } from './tar-member.ts';

/** How far a download has come. */
export interface DownloadProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number | undefined;
}

/** Fetches releases from their publishers. */
export interface Downloader {
  /**
   * Fetches a program into `file` and checks what came against the publisher's checksum.
   *
   * @throws Unreachable when there is no way to the publisher; Error on any other failure, with no file left
   */
  fetch(
    download: Download,
    file: string,
    onProgress: (progress: DownloadProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<void>;
  close(): Promise<void>;
}

/** There is no connection to a publisher: a second attempt would only cost time again. */
export class Unreachable extends Error {
  constructor(url: string, cause: unknown) {
    super(`${new URL(url).host} cannot be reached: ${innermostMessage(cause)}`, { cause });
    this.name = 'Unreachable';
  }
}

/** Blocked networks often drop packets rather than refuse, so connecting must give up soon. */
const CONNECT_TIMEOUT_MS = 5000;
const IDLE_TIMEOUT_MS = 30_000;

/** Makes a downloader that honours the usual proxy variables. */
export function createDownloader(): Downloader {
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: IDLE_TIMEOUT_MS,
    bodyTimeout: IDLE_TIMEOUT_MS,
  });
  return {
    fetch: async (download, file, onProgress, signal) => {
      const expected = await fetchChecksum(download, dispatcher, signal);
      const response = await get(download.url, dispatcher, signal);
      const hash = createHash('sha256');
      try {
        await save(response, download, file, { hash, onProgress, signal });
        const actual = hash.digest('hex');
        if (actual !== expected) throw new Error(`its SHA-256 is ${actual}, the publisher says ${expected}`);
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
    },
    close: () => dispatcher.close(),
  };
}

const releaseSchema = z.object({ assets: z.array(z.object({ name: z.string(), digest: z.string().nullish() })) });

/**
 * Finds the SHA-256 for a file in what a publisher says: alone in a file, in a line with the file's name, or in
 * GitHub's description of a release.
 */
function parseChecksum(text: string, fileName: string): string | undefined {
  if (text.startsWith('{')) {
    const { assets } = releaseSchema.parse(JSON.parse(text));
    const digest = assets.find(({ name }) => name === fileName)?.digest ?? '';
    return /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  }
  const alone = /^[0-9a-f]{64}$/i.exec(text.trim());
  if (alone) return alone[0].toLowerCase();
  for (const line of text.split('\n')) {
    const [digest = '', name = ''] = line.trim().split(/\s+\*?/);
    if (/^[0-9a-f]{64}$/i.test(digest) && basename(name) === fileName) return digest.toLowerCase();
  }
  return undefined;
}

async function fetchChecksum(
  download: Download,
  dispatcher: Dispatcher,
  signal: AbortSignal | undefined,
): Promise<string> {
  const text = await (await get(download.checksumUrl, dispatcher, signal)).text();
  const checksum = parseChecksum(text, basename(new URL(download.url).pathname));
  if (checksum === undefined) throw new Error(`no checksum for it in ${download.checksumUrl}`);
  return checksum;
}

async function get(url: string, dispatcher: Dispatcher, signal: AbortSignal | undefined): Promise<Response> {
  const response = await fetch(url, { dispatcher, ...(signal && { signal }) }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new Unreachable(url, cause);
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  return response;
}

interface Saving {
  readonly hash: Hash;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly signal: AbortSignal | undefined;
}

async function save(response: Response, download: Download, file: string, saving: Saving): Promise<void> {
  if (response.body === null) throw new Error(`${download.url} answered with nothing`);
  const totalBytes = Number(response.headers.get('content-length') ?? Number.NaN);
  const watched = watch(response.body, Number.isNaN(totalBytes) ? undefined : totalBytes, saving);
  const out = createWriteStream(file, { mode: 0o700 });
  const options = saving.signal ? { signal: saving.signal } : {};
  if (download.member === undefined) {
    await pipeline(watched, out, options);
    return;
  }
  const { member } = download;
  const unpack = (archive: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> => tarMember(archive, member);
  await pipeline(watched, createGunzip(), unpack, out, options);
}

async function* watch(
  body: AsyncIterable<Uint8Array>,
  totalBytes: number | undefined,
  saving: Saving,
): AsyncGenerator<Uint8Array> {
  let receivedBytes = 0;
  for await (const chunk of body) {
    saving.hash.update(chunk);
    receivedBytes += chunk.length;
    saving.onProgress({ receivedBytes, totalBytes });
    yield chunk;
  }
}

function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : innermostMessage(error.cause);
}
