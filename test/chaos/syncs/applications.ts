import type { Client } from '@temporalio/client';
import type { BundleStore } from '../../../bundles/bundle-store.ts';
import type { SynclineClient } from '../../../client/index.ts';
import { AlreadyRunning } from '../../../client/index.ts';
import type { HookEvidence } from '../../../core/evidence/evidence.ts';
import type { HookStatus, SyncResult } from '../../../core/sync/status.ts';
import type { Cluster } from '../../../kubernetes/cluster.ts';
import { until } from '../../e2e/support/waiting.ts';
import type { Timeline } from '../timeline.ts';
import type { Calm, Ending, HookReport, Interference, Snapshot } from '../trace/sync-trace.ts';
import type { ChaosBundle } from './bundles.ts';
import { manifestsOf } from './bundles.ts';
import { settledState, stateLike } from './snapshot.ts';
import { isOver, resultIn } from './temporal.ts';

/** What syncs are driven with. */
export interface Driving {
  readonly client: SynclineClient;
  readonly temporal: Client;
  /** The cluster itself, past the proxy. */
  readonly admin: Cluster;
  readonly bundles: BundleStore;
  readonly timeline: Timeline;
}

/** A sync that was driven to its end, or to where it stayed. */
export interface DrivenSync {
  readonly application: string;
  readonly bundle: ChaosBundle;
  readonly generation: number;
  /** When it was asked for, RFC 3339. */
  readonly from: string;
  readonly syncId: string;
  readonly ending?: Ending;
  readonly reports: readonly HookReport[];
  readonly state: Snapshot;
  readonly interference: Interference;
}

/** An application whose sync runs now, for those who interfere. */
export interface RunningApplication {
  readonly name: string;
  readonly deleted: Set<string>;
  aborted: boolean;
  resets: number;
  /** What must be over before the next sync may begin. */
  readonly busy: Set<Promise<unknown>>;
}

/** How long a sync may take once nothing breaks any more, ms: its steps take seconds, and time-outs 12 s each. */
const LONGEST_MS = 300_000;

/** What an application is driven through. */
export interface Course {
  readonly name: string;
  readonly bundle: ChaosBundle;
  /** Where those stand whose sync runs. */
  readonly running: Set<RunningApplication>;
  /** What each generation comes to undisturbed, where that is known. */
  readonly calm?: readonly Calm[];
  /** When faults end, ms since 1970: no further sync begins then. Absent where there are none. */
  readonly faultsEnd?: number;
}

/** Syncs the generations of a bundle to an application of its own, one after the other. */
export async function driveApplication(
  driving: Driving,
  { name, bundle, running, calm, faultsEnd = Infinity }: Course,
): Promise<readonly DrivenSync[]> {
  const { admin, timeline } = driving;
  await until(`namespace ${name}`, () =>
    admin
      .create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, {}, AbortSignal.timeout(5000))
      .catch((error: unknown) => (String(error).includes('already exists') ? {} : undefined)),
  );
  const driven: DrivenSync[] = [];
  for (const [generation, objects] of bundle.generations.entries()) {
    const application: RunningApplication = { name, deleted: new Set(), aborted: false, resets: 0, busy: new Set() };
    const manifests = manifestsOf(objects, name);
    const from = new Date().toISOString();
    const result = await syncOnce(driving, application, running, manifests, faultsEnd);
    timeline.note(`generation ${generation + 1} ended ${result?.outcome ?? 'not at all'}`, name);
    const state = await (calm?.[generation] === undefined || result?.outcome !== calm[generation].ending.outcome
      ? settledState(admin, name)
      : stateLike(admin, name, calm[generation].state));
    driven.push({
      ...{ application: name, bundle, generation, from, syncId: result?.syncId ?? '', state },
      ...(result === undefined ? {} : { ending: endingOf(result) }),
      reports: result === undefined ? [] : await reportsOf(driving, result),
      interference: { ...application, deleted: [...application.deleted] },
    });
    if (result === undefined || Date.now() > faultsEnd) break;
  }
  return driven;
}

async function syncOnce(
  { client, temporal, timeline }: Driving,
  application: RunningApplication,
  running: Set<RunningApplication>,
  manifests: ReturnType<typeof manifestsOf>,
  faultsEnd: number,
): Promise<SyncResult | undefined> {
  const { name } = application;
  await until(`${name} is asked for`, async () => {
    try {
      await client.sync({
        ...{ manifests, application: name, cluster: 'default', namespace: name, requestedBy: 'chaos' },
        options: { prune: true, allowEmpty: true, retryPauseMs: 500 },
      });
      return true;
    } catch (error) {
      // The answer to an earlier try was lost.
      return error instanceof AlreadyRunning || undefined;
    }
  });
  timeline.note('asked for', name);
  const over = async (): Promise<void> => {
    const disturbedMs = Number.isFinite(faultsEnd) ? Math.max(0, faultsEnd - Date.now()) : 0;
    await until(`${name} is over`, async () => (await isOver(temporal, name)) || undefined, disturbedMs + LONGEST_MS);
  };
  running.add(application);
  try {
    await over();
  } catch {
    return undefined;
  } finally {
    running.delete(application);
    await Promise.allSettled([...application.busy]);
  }
  // A reset in the last moment lets it run again.
  await over();
  return resultIn(temporal, name);
}

/** How a sync ended, in the words that two runs have in common. */
function endingOf({ outcome, failures }: SyncResult): Ending {
  return { outcome, failures: [...new Set(failures.map(({ type }) => type))].sort() };
}

async function reportsOf(driving: Driving, result: SyncResult): Promise<readonly HookReport[]> {
  const steps = result.phases.flatMap(({ waves }) => waves.flatMap((wave) => wave.steps));
  const hooks = steps.flatMap((step) => (step.kind === 'hook' ? [step] : []));
  const running = hooks.filter(({ ref }) => ref.kind === 'Job' || ref.kind === 'Pod');
  return Promise.all(
    running.map(async (hook) => {
      const { ref, state } = hook;
      const stored = await evidenceOf(driving, result.application, hook);
      const attempt = hook.attempt ?? stored?.attempt ?? 0;
      return { name: ref.name, state, attempt, ...(stored === undefined ? {} : { evidence: stored }) };
    }),
  );
}

/** By the digest in the history; the one of a hook that was stopped is found in the store as a person finds it. */
async function evidenceOf(
  { bundles, client }: Driving,
  application: string,
  { ref, evidence }: HookStatus,
): Promise<HookEvidence | undefined> {
  const signal = AbortSignal.timeout(10_000);
  if (evidence === undefined) {
    const handle = client.handle(application, { cluster: 'default' });
    return handle.evidence(`${ref.kind}/${ref.name}`, { signal }).catch(() => undefined);
  }
  const bytes = await bundles.get(evidence, signal).catch(() => undefined);
  return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as HookEvidence);
}
