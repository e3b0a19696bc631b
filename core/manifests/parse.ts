import type { Failure } from '../failures.ts';
import type { KubernetesObject } from '../objects.ts';
import { readDocuments } from './documents.ts';
import { duplicateFailures } from './duplicates.ts';
import { candidatesOf } from './lists.ts';
import type { Manifest } from './manifest.ts';
import { offlineScopes } from './scopes.ts';
import { utf8Length } from './text-size.ts';
import { validityFailures } from './validity.ts';

/** A text that holds manifests, and the path its author knows it by. */
export interface ManifestFile {
  readonly file: string;
  readonly text: string;
}

/** How manifests are parsed. */
export interface ParseOptions {
  /** The most bytes all files together may have. @default 25 MiB */
  readonly maxBytes?: number;
  /** Destination namespace of objects that name none; duplicates are found with it. */
  readonly namespace?: string;
}

/** What was read, and everything that was wrong. */
export interface ParsedManifests {
  /** The objects that are valid, in the order of files and documents. */
  readonly manifests: readonly Manifest[];
  /** Every failure found, all of type `InvalidManifest`; empty means the manifests are whole. */
  readonly failures: readonly Failure[];
}

/** The default limit on the size of all files together. */
export const DEFAULT_MAX_BYTES = 25 * 1024 * 1024;

/**
 * Parses YAML or JSON files of one or more documents into objects, reading scalars as Kubernetes does. Lists are
 * expanded, empty documents skipped. It collects all failures instead of stopping at the first, throws nothing, and
 * never quotes a value of a Secret.
 */
export function parseManifests(files: readonly ManifestFile[], options: ParseOptions = {}): ParsedManifests {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const bytes = files.reduce((sum, { text }) => sum + utf8Length(text), 0);
  if (bytes > maxBytes) return { manifests: [], failures: [tooLarge(bytes, maxBytes, files)] };

  const failures: Failure[] = [];
  const manifests: Manifest[] = [];
  for (const { file, text } of files) {
    const read = readDocuments(file, text);
    failures.push(...read.failures);
    for (const candidate of read.documents.flatMap(candidatesOf)) {
      const found = validityFailures(candidate);
      failures.push(...found);
      if (found.length === 0)
        manifests.push({ object: candidate.value as KubernetesObject, location: candidate.location });
    }
  }
  failures.push(...duplicateFailures(manifests, options.namespace, offlineScopes(manifests)));
  if (manifests.length === 0 && failures.length === 0) failures.push(nothingFound(files));
  return { manifests, failures };
}

function tooLarge(bytes: number, maxBytes: number, files: readonly ManifestFile[]): Failure {
  const largest = files.toSorted((one, other) => other.text.length - one.text.length)[0];
  return {
    type: 'InvalidManifest',
    message: `The manifests have ${inMiB(bytes)} in all, more than the limit of ${inMiB(maxBytes)}.`,
    remedy: 'split them into several applications, or leave out what is no manifest',
    ...(largest === undefined ? {} : { location: `${largest.file}:1` }),
  };
}

function nothingFound(files: readonly ManifestFile[]): Failure {
  const message =
    files.length === 0
      ? 'There are no manifest files.'
      : `There is no object in ${files.map(({ file }) => file).join(', ')}.`;
  return { type: 'InvalidManifest', message, remedy: 'give a directory or file that holds Kubernetes objects' };
}

function inMiB(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
