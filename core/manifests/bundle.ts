import { failure } from '../failures.ts';
import type { SynclineError } from '../failures.ts';
import { arrayAt, isJsonObject, numberAt, stringAt } from '../json.ts';
import type { Json } from '../json.ts';
import type { Manifest } from './manifest.ts';

const VERSION = 1;

/**
 * The text under which manifests are stored: JSON with version, objects and locations. The same manifests in the same
 * order give the same text, so that its digest names them.
 */
export function encodeBundle(manifests: readonly Manifest[]): string {
  const entries = manifests.map(({ object, location }) => ({ file: location.file, line: location.line, object }));
  return JSON.stringify({ version: VERSION, manifests: entries });
}

/**
 * Reads what `encodeBundle` wrote. Throws `BundleDigestMismatch` when the text is damaged and `InvalidRequest` when
 * another version of Syncline wrote it.
 */
export function decodeBundle(text: string): readonly Manifest[] {
  const bundle = parsed(text);
  const version = numberAt(bundle, 'version');
  if (version === undefined) throw damaged('it has no version');
  if (version !== VERSION) {
    throw failure('InvalidRequest', `The bundle has version ${version}; this Syncline reads version ${VERSION}.`, {
      remedy: 'use the same version of Syncline for the command line and the worker, and sync again',
    });
  }
  return arrayAt(bundle, 'manifests').map((entry) => {
    const file = stringAt(entry, 'file');
    const line = numberAt(entry, 'line');
    const object = isJsonObject(entry) ? entry.object : undefined;
    if (file === undefined || line === undefined || !isJsonObject(object)) throw damaged('an entry is incomplete');
    return { object, location: { file, line } };
  });
}

/** The first characters of a bundle's digest, as people name it: `3f9a1c2`. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 7);
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // The parser's message quotes the text, which may hold a Secret's value.
    throw damaged('it is no JSON');
  }
}

function damaged(reason: string): SynclineError {
  return failure('BundleDigestMismatch', `The stored bundle can't be read: ${reason}.`, {
    remedy: 'sync again from the source',
  });
}
