import { digestOf } from '../bundles/digest.ts';
import type { SyncOrder } from '../client/request.ts';
import { shortDigest } from '../client/request.ts';
import { checkApplication, checkCluster, checkNamespace } from '../client/validation.ts';
import { describeAccount } from '../core/accounts/account.ts';
import { encodeBundle } from '../core/manifests/bundle.ts';
import type { Console } from './console.ts';
import { describeSelection } from '../core/selection/selection.ts';
import type { ReadManifests } from './manifests.ts';
import { readPlan } from './manifests.ts';
import { describeNamespaceMetadata, namespaceWords } from './namespace-flags.ts';
import type { AccountFlags } from './account-flags.ts';
import { accountOf, accountWords } from './account-flags.ts';
import { ignoreWords } from './ignore-flags.ts';
import { commandNames } from './next-commands.ts';
import { renderTarget } from './render-target.ts';
import { selectionOf } from './selection-flags.ts';
import type { KubeconfigFlags, PlaceFlags } from './settings.ts';
import { clusterName, requester } from './settings.ts';
import { sourceOptionsOf, sourceWords } from './source-flags.ts';
import type { ApplicationFlags, PlanningFlags } from './sync-flags.ts';
import { planningWords } from './sync-flags.ts';

type SubjectFlags = ApplicationFlags & PlaceFlags;

/** Throws `InvalidRequest` where the flags name an application, cluster or namespace that can't be one. */
export function checkSubject(flags: SubjectFlags, { env }: Console): void {
  checkApplication(flags.app);
  checkCluster(clusterName(flags, env));
  checkNamespace(flags.namespace);
}

/** Reads and renders a source for the application of the flags. Throws as `readPlan`. */
export async function readFor(
  source: string,
  flags: SubjectFlags & KubeconfigFlags & PlanningFlags,
  console: Console,
): Promise<ReadManifests> {
  const release = { application: flags.app, namespace: flags.namespace, target: renderTarget(flags, console) };
  return readPlan(source, sourceOptionsOf(flags, release, console), { ...flags, ...selectionOf(flags) }, console);
}

/** The command line that does the same again, as it would be typed; `source` is absent where none was given. */
export function commandLine(
  command: 'sync' | 'diff',
  source: string | undefined,
  flags: SubjectFlags & PlanningFlags & { readonly address?: string; readonly from?: string },
): string {
  const { selection } = selectionOf(flags);
  const words = [
    `syncline ${command}`,
    ...(source === undefined ? [] : [sourceWords(source, flags)]),
    `--app ${flags.app}`,
    ...(flags.namespace === 'default' ? [] : [`-n ${flags.namespace}`]),
    ...namespaceWords(flags),
    ...(selection === undefined ? [] : [describeSelection(selection)]),
    ...ignoreWords(flags),
    ...(flags.from === undefined ? [] : [`--from ${flags.from}`]),
    ...accountWords(flags),
  ];
  return [words.join(' ') + commandNames(flags).flags, ...planningWords(flags)].join(' ');
}

/** What the flags and manifests say about a sync, without its options. */
export function orderOf(flags: SubjectFlags, read: ReadManifests, { env }: Console): SyncOrder {
  const { app, namespace, createNamespace } = flags;
  const { manifests } = read;
  const revision = flags.revision ?? read.revision;
  return {
    ...{ manifests, application: app, cluster: clusterName(flags, env), namespace, createNamespace },
    requestedBy: requester(env),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** The first line of a command that syncs or compares: what goes where. */
export function headline(
  flags: SubjectFlags & AccountFlags,
  { manifests }: ReadManifests,
  console: Console,
  note?: string,
): string {
  const digest = shortDigest(digestOf(new TextEncoder().encode(encodeBundle(manifests))));
  const counted = `${manifests.length} ${manifests.length === 1 ? 'object' : 'objects'}`;
  const noted = note === undefined ? '' : `, ${note}`;
  const cluster = clusterName(flags, console.env);
  const { as } = accountOf(flags);
  const account = as === undefined ? '' : `, as ${describeAccount(as)}`;
  return `${console.style.bold(flags.app)} → cluster ${cluster}, namespace ${flags.namespace}${describeNamespaceMetadata(flags)}${account}, bundle ${digest} (${counted}${noted})`;
}
