import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Json, JsonObject } from '../core/json.ts';
import { arrayAt, objectAt, stringAt } from '../core/json.ts';
import type { Credentials } from './credentials.ts';
import type { ServerEntry } from './kubeconfig-entries.ts';

const run = promisify(execFile);

/** How long a plugin may take, ms. */
const MOST_MS = 60_000;
const MOST_BYTES = 1024 * 1024;

/**
 * Answers the credentials that an exec plugin gives
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins), which runs again once they
 * have expired. Throws with the words of a plugin that fails; none is given more than a minute, or asked questions of.
 */
export function execReader(exec: JsonObject, cluster: ServerEntry): () => Promise<Credentials> {
  let held: { readonly credentials: Credentials; readonly until: number } | undefined;
  return async () => {
    if (held !== undefined && Date.now() < held.until) return held.credentials;
    const status = await statusOf(exec, cluster);
    const expires = stringAt(status, 'expirationTimestamp');
    held = { credentials: credentialsIn(status), until: expires === undefined ? Infinity : Date.parse(expires) };
    return held.credentials;
  };
}

function credentialsIn(status: JsonObject): Credentials {
  const [token, cert, key] = ['token', 'clientCertificateData', 'clientKeyData'].map((name) => stringAt(status, name));
  return {
    headers: token === undefined ? {} : { authorization: `Bearer ${token.trim()}` },
    tls: { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
  };
}

async function statusOf(exec: JsonObject, cluster: ServerEntry): Promise<JsonObject> {
  const command = stringAt(exec, 'command') ?? '';
  if (command === '') throw new Error('the exec plugin has no command');
  const args = arrayAt(exec, 'args').map(String);
  const limits = { timeout: MOST_MS, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES } as const;
  const running = run(command, args, { ...limits, env: { ...process.env, ...environmentOf(exec, cluster) } });
  running.child.stdin?.end();
  const { stdout } = await running.catch((cause: unknown) => Promise.reject(failed(command, cause)));
  const status = objectAt(parsed(stdout), 'status');
  // What it has said instead may be a secret.
  if (status === undefined) throw new Error(`${command} gave no ExecCredential with a status`);
  return status;
}

function failed(command: string, cause: unknown): Error {
  const { stderr = '', killed = false } = cause as { readonly stderr?: string; readonly killed?: boolean };
  const why = killed ? 'did not end in time, or said too much' : cause instanceof Error ? cause.message : String(cause);
  return new Error(stderr.trim() === '' ? `${command}: ${why}` : stderr.trim(), { cause });
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The variables of its entry, and the one by which a plugin is told of its task: nobody is there to answer questions. */
function environmentOf(exec: JsonObject, cluster: ServerEntry): Readonly<Record<string, string>> {
  const info = {
    apiVersion: stringAt(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec['provideClusterInfo'] === true ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const given = arrayAt(exec, 'env').map((entry) => [stringAt(entry, 'name') ?? '', stringAt(entry, 'value') ?? '']);
  return { ...(Object.fromEntries(given) as Record<string, string>), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
}

function clusterInfo(cluster: ServerEntry): JsonObject {
  return {
    server: cluster.server,
    'insecure-skip-tls-verify': cluster.skipTlsVerify,
    'certificate-authority-data': cluster.caData,
    'tls-server-name': cluster.tlsServerName,
    'proxy-url': cluster.proxyUrl,
  };
}
