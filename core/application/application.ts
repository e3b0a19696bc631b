import type { SyncOptions } from '../sync/request.ts';
import type { OnPush } from '../triggers/on-push.ts';

/** How a Helm chart is rendered; names and forms are those of `helm template`. */
export interface ChartSettings {
  readonly releaseName?: string;
  readonly values?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setFile?: readonly string[];
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  /** Address of a chart repository; the location is then the name of a chart in it. */
  readonly repository?: string;
  /** Version of a chart in a repository or registry. */
  readonly version?: string;
}

/** What a folder or file can be taken for; Argo CD's names. */
export const SOURCE_TYPES = ['directory', 'helm', 'kustomize'] as const;

/** What a source's folder is rendered by, or that its files are the manifests. */
export type SourceType = (typeof SOURCE_TYPES)[number];

/** Where an application's manifests are and how they are read; plain data, without credentials. */
export interface ApplicationSource {
  /** A folder, a file, `[git+]URL[//PATH][?ref=REF]`, `oci://…`, or a chart's name. */
  readonly location: string;
  readonly type?: SourceType;
  readonly directory?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  readonly helm?: ChartSettings;
  readonly kustomize?: { readonly allowRemote?: boolean };
  readonly git?: { readonly ref?: string; readonly path?: string };
  /** How long fetching and rendering may take together, ms. */
  readonly timeoutMs?: number;
}

/** The options that an application keeps: those of every sync, not those of one run. */
export type ApplicationOptions = Partial<
  Omit<SyncOptions, 'dryRun' | 'takeOver' | 'selection' | 'from' | 'ifClosed' | 'overrideWindow'>
>;

/** An application as it is kept in its cluster: enough to sync it by its name. */
export interface ApplicationDefinition {
  readonly version: 1;
  readonly application: string;
  /** Destination namespace of objects that name none, and home of the record. */
  readonly namespace: string;
  readonly createNamespace?: boolean;
  readonly source: ApplicationSource;
  readonly options?: ApplicationOptions;
  /** Which pushes start a sync; absent = none. */
  readonly onPush?: OnPush;
  /** When syncs may begin, as `allow|deny CRON DURATION [TIMEZONE]`; absent = always. */
  readonly windows?: readonly string[];
}

/** What is said for one run, or changed by a further `app set`. */
export interface ApplicationChanges {
  readonly namespace?: string;
  readonly createNamespace?: boolean;
  readonly source?: Partial<ApplicationSource>;
  readonly options?: ApplicationOptions;
  /** Takes the place of what is kept; `null`: no push starts it any more. */
  readonly onPush?: OnPush | null;
  /** Takes the place of what is kept; empty: none any more. */
  readonly windows?: readonly string[];
}

/**
 * The definition with changes: what is said goes before what is kept. Lists of a source (values files, `--set`, globs) are
 * added to, since later ones go before earlier ones; for another location nothing of the source that is kept counts.
 */
export function changed(definition: ApplicationDefinition, changes: ApplicationChanges): ApplicationDefinition {
  const { source = {}, options, onPush, ...names } = changes;
  const elsewhere = source.location !== undefined && source.location !== definition.source.location;
  const { onPush: keptOnPush, ...kept } = definition;
  const listening = onPush === undefined ? keptOnPush : (onPush ?? undefined);
  return {
    ...kept,
    ...names,
    source: elsewhere ? { ...source, location: source.location } : mergedSource(definition.source, source),
    ...(definition.options === undefined && options === undefined
      ? {}
      : { options: { ...definition.options, ...options } }),
    ...(listening === undefined ? {} : { onPush: listening }),
  };
}

function mergedSource(kept: ApplicationSource, said: Partial<ApplicationSource>): ApplicationSource {
  const directory = merged(kept.directory, said.directory);
  const helm = merged(kept.helm, said.helm);
  const kustomize = merged(kept.kustomize, said.kustomize);
  const git = merged(kept.git, said.git);
  return {
    ...kept,
    ...said,
    ...(directory === undefined ? {} : { directory }),
    ...(helm === undefined ? {} : { helm }),
    ...(kustomize === undefined ? {} : { kustomize }),
    ...(git === undefined ? {} : { git }),
  };
}

function merged<Settings extends object>(kept: Settings | undefined, said: Settings | undefined): Settings | undefined {
  if (kept === undefined || said === undefined) return said ?? kept;
  const entries = Object.entries({ ...kept, ...said }).map(([name, value]): [string, unknown] => {
    const [before, after] = [kept[name as keyof Settings], said[name as keyof Settings]] as const;
    return [
      name,
      Array.isArray(before) && Array.isArray(after) ? [...(before as unknown[]), ...(after as unknown[])] : value,
    ];
  });
  return Object.fromEntries(entries) as Settings;
}
