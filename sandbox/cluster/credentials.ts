import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createAuthority } from './certificates.ts';
import { LOOPBACK } from '../processes/ports.ts';

/** Who may talk to the sandbox's API server; the audit log tells their requests apart by user name. */
export const IDENTITIES = {
  /** The person or test that looks on. */
  admin: { user: 'admin', groups: ['system:masters'] },
  /** Syncline itself: its worker and its command line. */
  syncline: { user: 'syncline', groups: ['system:masters'] },
  /** The sandbox's own small controllers. */
  sandbox: { user: 'sandbox', groups: ['system:masters'] },
  kwok: { user: 'kwok', groups: ['system:masters'] },
  /** These two have the rights that the API server's own RBAC bootstrap gives them, as in production. */
  controllerManager: { user: 'system:kube-controller-manager', groups: [] },
  scheduler: { user: 'system:kube-scheduler', groups: [] },
} as const satisfies Record<string, { readonly user: string; readonly groups: readonly string[] }>;

/** The name of an identity of the sandbox's cluster. */
export type IdentityName = keyof typeof IDENTITIES;

/** The name that context, cluster and kubeconfig of every sandbox bear. */
export const CONTEXT_NAME = 'syncline-sandbox';

/** The address that Services of the `kubernetes` API itself get; part of the serving certificate. */
export const SERVICE_RANGE = { cidr: '10.96.0.0/16', apiServer: '10.96.0.1' } as const;

/** Files and tokens that one cluster is run with. */
export interface ClusterCredentials {
  readonly tokens: Readonly<Record<IdentityName, string>>;
  readonly authorityPem: string;
  readonly files: {
    readonly authority: string;
    readonly tokens: string;
    readonly serviceAccountKey: string;
    readonly serviceAccountPublicKey: string;
    readonly apiServer: CertificateFiles;
    /** Serves the health endpoints of controller manager and scheduler. */
    readonly component: CertificateFiles;
    readonly kubelet: CertificateFiles;
    /** What the API server shows the kubelet endpoint. */
    readonly kubeletClient: CertificateFiles;
  };
}

/** Where a certificate and its key are. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Makes fresh random credentials and writes them below `dir`, readable by the user alone. */
export async function createCredentials(dir: string): Promise<ClusterCredentials> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const write = async (name: string, content: string): Promise<string> => {
    await writeSecret(join(dir, name), content);
    return join(dir, name);
  };
  const authority = createAuthority('syncline-sandbox-ca');
  const issue = async (name: string, commonName: string, dnsNames: readonly string[], ips: readonly string[]) => {
    const { certificatePem, keyPem } = authority.issue({ commonName, dnsNames, ipAddresses: ips });
    return { certificate: await write(`${name}.crt`, certificatePem), key: await write(`${name}.key`, keyPem) };
  };
  const tokens = createTokens();
  const serviceAccount = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const apiNames = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  return {
    tokens,
    authorityPem: authority.certificatePem,
    files: {
      authority: await write('ca.crt', authority.certificatePem),
      tokens: await write('tokens.csv', tokenFile(tokens)),
      serviceAccountKey: await write(
        'service-account.key',
        serviceAccount.privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
      ),
      serviceAccountPublicKey: await write(
        'service-account.pub',
        serviceAccount.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      ),
      apiServer: await issue('apiserver', 'kube-apiserver', apiNames, [LOOPBACK, SERVICE_RANGE.apiServer]),
      component: await issue('component', 'sandbox-component', ['localhost'], [LOOPBACK]),
      kubelet: await issue('kubelet', 'sandbox-kubelet', ['localhost'], [LOOPBACK]),
      kubeletClient: await issue('kubelet-client', 'kube-apiserver-kubelet-client', [], []),
    },
  };
}

/** Writes one kubeconfig per identity into `dir` and returns where they are. */
export async function writeKubeconfigs(
  dir: string,
  apiServer: string,
  credentials: Pick<ClusterCredentials, 'tokens' | 'authorityPem'>,
): Promise<Readonly<Record<IdentityName, string>>> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const names = Object.keys(IDENTITIES) as IdentityName[];
  const entries = names.map(async (name) => {
    const path = join(dir, `${name}.kubeconfig`);
    await writeSecret(path, kubeconfig(apiServer, name, credentials));
    return [name, path] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<IdentityName, string>;
}

/** Writes a file that nobody but the user can read. */
export async function writeSecret(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
}

function createTokens(): Readonly<Record<IdentityName, string>> {
  const names = Object.keys(IDENTITIES) as IdentityName[];
  return Object.fromEntries(names.map((name) => [name, randomBytes(32).toString('base64url')])) as Record<
    IdentityName,
    string
  >;
}

function tokenFile(tokens: Readonly<Record<IdentityName, string>>): string {
  const lines = (Object.keys(IDENTITIES) as IdentityName[]).map((name) => {
    const { user, groups } = IDENTITIES[name];
    const fields = [tokens[name], user, user];
    return groups.length > 0 ? `${fields.join(',')},"${groups.join(',')}"` : fields.join(',');
  });
  return `${lines.join('\n')}\n`;
}

function kubeconfig(
  apiServer: string,
  identity: IdentityName,
  credentials: Pick<ClusterCredentials, 'tokens' | 'authorityPem'>,
): string {
  const { user } = IDENTITIES[identity];
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: CONTEXT_NAME,
        cluster: {
          server: apiServer,
          'certificate-authority-data': Buffer.from(credentials.authorityPem).toString('base64'),
        },
      },
    ],
    users: [{ name: user, user: { token: credentials.tokens[identity] } }],
    contexts: [{ name: CONTEXT_NAME, context: { cluster: CONTEXT_NAME, user } }],
    'current-context': CONTEXT_NAME,
  });
}
