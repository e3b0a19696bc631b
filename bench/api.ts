import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { SyncHandle } from '../client/index.ts';
import { residentMemory } from '../programs/resident-memory.ts';
import { namespaceFor } from './baselines.ts';
import type { BenchEnvironment } from './environment.ts';
import { startBench } from './environment.ts';
import { configMaps, hookJob, manifestsOf } from './manifests.ts';
import type { ServerProcess } from './server-process.ts';
import { startServerProcess } from './server-process.ts';

/**
 * `syncline server` beside Temporal alone: how long a sync takes to start, and what the server's process needs for many event streams
 * at once, each of which is compared with the timeline that the sync's workflow keeps.
 * `npm run bench:api -- --starts 40 --streams 100 --syncs 20`.
 */
const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '40' },
    streams: { type: 'string', default: '100' },
    syncs: { type: 'string', default: '20' },
  },
});
const [starts, streams, syncs] = [Number(values.starts), Number(values.streams), Number(values.syncs)];
const MOST_OVER_MS = 60;
const MOST_MIB = 200;
const SAMPLE_MS = 250;
const signal = new AbortController().signal;

const bench = await startBench();
const server = await startServerProcess(bench.sandbox.env);
try {
  await measureStarts(bench, server);
  await measureStreams(bench, server);
} finally {
  await server.stop();
  await bench.stop();
}

/** Starts through the API and Temporal's own starts of a workflow, in turns. */
async function measureStarts({ cluster, sandbox }: BenchEnvironment, { client }: ServerProcess): Promise<void> {
  const connection = await Connection.connect({ address: sandbox.temporalAddress });
  const temporal = new Client({ connection });
  const [ours, own]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < starts; turn += 1) {
    const namespace = await namespaceFor(cluster, `start-${String(turn)}`, signal);
    const options = { workflowId: `own-${namespace}`, taskQueue: 'nobody-polls', args: [] };
    own.push((await timed(() => temporal.workflow.start('nothing', options))).ms);
    const { ms, answer } = await timed(() => client.sync(orderOf(namespace, manifestsOf(configMaps(1, 1, namespace)))));
    ours.push(ms);
    await answer.result();
  }
  await connection.close();
  const over = median(ours) - median(own);
  print(
    `a start through the API: median ${median(ours).toFixed(1)} ms, Temporal's own start ${median(own).toFixed(1)} ms: ` +
      `${over.toFixed(1)} ms over; ${reached(over <= MOST_OVER_MS, `${String(MOST_OVER_MS)} ms`)}`,
  );
}

/** Follows syncs by many streams each, from their start to their end. */
async function measureStreams({ cluster, client }: BenchEnvironment, remote: ServerProcess): Promise<void> {
  const before = await memoryOf(remote);
  const handles = await Promise.all(
    Array.from({ length: syncs }, async (_, index) => {
      const namespace = await namespaceFor(cluster, `stream-${String(index)}`, signal);
      const objects = [
        hookJob('migrate', 'PreSync', 0, namespace, '4s'),
        ...configMaps(20, 5, namespace),
        hookJob('smoke', 'PostSync', 0, namespace, '2s'),
      ];
      return remote.client.sync(orderOf(namespace, manifestsOf(objects)));
    }),
  );
  const following = Array.from({ length: streams }, (_, index) => idsOf(handles[index % syncs]!));
  const [most, ...told] = await Promise.all([mostMemory(remote, Promise.all(following)), ...following]);
  const timelines = await Promise.all(
    handles.map(({ application }) => idsOf(client.handle(application, { cluster: 'default' }))),
  );
  const differing = told.filter((ids, index) => ids.join() !== timelines[index % syncs]?.join());
  const events = told.reduce((sum, ids) => sum + ids.length, 0);
  print(
    `${String(streams)} streams of ${String(syncs)} syncs: the server takes ${before.toFixed(0)} MiB before and at most ` +
      `${most.toFixed(0)} MiB with them; ${reached(most <= MOST_MIB, `${String(MOST_MIB)} MiB`)}`,
  );
  print(
    `${String(events)} events told, ${String(differing.length)} streams that differ from the sync's own timeline; ` +
      reached(differing.length === 0 && events > 0, '0'),
  );
}

/** The IDs of the events of a sync's timeline, as they are told. */
async function idsOf(handle: SyncHandle): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { kind, id } of handle.watch()) if (kind !== 'progress') ids.push(id);
  return ids;
}

/** The most memory that is seen until something is over, MiB. */
async function mostMemory(process: ServerProcess, over: Promise<unknown>): Promise<number> {
  let most = 0;
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  void over.then(end, end);
  while (!isOver) {
    most = Math.max(most, await memoryOf(process));
    await delay(SAMPLE_MS);
  }
  return most;
}

async function memoryOf({ pid }: ServerProcess): Promise<number> {
  const bytes = await residentMemory(pid);
  if (bytes === undefined) throw new Error('the server has ended');
  return bytes / 1024 / 1024;
}

function orderOf(application: string, manifests: ReturnType<typeof manifestsOf>) {
  return { application, cluster: 'default', namespace: application, requestedBy: 'bench', manifests, options: {} };
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly answer: T; readonly ms: number }> {
  const begun = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - begun };
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN;
}

function reached(isReached: boolean, figure: string): string {
  if (!isReached) process.exitCode = 1;
  return `to reach ${figure}: ${isReached ? 'reached' : 'not reached'}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
