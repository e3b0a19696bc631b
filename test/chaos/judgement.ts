import { until } from '../e2e/support/waiting.ts';
import type { ChaosReport } from './chaos.ts';
import { faultsOf, leaksIn, leftOf } from './invariants.ts';
import type { DrivenSync } from './syncs/applications.ts';
import { manifestsOf, wavesOf } from './syncs/bundles.ts';
import { leftObjects } from './syncs/snapshot.ts';
import { allRuns, textOfHistory } from './syncs/temporal.ts';
import type { AuditWrite } from './trace/audit-log.ts';
import { readAuditWrites } from './trace/audit-log.ts';
import { hookObjectsOf } from './trace/hook-objects.ts';
import type { Calm, SyncTrace } from './trace/sync-trace.ts';
import type { ChaosWorld } from './world.ts';

/** What was driven: each bundle undisturbed, by its index, then the rest; and how often which fault happened. */
export interface Driven {
  readonly calm: readonly (readonly DrivenSync[])[];
  readonly driven: readonly DrivenSync[];
  readonly done: Readonly<Record<string, number>>;
}

/** A sweep removes what a sync that is over has created and never released: once a minute, on a slow machine later. */
const SWEPT_MS = 180_000;

/** Judges everything that was driven, by the audit log, Temporal's histories and what is live. */
export async function judge(world: ChaosWorld, all: Driven): Promise<ChaosReport> {
  const { timeline } = world;
  const left = await leftOver(world, all);
  const audit = await readAuditWrites(world.sandbox.auditLogPath);
  const undisturbed = all.calm.flat();
  const traces = [...undisturbed, ...all.driven].map((sync) => traceOf(sync, all, audit));
  const broken = [
    ...traces.flatMap((trace) => faultsOf(trace).map((what) => ({ what, application: trace.application }))),
    ...left,
    ...(await leaks(world, all)),
  ];
  const violations = broken.map(({ what, application }) => ({
    what,
    timeline: [...timeline.about(application), ...storyOf(audit.get(application) ?? [])],
  }));
  return { violations, figures: figuresOf(world, all, traces) };
}

function traceOf(sync: DrivenSync, all: Driven, audit: ReadonlyMap<string, readonly AuditWrite[]>): SyncTrace {
  const { application, bundle, generation, from, syncId, ending } = sync;
  const own = audit.get(application) ?? [];
  const next = [...all.calm.flat(), ...all.driven].find(
    (other) => other.application === application && other.generation === generation + 1,
  );
  const calm = all.calm[bundle.index]?.[generation];
  const expected: Calm = {
    ending: calm?.ending ?? { outcome: 'Succeeded', failures: [] },
    state: calm?.state ?? {},
  };
  return {
    ...{ application, title: `${application} generation ${generation + 1}`, first: generation === 0 },
    waves: wavesOf(manifestsOf(bundle.generations[generation]!, application), application),
    writes: own.filter(({ receivedAt }) => receivedAt >= from && (next === undefined || receivedAt < next.from)),
    // The ID of one that has not ended is not known; the first of an application has no other’s hooks before it.
    hooks: hookObjectsOf(own).filter((hook) => syncId === '' || hook.syncId === syncId),
    ...(ending === undefined ? {} : { ending }),
    ...{ reports: sync.reports, state: sync.state, interference: sync.interference },
    calm: application.startsWith('calm-') ? { ...expected, ending: bundle.endings[generation]! } : expected,
  };
}

/** What is left over of each application, once the last sweep has had its time. */
async function leftOver(world: ChaosWorld, { calm, driven }: Driven): Promise<readonly Broken[]> {
  const applications = [...new Set([...calm.flat(), ...driven].map(({ application }) => application))];
  let found: Broken[] = [];
  await until(
    'nothing is left',
    async () => {
      found = [];
      for (const application of applications) {
        const left = leftOf(await leftObjects(world.admin, application));
        found.push(...left.map((what) => ({ what: `nothing is left over: ${what}`, application })));
      }
      return found.length === 0 || undefined;
    },
    SWEPT_MS,
  ).catch(() => undefined);
  return found;
}

interface Broken {
  readonly what: string;
  readonly application: string;
}

async function leaks({ temporal, workers }: ChaosWorld, { calm, driven }: Driven): Promise<readonly Broken[]> {
  const secrets = [...new Set([...calm.flat(), ...driven].flatMap(({ bundle }) => bundle.secrets))];
  const broken: Broken[] = [];
  for (const run of await allRuns(temporal)) {
    const application = run.workflowId.split('/')[2] ?? '';
    for (const secret of leaksIn(await textOfHistory(temporal, run), secrets))
      broken.push({ what: `no Secret is in a history: ${secret} is in ${run.workflowId} ${run.runId}`, application });
  }
  for (const secret of leaksIn(workers.logs(), secrets))
    broken.push({ what: `no Secret is in a log: ${secret}`, application: '' });
  return broken;
}

function figuresOf(
  { proxy, workers }: ChaosWorld,
  { driven, done }: Driven,
  traces: readonly SyncTrace[],
): Readonly<Record<string, number>> {
  const disturbed = traces.filter(({ application }) => !application.startsWith('calm-'));
  const endings = Object.groupBy(disturbed, ({ ending }) => `syncs: ${ending?.outcome ?? 'open'}`);
  const hooks = disturbed.flatMap((trace) => trace.hooks);
  return {
    ...{ applications: new Set(driven.map(({ application }) => application)).size, syncs: driven.length },
    ...Object.fromEntries(Object.entries(endings).map(([what, those = []]) => [what, those.length])),
    'hook objects that ran': hooks.filter(({ releases, pods }) => releases.length + pods.length > 0).length,
    'hook objects that never ran': hooks.filter(({ releases, pods }) => releases.length + pods.length === 0).length,
    ...done,
    ...Object.fromEntries(Object.entries(proxy.hits()).map(([what, count]) => [`injected: ${what}`, count])),
    'workers that ended by themselves': workers.lost(),
  };
}

/** The writes of an application that tell its hooks' lives, in words. */
function storyOf(writes: readonly AuditWrite[]): readonly string[] {
  return writes
    .filter(({ resource, subresource }) => resource !== 'events' && subresource !== 'log')
    .map(
      ({ receivedAt, user, verb, resource, name, subresource, code }) =>
        `${receivedAt.slice(11, 23)} audit: ${user} ${verb} ${resource}/${name}${subresource === undefined ? '' : `/${subresource}`} ${code}`,
    );
}
