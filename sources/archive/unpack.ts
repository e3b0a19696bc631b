import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { SynclineError } from '../../core/failures.ts';
import { damaged, partsOf, refused, tollOf } from './entry.ts';
import type { Entry, Toll } from './entry.ts';
import { eachZipEntry } from './zip.ts';

/** Where the entries of an archive go. */
export interface Unpacking {
  readonly named: string;
  readonly folder: string;
  readonly toll: Toll;
  readonly signal: AbortSignal;
}

/**
 * Unpacks an archive (`tar.gz`, `tar` or zip, told by its first bytes) into an empty folder. Throws `InvalidManifest` where it is
 * damaged, holds what could reach out of the folder, or holds too much; what was unpacked by then stays for the caller to remove.
 */
export async function unpack(archive: string, folder: string, named: string, signal: AbortSignal): Promise<void> {
  const unpacking: Unpacking = { named, folder, toll: tollOf(named), signal };
  try {
    const first = await firstBytes(archive);
    if (first.startsWith('504b')) await eachZipEntry(archive, (entry, read) => takeIn(unpacking, entry, read));
    else await unpackTar(archive, first.startsWith('1f8b'), unpacking);
  } catch (error) {
    if (error instanceof SynclineError || signal.aborted) throw error;
    throw damaged(named, error);
  }
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead).toString('hex');
  } finally {
    await file.close();
  }
}

/** What a tar file holds besides its files' bytes: headers and padding, for as many entries as there may be. */
const TAR_OVERHEAD = 2 * 1024 * 1024;

async function unpackTar(archive: string, compressed: boolean, unpacking: Unpacking): Promise<void> {
  const { named, signal } = unpacking;
  const entries = extract();
  const raw = tollOf(named);
  raw.bytes(-TAR_OVERHEAD);
  const unzipped = compressed ? [createGunzip()] : [];
  const fed = pipeline([createReadStream(archive), ...unzipped, counting(raw), entries], { signal });
  const taken = (async () => {
    let found = 0;
    for await (const entry of entries) {
      found += 1;
      const { name, type } = entry.header;
      const kind = type === 'file' ? 'file' : type === 'directory' ? 'folder' : 'other';
      await takeIn(unpacking, { path: name, type: kind }, () => Promise.resolve(entry as unknown as Readable));
      entry.resume();
    }
    if (found === 0) throw damaged(named);
  })();
  // The error of an entry also breaks the feeding; it is the one that says what was wrong.
  const [took, feeding] = await Promise.allSettled([taken, fed]);
  if (feeding.status === 'rejected' && feeding.reason instanceof SynclineError) throw feeding.reason;
  if (took.status === 'rejected') throw took.reason;
  if (feeding.status === 'rejected') throw feeding.reason;
}

/** Takes one entry in. `read` opens its bytes. */
async function takeIn(unpacking: Unpacking, entry: Entry, read: () => Promise<Readable>): Promise<void> {
  const { named, folder, toll, signal } = unpacking;
  toll.entry();
  const parts = partsOf(named, entry);
  const path = join(folder, ...parts);
  if (entry.type === 'folder') {
    await mkdir(path, { recursive: true });
    return;
  }
  if (parts.length === 0) throw refused(named, entry.path, 'it has no name');
  await mkdir(dirname(path), { recursive: true });
  // A second entry of one name is refused: which of them counts would depend on who unpacks.
  await pipeline(await read(), counting(toll), createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal });
}

/** Passes bytes on as long as the toll lets them. */
function counting(toll: Toll): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      try {
        toll.bytes(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
