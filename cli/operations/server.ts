import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { pino } from 'pino';
import { openBundleStore } from '../../bundles/open-store.ts';
import { failure } from '../../core/failures.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { ClusterFlags } from '../named-contexts.ts';
import { clustersOf, withClusters } from '../named-contexts.ts';
import type { Registration } from '../registration.ts';
import { withoutServer } from '../flags/server-flags.ts';
import { bundlesOf, countFlag } from '../settings.ts';
import { spareMemory } from './spare-memory.ts';
import type { TokenFlags } from './token-flags.ts';
import { tokensOf, withTokens } from './token-flags.ts';
import { version } from '../version.ts';

interface Listen {
  readonly host: string;
  readonly port: number;
}

interface ServerFlags extends ClusterFlags, TokenFlags {
  readonly listen: Listen;
  readonly address?: string;
  readonly bundles?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly plainHttp: boolean;
  readonly behindProxy: boolean;
  readonly source: readonly string[];
  readonly webhooks?: string;
  readonly rateLimit?: number;
  readonly logLevel: string;
}

/** `syncline server`: the HTTP API, until it is told to stop. */
export function registerServer({ program, console, end }: Registration): void {
  const command = program
    .command('server')
    .description('serve the HTTP API: start, follow and steer syncs with a token');
  withoutServer(withTokens(withClusters(withListening(command), 'a cluster whose running hooks’ logs are read')))
    .option('--address <host:port>', "Temporal's address (else TEMPORAL_ADDRESS or Temporal's configuration file)")
    .option('--bundles <store>', 'the bundle store: file:PATH or kubernetes:NAMESPACE (SYNCLINE_BUNDLES)')
    .option(
      '--source <glob>',
      'locations that it may read manifests from, e.g. https://git.example.com/team/*; repeatable (else none)',
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option('--webhooks <file>', 'the webhooks that it takes, and their secrets (docs/triggers.md)')
    .option('--rate-limit <count>', 'requests a minute of one token (1200)', countFlag)
    .option('--log-level <level>', 'trace, debug, info, warn or error', 'info')
    .action(async (flags: ServerFlags) => {
      await serve(flags, console);
      end(EXIT.succeeded);
    });
}

function withListening(command: Command): Command {
  return command
    .option<Listen>('--listen <host:port>', 'where to listen (127.0.0.1:8080)', listenFlag, {
      host: '127.0.0.1',
      port: 8080,
    })
    .option('--tls-cert <file>', 'the certificate chain, as PEM')
    .option('--tls-key <file>', "the certificate's key, as PEM")
    .option(
      '--plain-http',
      'listen beyond this machine without TLS, where something else protects the connection',
      false,
    )
    .option('--behind-proxy', "believe a proxy's X-Forwarded-For", false);
}

function listenFlag(text: string): Listen {
  const { host, port } = /^\[?(?<host>[^[\]]+?)\]?:(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (host === undefined || port === undefined) throw new InvalidArgumentError('Give HOST:PORT, e.g. 0.0.0.0:8080.');
  return { host, port: Number(port) };
}

async function serve(flags: ServerFlags, console: Console): Promise<void> {
  spareMemory();
  const tls = await tlsOf(flags);
  const tokens = tokensOf(flags, console);
  await tokens.read();
  // The libraries of the server are large; no other command should wait for them to load.
  const { createServer } = await import('../../api/server.ts');
  const { openWebhooks } = await import('../../api/webhooks/webhook-file.ts');
  const { connect } = await import('../../client/client.ts');
  const clusters = await opened(flags);
  const known = clustersOf(flags).map(({ name }) => name);
  const client = await connect({
    env: console.env,
    ...(flags.address === undefined ? {} : { address: flags.address }),
    ...storeOf(flags, console, clusters),
    openCluster: (name) => Promise.resolve(clusters.get(name)),
  });
  try {
    const log = pino({ level: flags.logLevel });
    const { requestsPerMinute, source: sources, behindProxy } = { requestsPerMinute: flags.rateLimit, ...flags };
    const hooks = flags.webhooks === undefined ? undefined : await openWebhooks(flags.webhooks, known, console.env);
    const server = await createServer({
      ...{ client, tokens, version: version(), log, sources, behindProxy, env: console.env },
      ...(tls === undefined ? {} : { tls }),
      ...(hooks === undefined ? {} : { webhooks: hooks }),
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    });
    await server.http.listen(flags.listen);
    if (!console.interrupted.aborted) await once(console.interrupted, 'abort');
    log.info('shutting down');
    await server.stop();
  } finally {
    await client.close();
    await Promise.all([...clusters.values()].map((cluster) => cluster.close()));
  }
}

/** Certificate and key. Throws `InvalidRequest` where tokens would cross a network in clear text without anybody having said so. */
async function tlsOf({ tlsCert, tlsKey, plainHttp, listen }: ServerFlags) {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    const [cert, key] = await Promise.all([tlsCert, tlsKey].map((path) => readFile(path, 'utf8')));
    return { cert: cert ?? '', key: key ?? '' };
  }
  if (tlsCert !== undefined || tlsKey !== undefined) {
    throw failure('InvalidRequest', 'TLS needs both a certificate and its key', {
      remedy: 'give --tls-cert and --tls-key',
    });
  }
  if (plainHttp || LOOPBACK.test(listen.host)) return undefined;
  throw failure('InvalidRequest', `tokens would cross the network to ${listen.host} in clear text`, {
    remedy: 'give --tls-cert and --tls-key, or --plain-http where something else protects the connection',
  });
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** The clusters that can be opened; without one, logs are read once a hook has ended. */
async function opened(flags: ServerFlags): Promise<ReadonlyMap<string, Cluster>> {
  const { loadCluster } = await import('../../kubernetes/kubeconfig.ts');
  const found = await Promise.all(
    clustersOf(flags).map(async (named) => {
      const isAsked = flags.cluster.length > 0 || flags.kubeconfig !== undefined;
      const cluster = await loadCluster(named).catch((error: unknown) => {
        if (isAsked) throw error;
        return undefined;
      });
      return cluster === undefined ? [] : ([[named.name, cluster]] as const);
    }),
  );
  return new Map(found.flat());
}

function storeOf(flags: ServerFlags, console: Console, clusters: ReadonlyMap<string, Cluster>) {
  const specification = bundlesOf(flags, console.env);
  const [cluster] = clusters.values();
  if (specification === undefined) return {};
  return { bundles: openBundleStore(specification, cluster === undefined ? {} : { cluster }) };
}
