import type { JsonObject } from '../core/json.ts';
import { isJsonObject, numberAt, objectAt, stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { ConnectionError } from './errors.ts';

/** What a watch says. */
export type WatchEvent =
  | { readonly kind: 'put' | 'drop'; readonly object: KubernetesObject; readonly resourceVersion: string }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  /** The watch can't go on from here: code 410 where the history it needs is gone. */
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

/** A line longer than this is no event of an API server, whose objects are limited to a few MiB. */
const LONGEST_LINE = 64 * 1024 * 1024;

/**
 * The events in the chunks of a watch's answer, which are JSON objects in lines. Throws ConnectionError for a line that is
 * none, and for a last line that broke off.
 */
export async function* watchEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw unreadable();
    for (const line of lines) if (line.trim() !== '') yield eventOf(line);
  }
  if (rest.trim() !== '') throw unreadable();
}

function eventOf(line: string): WatchEvent {
  const event = parsed(line);
  const object = objectAt(event, 'object');
  if (object === undefined) throw unreadable();
  const resourceVersion = stringAt(object, 'metadata', 'resourceVersion') ?? '';
  const type = stringAt(event, 'type');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'put', object, resourceVersion };
    case 'DELETED':
      return { kind: 'drop', object, resourceVersion };
    case 'BOOKMARK':
      return { kind: 'bookmark', resourceVersion };
    case 'ERROR':
      return { kind: 'error', code: numberAt(object, 'code') ?? 0, message: stringAt(object, 'message') ?? '' };
    default:
      throw unreadable();
  }
}

function parsed(line: string): JsonObject {
  try {
    const value: unknown = JSON.parse(line);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below, without the parser's words, which quote the line.
  }
  throw unreadable();
}

function unreadable(): ConnectionError {
  return new ConnectionError('The watch sent something that is not an event');
}
