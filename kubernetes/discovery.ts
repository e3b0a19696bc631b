import type { JsonObject } from '../core/json.ts';
import type { ServedKind } from './cluster.ts';
import {
  DISCOVERY_ACCEPT,
  groupVersionsOf,
  isAggregated,
  kindsOfAggregated,
  kindsOfResourceList,
} from './discovery-documents.ts';
import { ApiError } from './errors.ts';
import { pause, unlessAborted } from './pause.ts';
import type { Transport } from './transport.ts';

/** The kinds an API server serves, cached. */
export interface Discovery {
  /**
   * The served form of a kind, or undefined. "Not served" is said only by a reading that began after the call; callers
   * share a reading, and readings begin at least half a second apart.
   */
  servedKind(apiVersion: string, kind: string, signal: AbortSignal): Promise<ServedKind | undefined>;
  /** Every kind that is served, by a reading that began after the call. */
  servedKinds(signal: AbortSignal): Promise<readonly ServedKind[]>;
  /** Forgets a kind whose path the server no longer knows, so that it is read again when it is next asked for. */
  forget(served: ServedKind): void;
}

const READ_AT_MOST_EVERY_MS = 500;
const CLASSIC_READS_AT_ONCE = 8;

type Kinds = Map<string, ServedKind>;

/** Makes the discovery of one API server; it reads when it is first asked. `closed` ends its readings. */
export function createDiscovery(transport: Transport, closed: AbortSignal): Discovery {
  let kinds: Kinds = new Map();
  let lastStartedAt = -Infinity;
  let next: Promise<void> | undefined;
  let current: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    lastStartedAt = performance.now();
    kinds = await readKinds(transport, kinds, closed);
  };
  // A reading that is under way may have passed the place where the kind stands, so "missing" needs one that begins later.
  const refreshed = (): Promise<void> => {
    next ??= (async () => {
      await current?.catch(() => undefined);
      await pause(Math.max(0, lastStartedAt + READ_AT_MOST_EVERY_MS - performance.now()), closed);
      next = undefined;
      current = read().finally(() => (current = undefined));
      await current;
    })();
    return next;
  };

  return {
    servedKind: async (apiVersion, kind, signal) => {
      const key = keyOf(apiVersion, kind);
      if (!kinds.has(key) && current !== undefined)
        await unlessAborted(
          current.catch(() => undefined),
          signal,
        );
      if (!kinds.has(key)) await unlessAborted(refreshed(), signal);
      return kinds.get(key);
    },
    servedKinds: async (signal) => {
      await unlessAborted(refreshed(), signal);
      return [...kinds.values()];
    },
    forget: (served) => void kinds.delete(keyOf(served.apiVersion, served.kind)),
  };
}

function keyOf(apiVersion: string, kind: string): string {
  return `${apiVersion}/${kind}`;
}

async function readKinds(transport: Transport, known: Kinds, signal: AbortSignal): Promise<Kinds> {
  const found = await Promise.all(['/api', '/apis'].map((root) => readRoot(transport, root, known, signal)));
  const kinds: Kinds = new Map();
  for (const served of found.flat()) {
    const key = keyOf(served.apiVersion, served.kind);
    if (!kinds.has(key)) kinds.set(key, served);
  }
  return kinds;
}

async function readRoot(
  transport: Transport,
  root: string,
  known: Kinds,
  signal: AbortSignal,
): Promise<readonly ServedKind[]> {
  const document = await readDocument(transport, root, signal);
  if (isAggregated(document)) return kindsOfAggregated(document);
  const waiting = [...groupVersionsOf(document)];
  const found: ServedKind[] = [];
  const work = async (): Promise<void> => {
    for (let apiVersion = waiting.shift(); apiVersion !== undefined; apiVersion = waiting.shift()) {
      found.push(...(await readGroupVersion(transport, root, apiVersion, known, signal)));
    }
  };
  await Promise.all(Array.from({ length: CLASSIC_READS_AT_ONCE }, work));
  return found;
}

/** One group version of the classic form. A group whose own server is down keeps what was known of it, and the others are read. */
async function readGroupVersion(
  transport: Transport,
  root: string,
  apiVersion: string,
  known: Kinds,
  signal: AbortSignal,
): Promise<readonly ServedKind[]> {
  try {
    return kindsOfResourceList(apiVersion, await readDocument(transport, `${root}/${apiVersion}`, signal));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [...known.values()].filter((served) => served.apiVersion === apiVersion);
  }
}

function readDocument(transport: Transport, path: string, signal: AbortSignal): Promise<JsonObject> {
  const subject = { action: 'discover', object: `the kinds served at ${path}`, secret: false };
  return transport.json({ method: 'GET', path, accept: DISCOVERY_ACCEPT, idempotent: true, subject }, signal);
}
