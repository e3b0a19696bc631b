import type { SandboxOptions } from '../sandbox/sandbox.ts';
import { jobsInSequence, namespaceFor, rawApply } from './baselines.ts';
import { luaChecks } from './health-checks.ts';
import { startBench } from './environment.ts';
import type { BenchEnvironment } from './environment.ts';
import { configMaps, hookJob } from './manifests.ts';

/** One figure: ours against a baseline of the same run. */
interface Figure {
  readonly work: string;
  readonly ours: number;
  readonly baseline: number;
  readonly reach: number;
}

const ROUNDS = 3;
const signal = new AbortController().signal;

const tuned = await measure({});
print(tuned.figures);
process.stdout.write(
  "\nThe same with Temporal's own defaults, without the dynamic configuration of docs/temporal.md:\n",
);
const untuned = await measure({ temporalDynamicConfig: [] });
print(untuned.figures);
process.stdout.write(
  `\n40 waves of one ConfigMap, after some syncs: ${untuned.wavesMs.toFixed(0)} ms with the defaults, ` +
    `${tuned.wavesMs.toFixed(0)} ms with the dynamic configuration: ratio ${(untuned.wavesMs / tuned.wavesMs).toFixed(1)}\n`,
);

/** What one sandbox measured. */
interface Measured {
  readonly figures: readonly Figure[];
  /** A sync of 40 waves, ms: a long chain of short activities. */
  readonly wavesMs: number;
}

async function measure(options: SandboxOptions): Promise<Measured> {
  const bench = await startBench(options);
  try {
    const figures: Figure[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      figures.push(...(await manyResources(bench, round)), await wavesAndJobs(bench, round), await checked());
    }
    const waves = await namespaceFor(bench.cluster, 'waves', signal);
    const { result, ms } = await bench.sync(waves, configMaps(40, 40, waves));
    expectCounts(result.counts.applied, 40);
    return { figures, wavesMs: ms };
  } finally {
    await bench.stop();
  }
}

/** 500 new ConfigMaps in one wave, with and without the dry run, then the same again unchanged. */
async function manyResources(env: BenchEnvironment, round: number): Promise<readonly Figure[]> {
  const raw = await namespaceFor(env.cluster, `raw-${String(round)}`, signal);
  const baseline = await rawApply(env.cluster, configMaps(500, 1, raw), signal);
  const validated = await namespaceFor(env.cluster, `validated-${String(round)}`, signal);
  const first = await env.sync(validated, configMaps(500, 1, validated));
  const again = await env.sync(validated, configMaps(500, 1, validated));
  const bare = await namespaceFor(env.cluster, `bare-${String(round)}`, signal);
  const unvalidated = await env.sync(bare, configMaps(500, 1, bare), { validate: false });
  expectCounts(first.result.counts.applied, 500);
  expectCounts(again.result.counts.unchanged, 500);
  expectCounts(again.result.counts.applied, 0);
  return [
    { work: '500 new ConfigMaps, whole sync, with the dry run', ours: first.ms, baseline, reach: 3 },
    { work: '500 new ConfigMaps, whole sync, without', ours: unvalidated.ms, baseline, reach: 2 },
    { work: 'nothing changed, 500 ConfigMaps (against 500 ms)', ours: again.ms, baseline: 500, reach: 1 },
  ];
}

/** 1,000 custom resources judged by a Lua health check, each for the first time. */
async function checked(): Promise<Figure> {
  const ours = await luaChecks(1_000, signal);
  return { work: '1,000 objects by a Lua health check (against 3 s)', ours, baseline: 3_000, reach: 1 };
}

/** 200 ConfigMaps in 5 waves, 3 PreSync Jobs in waves, 1 PostSync Job, against the Jobs in sequence and the raw apply. */
async function wavesAndJobs(env: BenchEnvironment, round: number): Promise<Figure> {
  const jobs = (namespace: string) => [
    hookJob('backup', 'PreSync', -1, namespace, '1s'),
    hookJob('migrate', 'PreSync', 0, namespace, '1s'),
    hookJob('seed', 'PreSync', 1, namespace, '1s'),
    hookJob('smoke', 'PostSync', 0, namespace, '1s'),
  ];
  const raw = await namespaceFor(env.cluster, `raw-jobs-${String(round)}`, signal);
  const baseline =
    (await jobsInSequence(env.cluster, jobs(raw), signal)) +
    (await rawApply(env.cluster, configMaps(200, 5, raw), signal));
  const ours = await namespaceFor(env.cluster, `jobs-${String(round)}`, signal);
  const sync = await env.sync(ours, [...configMaps(200, 5, ours), ...jobs(ours)]);
  expectCounts(sync.result.counts.applied, 200);
  expectCounts(sync.result.counts.hooks, 4);
  return { work: '200 ConfigMaps in 5 waves, 3 PreSync Jobs, 1 PostSync Job', ours: sync.ms, baseline, reach: 1.3 };
}

function expectCounts(found: number, wanted: number): void {
  if (found !== wanted)
    throw new Error(`the sync did not do what is measured: ${String(found)} instead of ${String(wanted)}`);
}

function print(figures: readonly Figure[]): void {
  for (const work of new Set(figures.map((figure) => figure.work))) {
    const rounds = figures.filter((figure) => figure.work === work);
    const ratio = median(rounds.map((figure) => figure.ours / figure.baseline));
    const [ours, baseline] = [
      median(rounds.map((figure) => figure.ours)),
      median(rounds.map((figure) => figure.baseline)),
    ];
    const reach = rounds[0]?.reach ?? 0;
    const verdict = ratio <= reach ? 'reached' : 'NOT REACHED';
    process.stdout.write(
      `${work}\n  ${ours.toFixed(0)} ms against ${baseline.toFixed(0)} ms: ratio ${ratio.toFixed(2)}, to reach ${String(reach)} — ${verdict}\n`,
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
