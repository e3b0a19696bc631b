import type { Readable } from 'node:stream';
import type { SourceType } from '../core/application/application.ts';
import type { BinaryProgress } from '../programs/progress.ts';

/** Which files of a folder are manifests. */
export interface DirectoryOptions {
  /** Globs; a file must match one of them. @default every file that ends in .yaml, .yml or .json */
  readonly include?: readonly string[];
  /** Globs; a file that matches one of them is left out, and so is what would make it a chart or an overlay. */
  readonly exclude?: readonly string[];
}

/** A cluster as a chart's `.Capabilities` tells of it. */
export interface Target {
  readonly kubeVersion: string;
  /** Group versions, and kinds in them: `apps/v1`, `apps/v1/Deployment`. */
  readonly apiVersions: readonly string[];
}

/** How a Helm chart is rendered; names and forms are those of `helm template`. */
export interface HelmOptions {
  /** @default `release-name`, as Helm has it */
  readonly releaseName?: string;
  /** The release's namespace. @default `default` */
  readonly namespace?: string;
  /**
   * Values files, later ones over earlier ones. Relative to the working directory; for a chart in a git repository,
   * relative to the chart, as Argo CD reads them.
   */
  readonly values?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  /** `KEY=PATH`; paths as in `values`. */
  readonly setFile?: readonly string[];
  /** Version of the Kubernetes that is rendered for. @default the target's; without one, that which Helm was made with */
  readonly kubeVersion?: string;
  /** Group versions and kinds that are served besides those of the target or of Helm's own list, e.g. `cert-manager.io/v1`. */
  readonly apiVersions?: readonly string[];
  /** Asks the cluster that is rendered for; only a chart does, and not one that is told `kubeVersion`. */
  readonly target?: (signal: AbortSignal) => Promise<Target>;
  /** Address of a chart repository; the location is then the name of a chart in it. */
  readonly repository?: string;
  /** Version of a chart in a repository or registry. @default the newest */
  readonly version?: string;
}

/** How a Kustomize overlay is built. */
export interface KustomizeOptions {
  /** Let it load what is not on this machine. @default false */
  readonly allowRemote?: boolean;
}

/** What of a git repository is read. */
export interface GitOptions {
  /** A branch, a tag or a full commit; the same as `?ref=` in the location. @default the remote's HEAD */
  readonly ref?: string;
  /** The folder or file in it; the same as `//PATH` in the location. @default its root */
  readonly path?: string;
}

/** How a source is read. */
export interface SourceOptions {
  /** What `-` reads. @default the process's own */
  readonly stdin?: Readable;
  /** Where programs, proxies and credentials are looked up. @default the process's own */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the folder is. @default what its files make it */
  readonly type?: SourceType;
  readonly directory?: DirectoryOptions;
  readonly helm?: HelmOptions;
  readonly kustomize?: KustomizeOptions;
  readonly git?: GitOptions;
  /** How long fetching and rendering may take together, in ms. @default 60 s */
  readonly timeoutMs?: number;
  /** Told of downloads and builds, where helm or kustomize is not on this machine yet. */
  readonly onProgress?: (event: BinaryProgress) => void;
}

/** How long fetching and rendering may take together where nothing else is said, in ms. */
export const DEFAULT_SOURCE_TIMEOUT_MS = 60_000;
