import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GATE_ANNOTATION, SYNC_LABEL } from '../core/markers.ts';
import { annotationsOf } from '../core/objects.ts';
import { namespaceFor } from './baselines.ts';
import type { BenchEnvironment } from './environment.ts';
import { startBench } from './environment.ts';
import { configMaps, hookJob, manifestsOf } from './manifests.ts';

/**
 * One worker that waits for many hooks at once: its memory and processor time, and how long a sync takes beside them that has
 * nothing to wait for. `node bench/waiting-hooks.ts --hooks 1000 --applications 20`.
 */
const { values } = parseArgs({
  options: { hooks: { type: 'string', default: '1000' }, applications: { type: 'string', default: '20' } },
});
const hooks = Number(values.hooks);
const applications = Number(values.applications);
const IDLE_MS = 20_000;
const signal = new AbortController().signal;

const bench = await startBench();
try {
  const quiet = await namespaceFor(bench.cluster, 'quiet', signal);
  const alone = await bench.sync(quiet, configMaps(20, 2, quiet));
  const before = process.memoryUsage().rss;
  const startedAt = performance.now();
  await startWaiting(bench);
  const seconds = (performance.now() - startedAt) / 1000;
  print(`${String(hooks)} hooks of ${String(applications)} applications wait after ${seconds.toFixed(0)} s`);
  const cpu = process.cpuUsage();
  await delay(IDLE_MS);
  const used = process.cpuUsage(cpu);
  const share = (used.user + used.system) / 1000 / IDLE_MS;
  print(
    `memory of the process (worker and client): ${mebibytes(before)} before, ${mebibytes(process.memoryUsage().rss)} with them`,
  );
  print(`processor time while they wait: ${(share * 100).toFixed(1)} % of one core`);
  const beside = await namespaceFor(bench.cluster, 'beside', signal);
  const busy = await bench.sync(beside, configMaps(20, 2, beside));
  print(
    `a sync of 20 ConfigMaps in 2 waves: ${alone.ms.toFixed(0)} ms alone (the first one), ${busy.ms.toFixed(0)} ms beside them`,
  );
} finally {
  await bench.stop();
}

/** Starts syncs whose hooks are Jobs that the user has suspended, so that they never end, and waits until all were released. */
async function startWaiting({ cluster, client }: BenchEnvironment): Promise<void> {
  for (let index = 0; index < applications; index += 1) {
    const application = await namespaceFor(cluster, `waiting-${String(index)}`, signal);
    const jobs = Array.from({ length: Math.ceil(hooks / applications) }, (_, at) => {
      const job = hookJob(`hook-${String(at)}`, 'PreSync', 0, application, '1s');
      return { ...job, spec: { ...(job['spec'] as object), suspend: true } };
    });
    await client.sync({
      ...{ application, cluster: 'default', namespace: application, requestedBy: 'bench' },
      manifests: manifestsOf(jobs),
    });
  }
  for (let released = 0; released < hooks;) {
    await delay(1_000);
    const jobs = await cluster.list({ apiVersion: 'batch/v1', kind: 'Job', labelSelector: SYNC_LABEL }, signal);
    released = jobs.filter((job) => annotationsOf(job)[GATE_ANNOTATION] === undefined).length;
  }
}

function mebibytes(bytes: number): string {
  return `${String(Math.round(bytes / 1024 / 1024))} MiB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
