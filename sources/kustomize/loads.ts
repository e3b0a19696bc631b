import type { Json } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';

/** What a kustomization, or the configuration of a generator or transformer in it, loads. */
export interface Loads {
  /** Folders or files of resources, which may be kustomizations of their own. */
  readonly roots: readonly string[];
  /** Files that configure a generator, transformer or validator, which may load more. */
  readonly configurations: readonly string[];
  /** Everything that is loaded, the above among it. */
  readonly all: readonly string[];
}

/** The fields of Kustomize's `types.Kustomization` and of its generators that name what is loaded. */
const ROOT_FIELDS = new Set(['resources', 'bases', 'components']);
const CONFIGURATION_FIELDS = new Set(['generators', 'transformers', 'validators']);
const FILE_FIELDS = new Set([
  ...['path', 'paths', 'file', 'files', 'env', 'envs'],
  ...['crds', 'configurations', 'patchesStrategicMerge'],
]);

/** What a document loads, at any depth, so that no YAML merge hides it. A text of several lines is inline YAML, no file. */
export function loadsOf(document: Json): Loads {
  const roots = textsUnder(ROOT_FIELDS, document);
  const configurations = textsUnder(CONFIGURATION_FIELDS, document);
  return { roots, configurations, all: [...roots, ...configurations, ...textsUnder(FILE_FIELDS, document)] };
}

/**
 * Whether Kustomize fetches this from elsewhere: a file by http, or a git repository by what its `NewRepoSpecFromURL` takes
 * for one (a scheme, `git::`, GitHub without a scheme, or `user@host`). `key=` before a generator's file is passed over.
 */
export function isRemote(text: string): boolean {
  return /^(git::|https?:|ssh:|file:\/\/|github\.com[/:]|[\w.-]+@[^/]*[/:])/i.test(text.replace(/^[^=/:@]*=/, ''));
}

function textsUnder(fields: ReadonlySet<string>, value: Json, listed = false): readonly string[] {
  if (typeof value === 'string') return listed && !value.includes('\n') ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item: Json) => textsUnder(fields, item, listed));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([field, item]) => textsUnder(fields, item ?? null, fields.has(field)));
}
