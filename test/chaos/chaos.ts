import type { Snapshot } from './trace/sync-trace.ts';
import type { PlannedFault } from './faults/fault-plan.ts';
import { faultPlan } from './faults/fault-plan.ts';
import { perform } from './faults/perform.ts';
import { judge } from './judgement.ts';
import type { DrivenSync, RunningApplication } from './syncs/applications.ts';
import { driveApplication } from './syncs/applications.ts';
import type { ChaosBundle } from './syncs/bundles.ts';
import { chaosBundles } from './syncs/bundles.ts';
import { startTimeline } from './timeline.ts';
import type { Calm } from './trace/sync-trace.ts';
import type { ChaosWorld, WorkerOptions } from './world.ts';
import { startChaosWorld } from './world.ts';

/** One run of the chaos test. */
export interface ChaosOptions extends WorkerOptions {
  readonly seed: number;
  /** How long faults happen, ms; what runs by then is let come to its end. */
  readonly disturbedMs: number;
  /** Time between two faults on average, ms. */
  readonly everyMs: number;
  /** Applications that are synced at a time. */
  readonly lanes: number;
  /** Different bundles. */
  readonly bundles: number;
  /** Takes each line of the timeline as it happens. */
  readonly tell: (line: string) => void;
}

/** What CI runs. */
export const SHORT = { disturbedMs: 16_000, everyMs: 1_000, lanes: 4, workers: 2, bundles: 3 } as const;

/** What a run has come to. */
export interface ChaosReport {
  /** Each with the timeline of its application. */
  readonly violations: readonly { readonly what: string; readonly timeline: readonly string[] }[];
  /** Counts of what was done and seen, by what. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Runs the chaos test: every bundle undisturbed, then syncs of them while faults happen, then the judgement. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const timeline = startTimeline(options.tell);
  const world = await startChaosWorld(timeline, options);
  try {
    const bundles = chaosBundles(options.seed, options.bundles);
    const calm = await undisturbed(world, bundles, options.lanes);
    timeline.note('faults begin');
    const calms = calm.map((syncs) => syncs.map(calmOf));
    const { driven, done } = await disturbed(world, options, bundles, calms);
    timeline.note('faults are over, and so are all syncs');
    return await judge(world, { calm, driven, done });
  } finally {
    await world.close();
  }
}

const NOTHING: Snapshot = {};

function calmOf({ ending, state }: DrivenSync): Calm {
  return { ending: ending ?? { outcome: 'none', failures: [] }, state: ending === undefined ? NOTHING : state };
}

/** Syncs each bundle once while nothing is disturbed; what each generation comes to. */
async function undisturbed(
  world: ChaosWorld,
  bundles: readonly ChaosBundle[],
  lanes: number,
): Promise<readonly (readonly DrivenSync[])[]> {
  const results: (readonly DrivenSync[])[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let bundle = bundles[next++]; bundle !== undefined; bundle = bundles[next++])
      results[bundle.index] = await driveApplication(world, {
        ...{ name: `calm-${bundle.index}`, bundle, running: new Set() },
      });
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

interface Disturbed {
  readonly driven: readonly DrivenSync[];
  /** How often each fault has happened. */
  readonly done: Readonly<Record<string, number>>;
}

async function disturbed(
  world: ChaosWorld,
  { seed, disturbedMs, everyMs, lanes }: ChaosOptions,
  bundles: readonly ChaosBundle[],
  calms: readonly (readonly Calm[])[],
): Promise<Disturbed> {
  const running = new Set<RunningApplication>();
  const driven: DrivenSync[] = [];
  const began = Date.now();
  let next = 0;
  const faultsEnd = began + disturbedMs;
  const lane = async (): Promise<void> => {
    while (Date.now() < faultsEnd) {
      const number = next++;
      const bundle = bundles[number % bundles.length]!;
      const calm = calms[bundle.index] ?? [];
      driven.push(...(await driveApplication(world, { name: `app-${number}`, bundle, running, calm, faultsEnd })));
    }
  };
  const faults = happen(world, running, faultPlan(seed, disturbedMs, everyMs), began);
  await Promise.all(Array.from({ length: lanes }, lane));
  return { driven, done: await faults };
}

/** Lets faults happen at their times; one that takes long does not hold the others up. */
async function happen(
  world: ChaosWorld,
  running: ReadonlySet<RunningApplication>,
  plan: readonly PlannedFault[],
  began: number,
): Promise<Readonly<Record<string, number>>> {
  const done: Record<string, number> = {};
  const { timeline } = world;
  let restart: Promise<unknown> = Promise.resolve();
  const under: Promise<void>[] = [];
  for (const { at, fault } of plan) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + at - Date.now())));
    const act = () => perform({ ...world, running }, fault);
    // Two restarts at a time are none.
    const acting = fault.kind.startsWith('restart') ? restart.then(act) : act();
    if (fault.kind.startsWith('restart')) restart = acting.catch(() => undefined);
    under.push(
      acting.then(
        (what) => {
          if (what === undefined) return;
          done[fault.kind] = (done[fault.kind] ?? 0) + 1;
          timeline.note(`*** ${what.what}`, what.application);
        },
        (error: unknown) => timeline.note(`*** ${fault.kind} could not be done: ${String(error)}`),
      ),
    );
  }
  await Promise.all(under);
  return done;
}
