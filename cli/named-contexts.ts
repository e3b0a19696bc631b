import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { DEFAULT_CLUSTER } from './settings.ts';

/** A cluster by the name it has in requests, and the kubeconfig's context that reaches it; absent = the current one. */
export interface NamedContext {
  readonly name: string;
  readonly context?: string;
}

/** Which clusters a long-running command reaches. */
export interface ClusterFlags {
  readonly cluster: readonly NamedContext[];
  readonly kubeconfig?: string;
}

/** Adds the flags that name clusters; `purpose` says what they are for. */
export function withClusters(command: Command, purpose: string): Command {
  return command
    .option<readonly NamedContext[]>(
      '--cluster <NAME=CONTEXT>',
      `${purpose}, by a name and a kubeconfig context; may be repeated (else ${DEFAULT_CLUSTER} = the current context)`,
      namedContext,
      [],
    )
    .option('--kubeconfig <path>', 'the kubeconfig file (else KUBECONFIG, or the pod’s service account)');
}

/** The clusters of the flags, as they are opened. */
export function clustersOf(flags: ClusterFlags): readonly (NamedContext & { readonly kubeconfigPath?: string })[] {
  const kubeconfig = flags.kubeconfig === undefined ? {} : { kubeconfigPath: flags.kubeconfig };
  const named = flags.cluster.length === 0 ? [{ name: DEFAULT_CLUSTER }] : flags.cluster;
  return named.map((cluster) => ({ ...cluster, ...kubeconfig }));
}

function namedContext(text: string, before: readonly NamedContext[]): readonly NamedContext[] {
  const [name = '', ...context] = text.split('=');
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    throw new InvalidArgumentError('Give NAME=CONTEXT, e.g. prod=kind-prod.');
  if (before.some((each) => each.name === name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return [...before, context.length === 0 ? { name } : { name, context: context.join('=') }];
}
