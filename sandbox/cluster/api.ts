import { Agent, request } from 'undici';

/** JSON as the API server sends it. */
export type Json = unknown;

/** An answer of the API server. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: Json;
}

/** A request: the body is sent as JSON unless `contentType` names another form of it. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Json;
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

/** A minimal client of the sandbox's API server. */
export interface ApiClient {
  /** Sends a request and reads the whole answer, whatever its status; throws when there is no answer. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** Like `send`, but throws on a status of 400 and above. */
  must(request: ApiRequest): Promise<Json>;
  /** The lines of an answer that goes on (a watch); ends with the connection. */
  lines(path: string, signal: AbortSignal): AsyncIterable<string>;
  close(): Promise<void>;
}

/** An answer of the API server that says no. */
export class ApiRefusal extends Error {
  readonly status: number;

  constructor(request: ApiRequest, answer: ApiAnswer) {
    super(`${request.method} ${request.path}: ${answer.status} ${messageOf(answer.body)}`);
    this.name = 'ApiRefusal';
    this.status = answer.status;
  }
}

/**
 * Makes a client.
 *
 * The sandbox does not use Syncline's own transport: what tests a thing must not share its faults.
 */
export function createApiClient(url: string, token: string, authorityPem: string): ApiClient {
  const dispatcher = new Agent({ connect: { ca: authorityPem }, connections: 32, bodyTimeout: 0 });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'syncline-sandbox' };
  const send = async (call: ApiRequest): Promise<ApiAnswer> => {
    const hasBody = call.body !== undefined;
    const response = await request(url + call.path, {
      dispatcher,
      method: call.method,
      headers: hasBody ? { ...headers, 'content-type': call.contentType ?? 'application/json' } : headers,
      body: hasBody ? JSON.stringify(call.body) : null,
      signal: call.signal,
    });
    return { status: response.statusCode, body: parseBody(await response.body.text()) };
  };
  return {
    send,
    must: async (call) => {
      const answer = await send(call);
      if (answer.status >= 400) throw new ApiRefusal(call, answer);
      return answer.body;
    },
    lines: async function* (path, signal) {
      const response = await request(url + path, { dispatcher, headers, signal });
      if (response.statusCode >= 400) {
        const body = parseBody(await response.body.text());
        throw new ApiRefusal({ method: 'GET', path, signal }, { status: response.statusCode, body });
      }
      yield* splitLines(response.body);
    },
    close: () => dispatcher.destroy(),
  };
}

async function* splitLines(chunks: AsyncIterable<unknown>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function parseBody(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function messageOf(body: Json): string {
  if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message);
  return String(body);
}
