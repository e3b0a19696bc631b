import type { SynclineClient } from '../client/syncline-client.ts';
import type { SyncOrder } from '../client/starting/request.ts';
import { checkForServer } from '../client/server-source.ts';
import { digestOfManifests } from '../client/starting/request.ts';
import { describeAccount } from '../core/accounts/account.ts';
import { shortDigest } from '../core/manifests/bundle.ts';
import type { SyncOptions } from '../core/sync/request.ts';
import type { Console } from './console.ts';
import { describeSelection } from '../core/selection/selection.ts';
import type { ReadManifests } from '../client/starting/read-plan.ts';
import { readPlan } from '../client/starting/read-plan.ts';
import { describeNamespaceMetadata, namespaceWords } from './flags/namespace-flags.ts';
import { accountWords } from './flags/account-flags.ts';
import { ignoreWords } from './flags/ignore-flags.ts';
import { commandNames } from './next-commands.ts';
import { renderTarget } from './render-target.ts';
import { selectionOf } from './flags/selection-flags.ts';
import type { KubeconfigFlags, PlaceFlags } from './settings.ts';
import { requester, withClient } from './settings.ts';
import { readingWith, sourceWords } from './flags/source-flags.ts';
import type { Subject } from './subject.ts';
import { isNamed, namedSubject, sourceSubject } from './subject.ts';
import type { ApplicationFlags, PlanningFlags } from './flags/sync-flags.ts';
import { planningWords } from './flags/sync-flags.ts';

type OrderFlags = ApplicationFlags & PlaceFlags & KubeconfigFlags & PlanningFlags;

/**
 * Hands the subject of a command on: of a source with `--app`, or of an application that is kept, which a worker is asked for.
 * `withClient` connects once for both.
 */
export async function withSubject<T>(
  argument: string,
  flags: OrderFlags,
  options: SyncOptions,
  console: Console,
  work: (subject: Subject, connected: <R>(use: (client: SynclineClient) => Promise<R>) => Promise<R>) => Promise<T>,
): Promise<T> {
  if (isNamed(argument, flags)) {
    return withClient(flags, console, async (client) =>
      work(await namedSubject(client, argument, flags, options, console), (use) => use(client)),
    );
  }
  // What is wrong with manifests is told without anybody to connect to.
  return work(sourceSubject(argument, flags, options, console), (use) => withClient(flags, console, use));
}

/** Reads and renders the source of a subject. Throws as `readPlan`. */
export async function readFor(
  subject: Subject,
  flags: KubeconfigFlags & PlaceFlags,
  console: Console,
): Promise<ReadManifests> {
  const { application, namespace, source, options } = subject;
  const release = { application, namespace, target: renderTarget(flags, console) };
  return readPlan(source, release, { namespace, ...options }, readingWith(console));
}

/** The command line that does the same again, as it would be typed; `source` is absent where none was given. */
export function commandLine(
  command: 'sync' | 'diff',
  argument: string | undefined,
  flags: ApplicationFlags & PlanningFlags & PlaceFlags & { readonly from?: string; readonly renderOnServer: boolean },
): string {
  const { selection } = selectionOf(flags);
  const words = [
    `syncline ${command}`,
    ...(argument === undefined ? [] : [sourceWords(argument, flags)]),
    ...(flags.app === undefined ? [] : [`--app ${flags.app}`]),
    ...(flags.namespace === 'default' ? [] : [`-n ${flags.namespace}`]),
    ...namespaceWords(flags),
    ...(selection === undefined ? [] : [describeSelection(selection)]),
    ...ignoreWords(flags),
    ...(flags.from === undefined ? [] : [`--from ${flags.from}`]),
    ...accountWords(flags),
    ...(flags.renderOnServer ? ['--render-on-server'] : []),
  ];
  return [words.join(' ') + commandNames(flags).flags, ...planningWords(flags)].join(' ');
}

/** The order of a subject whose manifests were read. */
export function orderOf(
  { application, cluster, namespace, createNamespace, options }: Subject,
  read: ReadManifests,
  flags: Pick<ApplicationFlags, 'revision'>,
  { env }: Console,
): SyncOrder {
  const revision = flags.revision ?? read.revision;
  return {
    ...{ manifests: read.manifests, application, cluster, namespace, createNamespace, options },
    requestedBy: requester(env),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** The order of a subject that the server renders, and the line that says so. Throws `InvalidRequest` for a source of this machine. */
export function unrendered(
  subject: Subject,
  { revision }: Pick<ApplicationFlags, 'revision'>,
  console: Console,
): { readonly order: SyncOrder; readonly headline: string } {
  const { application, cluster, namespace, createNamespace, source, asKept, options } = subject;
  checkForServer(source);
  const order: SyncOrder = {
    ...{ application, cluster, namespace, createNamespace, options, requestedBy: requester(console.env) },
    serverRenders: asKept ? 'kept' : source,
    ...(revision === undefined ? {} : { revision }),
  };
  return { order, headline: `${headlineOf(subject, console)}, ${source.location} rendered by the server` };
}

/** The first line of a command that syncs or compares: what goes where. */
export function headline(subject: Subject, { manifests }: ReadManifests, console: Console, note?: string): string {
  const digest = shortDigest(digestOfManifests(manifests));
  const counted = `${manifests.length} ${manifests.length === 1 ? 'object' : 'objects'}`;
  const noted = note === undefined ? '' : `, ${note}`;
  return `${headlineOf(subject, console)}, bundle ${digest} (${counted}${noted})`;
}

/** What goes where, and as whom. */
function headlineOf({ application, cluster, namespace, options }: Subject, { style }: Console): string {
  const account = options.as === undefined ? '' : `, as ${describeAccount(options.as)}`;
  return `${style.bold(application)} → cluster ${cluster}, namespace ${namespace}${describeNamespaceMetadata(options)}${account}`;
}
