import { existsSync } from 'node:fs';
import type { SynclineClient } from '../client/syncline-client.ts';
import { checkApplication, checkCluster, checkNamespace } from '../client/starting/validation.ts';
import type { ApplicationDefinition, ApplicationSource } from '../core/application/application.ts';
import { changed } from '../core/application/application.ts';
import { SynclineError, failure } from '../core/failures.ts';
import type { SyncOptions } from '../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../core/sync/request.ts';
import type { Console } from './console.ts';
import type { PlaceFlags } from './settings.ts';
import { clusterName } from './settings.ts';
import type { SourceFlags } from './flags/source-flags.ts';
import { describedSource } from './flags/source-flags.ts';

/** What a command syncs or compares: an application's source, where it goes, and the options that hold. */
export interface Subject {
  readonly application: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly source: ApplicationSource;
  /** Whether the source is that of a kept application, of which the flags say nothing else. */
  readonly asKept: boolean;
  readonly options: SyncOptions;
}

/** The flags that make a subject. */
export type SubjectFlags = PlaceFlags &
  SourceFlags & { readonly app?: string; readonly namespace: string; readonly createNamespace: boolean };

/**
 * Whether the argument of a command is the name of an application that is kept: it is, unless `--app` names one for a source. Throws
 * `InvalidRequest` for a text that can't be a name.
 */
export function isNamed(name: string, flags: Pick<SubjectFlags, 'app'>): boolean {
  if (flags.app !== undefined) return false;
  if (!isName(name)) {
    throw failure('InvalidRequest', `${name} is a source, and no application is named for it`, {
      remedy: `name one: --app NAME, or keep it once with: syncline app set NAME ${name}`,
    });
  }
  return true;
}

/** The subject of a source and of what the flags say. Throws `InvalidRequest` for names that can't be. */
export function sourceSubject(location: string, flags: SubjectFlags, options: SyncOptions, { env }: Console): Subject {
  const { app: application = '', namespace, createNamespace } = flags;
  const cluster = clusterName(flags, env);
  checkApplication(application);
  checkCluster(cluster);
  checkNamespace(namespace);
  const source = describedSource(location, flags);
  return { application, cluster, namespace, createNamespace, source, asKept: false, options };
}

/**
 * The subject of an application that is kept; what the flags say goes before what is kept. Throws `InvalidRequest` where the text is no
 * application's name, or the flags name another namespace.
 */
export async function namedSubject(
  client: Pick<SynclineClient, 'applications'>,
  name: string,
  flags: SubjectFlags,
  options: SyncOptions,
  console: Console,
): Promise<Subject> {
  const cluster = clusterName(flags, console.env);
  const kept = await definitionOf(client, name, cluster, console);
  const { location: _, ...said } = describedSource('', flags);
  const told = toldOf(options);
  const definition = changed(kept, { source: said, options: told });
  checkSameNamespace(definition, flags);
  const { namespace, createNamespace = false, source } = definition;
  return {
    ...{ application: name, cluster, namespace, source, asKept: Object.keys(said).length === 0 },
    createNamespace: createNamespace || flags.createNamespace,
    options: { ...DEFAULT_SYNC_OPTIONS, ...definition.options, ...told },
  };
}

/** The options that differ from the defaults: what somebody has said. */
export function toldOf(options: SyncOptions): Partial<SyncOptions> {
  const defaults: Readonly<Record<string, unknown>> = { ...DEFAULT_SYNC_OPTIONS };
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && value !== defaults[name]),
  );
}

async function definitionOf(
  client: Pick<SynclineClient, 'applications'>,
  name: string,
  cluster: string,
  { interrupted }: Console,
): Promise<ApplicationDefinition> {
  try {
    return await client.applications.get(name, { cluster, signal: interrupted });
  } catch (error) {
    if (!(error instanceof SynclineError) || !existsSync(name)) throw error;
    throw failure(error.type, `${error.failures[0].message}, and the source ${name} names no application`, {
      remedy: `name one for the source: --app NAME, or keep it once with: syncline app set NAME ${name}`,
    });
  }
}

function isName(text: string): boolean {
  try {
    checkApplication(text);
    return true;
  } catch (error) {
    if (error instanceof SynclineError) return false;
    throw error;
  }
}

/** Another namespace is another record: it is changed by `app set`, not for one run. */
function checkSameNamespace({ application, namespace }: ApplicationDefinition, flags: SubjectFlags): void {
  if (flags.namespace === DEFAULT_NAMESPACE || flags.namespace === namespace) return;
  throw failure('InvalidRequest', `${application} is kept for namespace ${namespace}, not ${flags.namespace}`, {
    remedy: `change where it goes with: syncline app set ${application} -n ${flags.namespace}`,
  });
}

/** The namespace where none is given. */
export const DEFAULT_NAMESPACE = 'default';
