import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { failure } from '../../core/failures.ts';
import type { SyncOptions } from '../../core/sync/request.ts';
import { quoted } from './source-flags.ts';

type Pairs = Readonly<Record<string, string>>;

/** What `syncline sync` is told of the destination namespace. */
export interface NamespaceFlags {
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly namespaceLabel: Pairs;
  readonly namespaceAnnotation: Pairs;
}

/** Adds the flags that say where objects go and how that namespace is made. */
export function withNamespace(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'destination namespace, and home of the record', 'default')
    .option('--create-namespace', 'create that namespace where it is missing', false)
    .option('--namespace-label <key=value>', 'a label it is kept with, with --create-namespace; repeatable', pair, {})
    .option(
      '--namespace-annotation <key=value>',
      'an annotation it is kept with, with --create-namespace; repeatable',
      pair,
      {},
    );
}

/** The flags that say how the namespace is made, as they would be typed. */
export function namespaceWords(flags: NamespaceFlags): readonly string[] {
  const words = (flag: string, pairs: Pairs) =>
    Object.entries(pairs).map(([key, value]) => `${flag} ${quoted(`${key}=${value}`)}`);
  return [
    ...(flags.createNamespace ? ['--create-namespace'] : []),
    ...words('--namespace-label', flags.namespaceLabel),
    ...words('--namespace-annotation', flags.namespaceAnnotation),
  ];
}

/** What the flags ask of the namespace's metadata. Throws `InvalidRequest` for metadata of a namespace that is not ours to make. */
export function namespaceMetadataOf(
  flags: NamespaceFlags & { readonly syncOption: SyncOptions['syncOptions'] },
): Pick<SyncOptions, 'namespaceMetadata'> {
  const { namespaceLabel: labels, namespaceAnnotation: annotations } = flags;
  if (Object.keys(labels).length + Object.keys(annotations).length === 0) return {};
  if (!flags.createNamespace && flags.syncOption?.CreateNamespace !== 'true') {
    throw failure('InvalidRequest', '--namespace-label and --namespace-annotation need --create-namespace', {
      remedy: 'add --create-namespace, or write labels and annotations into a Namespace among the manifests',
    });
  }
  return { namespaceMetadata: { labels, annotations } };
}

/** The namespace's metadata for the line that names the namespace: ` (label team=a)`; empty where none is asked for. */
export function describeNamespaceMetadata({ namespaceMetadata }: Pick<SyncOptions, 'namespaceMetadata'>): string {
  const { labels: kept = {}, annotations: noted = {} } = namespaceMetadata ?? {};
  const listed = (pairs: Pairs) => Object.entries(pairs).map(([key, value]) => `${key}=${value}`);
  const labels = listed(kept).map((text) => `label ${text}`);
  const annotations = listed(noted).map((text) => `annotation ${text}`);
  const all = [...labels, ...annotations];
  return all.length === 0 ? '' : ` (${all.join(', ')})`;
}

function pair(text: string, known: Pairs): Pairs {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Give it as key=value.');
  return { ...known, [text.slice(0, equals)]: text.slice(equals + 1) };
}
