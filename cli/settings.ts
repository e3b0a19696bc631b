import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { SynclineClient } from '../client/syncline-client.ts';
import type { Kubeconfig } from '../client/kubeconfig.ts';
import { kubeconfigCluster } from '../client/kubeconfig.ts';
import { parseDuration } from '../core/annotations/duration.ts';
import { TemporalUnreachable } from '../client/errors.ts';
import type { Place } from '../client/connection/place.ts';
import { describePlace } from '../client/connection/place.ts';
import type { Console } from './console.ts';
import type { ServerFlags } from './flags/server-flags.ts';
import { serverOf, withServer } from './flags/server-flags.ts';

/** Where a command finds Temporal (or a server), the application's cluster by name, and the bundle store. */
export interface PlaceFlags extends ServerFlags {
  readonly address?: string;
  readonly cluster?: string;
  readonly bundles?: string;
}

/** Where a command finds the cluster itself. */
export interface KubeconfigFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** How a command answers. */
export interface OutputFlags {
  readonly output: 'text' | 'json';
}

/** The cluster's name where none is given: the one a worker serves that was given no `--cluster`. */
export const DEFAULT_CLUSTER = 'default';

/** Adds the flags that say where a server, or Temporal and the bundles, are. */
export function withPlace(command: Command): Command {
  return withServer(withTemporal(command));
}

/** Adds the flags that say where Temporal and the bundles are, for what no server does. */
export function withTemporal(command: Command): Command {
  return command
    .option(
      '--cluster <name>',
      `the cluster's name in the worker's configuration (SYNCLINE_CLUSTER, else "${DEFAULT_CLUSTER}")`,
    )
    .option('--address <host:port>', "Temporal's address (else TEMPORAL_ADDRESS or Temporal's configuration file)")
    .option('--bundles <store>', 'the bundle store: file:PATH or kubernetes:NAMESPACE (SYNCLINE_BUNDLES)');
}

/** Adds the flags that say where the cluster is. */
export function withKubeconfig(command: Command): Command {
  return command
    .option('--kubeconfig <path>', 'the kubeconfig file (else KUBECONFIG)')
    .option('--context <name>', "the kubeconfig's context (else its current one)");
}

/** Adds `-o json`. */
export function withOutput(command: Command): Command {
  const output = new Option('-o, --output <format>', 'text for people, json for programs').choices(['text', 'json']);
  return command.addOption(output.default('text'));
}

/** The cluster's name that the flags or the environment give. */
export function clusterName(flags: PlaceFlags, env: Console['env']): string {
  return flags.cluster ?? nonEmpty(env['SYNCLINE_CLUSTER']) ?? DEFAULT_CLUSTER;
}

/** Where the bundles are, as the flags or the environment say. */
export function bundlesOf(flags: Pick<PlaceFlags, 'bundles'>, env: Console['env']): string | undefined {
  return flags.bundles ?? nonEmpty(env['SYNCLINE_BUNDLES']);
}

/** Who asks, for the record: `SYNCLINE_USER`, else the user and machine. */
export function requester(env: Console['env']): string {
  return nonEmpty(env['SYNCLINE_USER']) ?? `${nonEmpty(env['USER']) ?? userInfo().username}@${hostname()}`;
}

/** Where Temporal's web UI is, where `SYNCLINE_TEMPORAL_UI` says so; no default would be right for everybody. */
export function uiAddress(env: Console['env']): string | undefined {
  return nonEmpty(env['SYNCLINE_TEMPORAL_UI'])?.replace(/\/$/, '');
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** Reads a duration such as `90s` or `1h30m` into ms, for commander. */
export function durationFlag(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError('Give a duration such as 90s, 30m or 1h30m.');
  return milliseconds;
}

/** Reads a whole number from 0, for commander. */
export function countFlag(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

/** The kubeconfig that the flags name, or else the environment. */
export function kubeconfigOf({ kubeconfig, context }: KubeconfigFlags, { env }: Pick<Console, 'env'>): Kubeconfig {
  const path = kubeconfig === undefined ? {} : { path: kubeconfig };
  return { ...path, ...(context === undefined ? {} : { context }), env };
}

/** Connects to a server or to Temporal, runs a command's work, and closes the connection whatever happens. */
export async function withClient<T>(
  flags: PlaceFlags & KubeconfigFlags,
  console: Console,
  work: (client: SynclineClient) => Promise<T>,
): Promise<T> {
  const server = await serverOf(flags, console);
  if (server !== undefined) {
    const { connectServer } = await import('../client/http/client.ts');
    return closing(connectServer(server), work);
  }
  const bundles = bundlesOf(flags, console.env);
  // Temporal's client is large; `plan` and `health` should not wait for it to load.
  const { connect } = await import('../client/client.ts');
  const client = await connect({
    ...{
      env: console.env,
      openCluster: kubeconfigCluster(kubeconfigOf(flags, console)),
      storeCluster: clusterName(flags, console.env),
    },
    ...(flags.address === undefined ? {} : { address: flags.address }),
    ...(bundles === undefined ? {} : { bundles }),
  });
  return closing(client, work);
}

async function closing<T>(client: SynclineClient, work: (client: SynclineClient) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** The error for a Temporal that no worker polls, so that nobody waits for what can't begin. */
export function noWorker(place: Place): TemporalUnreachable {
  if (place.kind === 'server') {
    return new TemporalUnreachable(`no worker works for ${describePlace(place)}`, 'ask whoever runs it for a worker');
  }
  return new TemporalUnreachable(
    `no worker polls ${describePlace(place)}`,
    'start one with `syncline worker`, or everything on this machine with `syncline dev`',
  );
}
