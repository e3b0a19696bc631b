import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { failure } from '../core/failures.ts';
import { digestOf } from './digest.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** The first byte of what is stored says how the rest is to be read. */
const ZSTD = 0x01;

/** The most bytes one entry may hold uncompressed: a guard against a damaged or malicious entry that unpacks without end. */
const ENTRY_LIMIT_BYTES = 256 * 1024 * 1024;

/** The form in which bytes are stored: a byte that names the format, then the compressed bytes. Throws a RangeError above 256 MiB. */
export async function encodeEntry(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.byteLength > ENTRY_LIMIT_BYTES) {
    throw new RangeError(
      `${String(bytes.byteLength)} bytes can't be stored as one entry: the limit is ${String(ENTRY_LIMIT_BYTES)}.`,
    );
  }
  return Buffer.concat([Uint8Array.of(ZSTD), await compress(bytes)]);
}

/** The bytes of a stored form. Throws `BundleDigestMismatch` when they are damaged or not those of the digest; `store` describes the store. */
export async function decodeEntry(stored: Uint8Array, digest: string, store: string): Promise<Uint8Array> {
  const format = stored[0];
  if (format !== ZSTD)
    throw damaged(digest, store, `its format ${String(format)} is unknown to this version of Syncline`);
  let bytes: Uint8Array;
  try {
    bytes = await decompress(stored.subarray(1), { maxOutputLength: ENTRY_LIMIT_BYTES });
  } catch (cause) {
    throw damaged(digest, store, 'it can’t be decompressed', cause);
  }
  const actual = digestOf(bytes);
  if (actual !== digest) throw damaged(digest, store, `its content has the digest ${actual}`);
  return bytes;
}

/** The error for an entry that is there and is not what its digest says. */
export function damaged(digest: string, store: string, reason: string, cause?: unknown): Error {
  return failure(
    'BundleDigestMismatch',
    `Bundle ${digest} in the store ${store} is damaged: ${reason}.`,
    { remedy: 'Sync from the manifests again: that stores the bundle anew.' },
    { cause },
  );
}
