import { join } from 'node:path';
import type { ServerCommand } from '../processes/server-process.ts';
import { LOOPBACK } from '../processes/ports.ts';
import { SERVICE_RANGE, type ClusterCredentials } from './credentials.ts';

/** The programs a cluster is made of. */
export interface ClusterBinaries {
  readonly etcd: string;
  readonly 'kube-apiserver': string;
  readonly 'kube-controller-manager': string;
  readonly 'kube-scheduler': string;
  readonly kwok: string;
}

/** What the commands of a cluster's servers are made from. */
export interface ClusterLayout {
  readonly stateDir: string;
  readonly binaries: ClusterBinaries;
  readonly credentials: ClusterCredentials;
  readonly auditPolicyPath: string;
  readonly auditLogPath: string;
}

/**
 * Relative to the state folder, where the servers run: a socket's path may not be longer than about 100 bytes.
 * etcd wants the form host:port even for a socket; the file's name has it all.
 */
const ETCD_SOCKET = 'unix://etcd.sock:0';
const ETCD_PEER_SOCKET = 'unix://etcd-peer.sock:0';

/**
 * etcd, on sockets inside the state folder.
 *
 * etcd has no users here: on a TCP port every account of the machine could read all Secrets.
 */
export function etcdCommand(layout: ClusterLayout): ServerCommand {
  return serverCommand(layout, 'etcd', layout.binaries.etcd, [
    '--data-dir=etcd',
    `--listen-client-urls=${ETCD_SOCKET}`,
    `--advertise-client-urls=${ETCD_SOCKET}`,
    `--listen-peer-urls=${ETCD_PEER_SOCKET}`,
    `--initial-advertise-peer-urls=${ETCD_PEER_SOCKET}`,
    `--initial-cluster=default=${ETCD_PEER_SOCKET}`,
    // The data need not outlive the machine.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]);
}

/** The API server. Admission is Kubernetes' default but for the taint that would only delay the one node. */
export function apiServerCommand(layout: ClusterLayout, port: number): ServerCommand {
  const { files } = layout.credentials;
  return serverCommand(layout, 'kube-apiserver', layout.binaries['kube-apiserver'], [
    `--etcd-servers=${ETCD_SOCKET}`,
    `--bind-address=${LOOPBACK}`,
    `--advertise-address=${LOOPBACK}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${files.apiServer.certificate}`,
    `--tls-private-key-file=${files.apiServer.key}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    `--service-cluster-ip-range=${SERVICE_RANGE.cidr}`,
    '--endpoint-reconciler-type=none',
    `--audit-policy-file=${layout.auditPolicyPath}`,
    `--audit-log-path=${layout.auditLogPath}`,
    '--audit-log-maxsize=4096',
    '--disable-admission-plugins=TaintNodesByCondition',
    '--allow-privileged=true',
    '--kubelet-preferred-address-types=InternalIP,Hostname',
    `--kubelet-certificate-authority=${files.authority}`,
    `--kubelet-client-certificate=${files.kubeletClient.certificate}`,
    `--kubelet-client-key=${files.kubeletClient.key}`,
    '--profiling=false',
    '--shutdown-delay-duration=0s',
  ]);
}

/** Controllers that need a cloud, real nodes or networks, or that nothing here makes use of. */
const UNUSED_CONTROLLERS = [
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-cleaner-controller',
  'certificatesigningrequest-signing-controller',
  'clusterrole-aggregation-controller',
  'node-ipam-controller',
  // kwok writes the node's status once; a node that is simulated never fails, however slow the machine.
  'node-lifecycle-controller',
  'persistentvolume-attach-detach-controller',
  'resourceclaim-controller',
  'token-cleaner-controller',
  'bootstrap-signer-controller',
];

/** The controller manager; each controller acts as a service account of its own, as kubeadm sets it up. */
export function controllerManagerCommand(layout: ClusterLayout, kubeconfig: string, port: number): ServerCommand {
  const { files } = layout.credentials;
  return serverCommand(layout, 'kube-controller-manager', layout.binaries['kube-controller-manager'], [
    `--kubeconfig=${kubeconfig}`,
    `--bind-address=${LOOPBACK}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${files.component.certificate}`,
    `--tls-private-key-file=${files.component.key}`,
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.authority}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    `--controllers=*,${UNUSED_CONTROLLERS.map((name) => `-${name}`).join(',')}`,
    // The defaults (20 requests a second) would make the controllers the slowest part of a test with many Jobs.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--concurrent-job-syncs=20',
    '--profiling=false',
  ]);
}

/** The scheduler. */
export function schedulerCommand(layout: ClusterLayout, configPath: string, port: number): ServerCommand {
  const { files } = layout.credentials;
  return serverCommand(layout, 'kube-scheduler', layout.binaries['kube-scheduler'], [
    `--config=${configPath}`,
    `--bind-address=${LOOPBACK}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${files.component.certificate}`,
    `--tls-private-key-file=${files.component.key}`,
  ]);
}

/** kwok; without a server of its own, since logs are served by the sandbox's kubelet endpoint. */
export function kwokCommand(layout: ClusterLayout, kubeconfig: string, stagesPath: string): ServerCommand {
  return serverCommand(layout, 'kwok', layout.binaries.kwok, [
    `--kubeconfig=${kubeconfig}`,
    `--config=${stagesPath}`,
    '--manage-all-nodes=true',
    `--node-ip=${LOOPBACK}`,
    '--cidr=10.244.0.1/16',
  ]);
}

/** A command that knows nothing of the user's home and environment, only of the state folder. */
export function serverCommand(
  layout: { readonly stateDir: string },
  name: string,
  file: string,
  args: readonly string[],
): ServerCommand {
  const home = join(layout.stateDir, 'home');
  return {
    name,
    file,
    args,
    cwd: layout.stateDir,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home },
    logPath: join(layout.stateDir, 'logs', `${name}.log`),
  };
}
