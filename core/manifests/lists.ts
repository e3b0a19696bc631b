import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { SourceDocument } from './documents.ts';
import type { Location } from './manifest.ts';

/** A value that should be an object, and where it stands. */
export interface Candidate {
  readonly value: Json;
  readonly location: Location;
}

/**
 * The objects of a document. A kind that ends in `List` and has an array of items stands for its items, as kubectl and
 * Argo CD read it; an item of a typed list (`ConfigMapList`) that names no kind of its own takes it from the list.
 */
export function candidatesOf(document: SourceDocument): readonly Candidate[] {
  return expand(document.value, document, document.line);
}

function expand(value: Json, document: SourceDocument, line: number): readonly Candidate[] {
  const items = itemsOf(value);
  if (items === undefined) return [{ value, location: { file: document.file, line } }];
  return items.flatMap((item) => {
    const offset = isJsonObject(item) ? document.lineOf(item) : line;
    return expand(typed(item, value as JsonObject), document, offset);
  });
}

function itemsOf(value: Json): readonly Json[] | undefined {
  if (!isJsonObject(value) || typeof value.kind !== 'string' || !value.kind.endsWith('List')) return undefined;
  if (Array.isArray(value.items)) return value.items as readonly Json[];
  return value.kind === 'List' && (value.items ?? null) === null ? [] : undefined;
}

function typed(item: Json, list: JsonObject): Json {
  if (!isJsonObject(item) || typeof list.kind !== 'string' || list.kind === 'List') return item;
  return { apiVersion: list.apiVersion, kind: list.kind.slice(0, -'List'.length), ...item };
}
