import { createHash } from 'node:crypto';
import { failure } from '../core/failures.ts';

const FORM = /^sha256:([0-9a-f]{64})$/;

/** The digest that names these bytes in a store: `sha256:<64 hex>`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${sha256(bytes)}`;
}

/** The hexadecimal part of a digest. Throws `BundleNotFound` for a text that is no digest, as nothing can be stored under it. */
export function hexOf(digest: string): string {
  const hex = FORM.exec(digest)?.[1];
  if (hex !== undefined) return hex;
  throw failure(
    'BundleNotFound',
    `Bundle ${JSON.stringify(digest)} can't exist: a digest is sha256: and 64 hexadecimal digits.`,
  );
}

/** The digest with this hexadecimal part; undefined when it is none. */
export function digestOfHex(hex: string): string | undefined {
  const digest = `sha256:${hex}`;
  return FORM.test(digest) ? digest : undefined;
}

/** The error for a digest under which a store holds nothing; `store` is the store's description. */
export function bundleNotFound(digest: string, store: string): Error {
  return failure(
    'BundleNotFound',
    `Bundle ${digest} is not in the store ${store}: it was never stored there, or was collected.`,
    {
      remedy: 'Sync from the manifests again; all workers and clients must use the same SYNCLINE_BUNDLES.',
    },
  );
}

/** The SHA-256 of bytes or UTF-8 text, in hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
