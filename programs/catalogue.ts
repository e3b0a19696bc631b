/** Where a release's archive or program is, and where its checksum. */
export interface Download {
  readonly url: string;
  /** Where its SHA-256 is: alone, in a line that ends with the file's name, or in GitHub's words on the release. */
  readonly checksumUrl: string;
  /** The program's path inside a .tar.gz; absent when the download is the program itself. */
  readonly member?: string;
}

/** How a program is built from a Go module kept in `programs/go/`. */
export interface GoBuild {
  /** The folder in `programs/go/`; programs of one folder are built together. */
  readonly module: string;
  /** The package to build. */
  readonly package: string;
  /** Set by `-ldflags -X`, so that the program knows its version. */
  readonly variables: Readonly<Record<string, string>>;
  /** About how long the folder's build takes on two cores with empty caches. */
  readonly coldSeconds: number;
}

/** A program Syncline runs, and every way to come by it. */
export interface CatalogueEntry {
  readonly version: string;
  /** Names a program to use as it is. */
  readonly variable: string;
  readonly versionArgs: readonly string[];
  /** What a program of a version that will do prints; programs in the PATH must. */
  readonly fits: RegExp;
  readonly download: (platform: Platform) => Download;
  readonly go: GoBuild;
  /** Said when no way works. */
  readonly install: string;
}

/** The operating system and processor, as Go names them. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

const KUBERNETES = '1.36.3';
const ETCD = '3.6.8';
const KWOK = '0.8.0';
const TEMPORAL = '1.5.1';
const HELM = '4.3.1';
const KUSTOMIZE = '5.8.1';

function kubernetesEntry(name: string, variable: string): CatalogueEntry {
  return {
    version: KUBERNETES,
    variable,
    versionArgs: ['--version'],
    fits: /\bv?1\.36\./,
    download: ({ os, arch }) => {
      const url = `https://dl.k8s.io/release/v${KUBERNETES}/bin/${os}/${arch}/${name}`;
      return { url, checksumUrl: `${url}.sha256` };
    },
    go: {
      module: 'kubernetes',
      package: `k8s.io/kubernetes/cmd/${name}`,
      variables: {
        'k8s.io/component-base/version.gitVersion': `v${KUBERNETES}`,
        'k8s.io/component-base/version.gitMajor': '1',
        'k8s.io/component-base/version.gitMinor': '36',
      },
      coldSeconds: 290,
    },
    install: `${name} ${KUBERNETES} (https://kubernetes.io/releases/download/)`,
  };
}

/** The programs by name. A new one needs an entry here and, to be built, a module in `programs/go/`. */
export const CATALOGUE = {
  etcd: {
    version: ETCD,
    variable: 'SYNCLINE_ETCD',
    versionArgs: ['--version'],
    fits: /etcd Version: 3\.6\./,
    download: ({ os, arch }) => {
      const folder = `etcd-v${ETCD}-${os}-${arch}`;
      const release = `https://github.com/etcd-io/etcd/releases/download/v${ETCD}`;
      return { url: `${release}/${folder}.tar.gz`, checksumUrl: `${release}/SHA256SUMS`, member: `${folder}/etcd` };
    },
    go: { module: 'etcd', package: '.', variables: {}, coldSeconds: 45 },
    install: `etcd ${ETCD} (https://github.com/etcd-io/etcd/releases)`,
  },
  'kube-apiserver': kubernetesEntry('kube-apiserver', 'SYNCLINE_KUBE_APISERVER'),
  'kube-controller-manager': kubernetesEntry('kube-controller-manager', 'SYNCLINE_KUBE_CONTROLLER_MANAGER'),
  'kube-scheduler': kubernetesEntry('kube-scheduler', 'SYNCLINE_KUBE_SCHEDULER'),
  kwok: {
    version: KWOK,
    variable: 'SYNCLINE_KWOK',
    versionArgs: ['--version'],
    fits: /kwok version v?0\.8\./,
    download: ({ os, arch }) => {
      const file = `kwok-${os}-${arch}`;
      return {
        url: `https://github.com/kubernetes-sigs/kwok/releases/download/v${KWOK}/${file}`,
        // The release has no file of checksums, but GitHub tells the digest of each of its files.
        checksumUrl: `https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags/v${KWOK}`,
      };
    },
    go: { module: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', variables: {}, coldSeconds: 60 },
    install: `kwok ${KWOK} (https://kwok.sigs.k8s.io/docs/user/installation/)`,
  },
  temporal: {
    version: TEMPORAL,
    variable: 'SYNCLINE_TEMPORAL',
    versionArgs: ['--version'],
    fits: /temporal version (1\.5\.|.*\(Server 1\.29\.)/,
    download: ({ os, arch }) => {
      const release = `https://github.com/temporalio/cli/releases/download/v${TEMPORAL}`;
      const file = `temporal_cli_${TEMPORAL}_${os}_${arch}.tar.gz`;
      return { url: `${release}/${file}`, checksumUrl: `${release}/checksums.txt`, member: 'temporal' };
    },
    go: {
      module: 'temporal',
      package: 'github.com/temporalio/cli/cmd/temporal',
      variables: { 'github.com/temporalio/cli/temporalcli.Version': TEMPORAL },
      coldSeconds: 160,
    },
    install: `temporal ${TEMPORAL} (https://docs.temporal.io/cli)`,
  },
  helm: {
    version: HELM,
    variable: 'SYNCLINE_HELM',
    versionArgs: ['version', '--short'],
    // What renders is the same since OCI registries came in 3.8; the user's own Helm renders as the user knows it.
    fits: /^v(3\.([89]|[1-9]\d)|4)\./m,
    download: ({ os, arch }) => {
      const url = `https://get.helm.sh/helm-v${HELM}-${os}-${arch}.tar.gz`;
      return { url, checksumUrl: `${url}.sha256sum`, member: `${os}-${arch}/helm` };
    },
    go: {
      module: 'helm',
      package: 'helm.sh/helm/v4/cmd/helm',
      variables: { 'helm.sh/helm/v4/internal/version.version': `v${HELM}` },
      coldSeconds: 150,
    },
    install: `helm ${HELM} (https://helm.sh/docs/intro/install/)`,
  },
  kustomize: {
    version: KUSTOMIZE,
    variable: 'SYNCLINE_KUSTOMIZE',
    versionArgs: ['version'],
    fits: /^v5\./m,
    download: ({ os, arch }) => {
      const release = `https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv${KUSTOMIZE}`;
      const file = `kustomize_v${KUSTOMIZE}_${os}_${arch}.tar.gz`;
      return { url: `${release}/${file}`, checksumUrl: `${release}/checksums.txt`, member: 'kustomize' };
    },
    go: { module: 'kustomize', package: 'sigs.k8s.io/kustomize/kustomize/v5', variables: {}, coldSeconds: 60 },
    install: `kustomize ${KUSTOMIZE} (https://kubectl.docs.kubernetes.io/installation/kustomize/)`,
  },
} as const satisfies Record<string, CatalogueEntry>;

/** The name of a program of the catalogue. */
export type BinaryName = keyof typeof CATALOGUE;

/** This machine, as Go names it. */
export function currentPlatform(): Platform {
  return { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch };
}
