import { Client, Connection, isGrpcCancelledError, isGrpcServiceError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { TemporalUnreachable } from '../errors.ts';

/** Where Temporal is. What is absent comes from the `TEMPORAL_*` variables or Temporal's configuration file. */
export interface TemporalOptions {
  /** `host:port`. */
  readonly address?: string;
  readonly namespace?: string;
  /** How long to try to connect, ms. @default 3000 */
  readonly connectTimeoutMs?: number;
  /** The variables to read instead of the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A connected Temporal. */
export interface Temporal {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
  /** The namespace's own ID, by which two Temporals are told apart whatever they are called; absent where it may not be read. */
  readonly id?: string;
}

const DEFAULT_ADDRESS = 'localhost:7233';

/** gRPC's status codes that say a server was not reached, or not in time. */
const UNREACHED: ReadonlySet<number> = new Set([4, 14]);

/** Connects to Temporal. Throws `TemporalUnreachable` when nobody answers at its address in time. */
export async function connectTemporal(options: TemporalOptions = {}): Promise<Temporal> {
  const found = loadClientConnectConfig(options.env === undefined ? {} : { overrideEnvVars: defined(options.env) });
  const address = options.address ?? found.connectionOptions.address ?? DEFAULT_ADDRESS;
  const namespace = options.namespace ?? found.namespace ?? 'default';
  const connectTimeout = options.connectTimeoutMs ?? 3_000;
  try {
    const connection = await Connection.connect({ ...found.connectionOptions, address, connectTimeout });
    const id = await namespaceId(connection, namespace, connectTimeout);
    const client = new Client({ connection, namespace });
    return { connection, client, address, namespace, ...(id === undefined ? {} : { id }) };
  } catch (cause) {
    throw unreachable(address, cause);
  }
}

async function namespaceId(connection: Connection, namespace: string, timeoutMs: number): Promise<string | undefined> {
  const describe = () => connection.workflowService.describeNamespace({ namespace });
  const answer = await connection.withDeadline(Date.now() + timeoutMs, describe).catch(() => undefined);
  return answer?.namespaceInfo?.id ?? undefined;
}

function defined(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function unreachable(address: string, cause: unknown): TemporalUnreachable {
  const why = wordsOf(cause);
  return new TemporalUnreachable(
    `cannot reach Temporal at ${address}: ${why}`,
    'set TEMPORAL_ADDRESS, or start everything on this machine with `syncline dev`',
    { cause },
  );
}

/** The innermost cause says what happened; the outer ones which request was made. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message.replace(/\.$/, '') : wordsOf(error.cause);
}

/** How one request to Temporal may end early. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** Give up after so many ms; absent = Temporal's own limits. */
  readonly timeoutMs?: number;
}

/**
 * Runs one request under a signal and a deadline. Throws the signal's reason when it aborted, and `TemporalUnreachable`
 * when the server was not reached; other errors pass.
 */
export async function call<T>(
  temporal: Temporal,
  { signal, timeoutMs }: CallOptions,
  request: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { connection } = temporal;
  const limited = timeoutMs === undefined ? request : () => connection.withDeadline(Date.now() + timeoutMs, request);
  // Temporal's connection never takes its listener off a signal, and so each answer would live as long as the signal does.
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await connection.withAbortSignal(own.signal, limited);
  } catch (error) {
    if (signal.aborted && isGrpcCancelledError(error)) throw reasonOf(signal);
    if (isUnreached(error)) throw unreachable(temporal.address, error);
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });
}

/** Whether an error says that the server was not reached. */
export function isUnreached(error: unknown): boolean {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) && UNREACHED.has(cause.code);
}
