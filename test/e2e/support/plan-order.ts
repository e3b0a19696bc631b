import type { PrintablePlan, PrintableStep } from '../../../core/plan/printable.ts';
import type { WriteEvent } from './audit.ts';
import { isCreation } from './audit.ts';

/** A wave of a plan with the writes that its steps are: creations, and deletions of what is pruned. */
export interface WrittenWave {
  readonly title: string;
  /** In the plan's order: neighbours that are done side by side. */
  readonly groups: readonly WrittenGroup[];
}

/** Neighbours of one action and kind in a wave. */
export interface WrittenGroup {
  readonly title: string;
  readonly writes: readonly WriteEvent[];
  /** Hooks that run to completion start in their kind's turn; the kinds behind them need not wait for their creation. */
  readonly aside: boolean;
}

/** Finds the write of each planned step; SyncFail is left out. Throws where one was not done exactly once. */
export function writtenWaves(plan: PrintablePlan, events: readonly WriteEvent[]): readonly WrittenWave[] {
  const phases = plan.phases.filter(({ phase }) => phase !== 'SyncFail');
  return phases.flatMap(({ phase, waves }) =>
    waves.map(({ wave, steps }) => ({
      title: `${phase} wave ${wave}`,
      groups: runsOf(steps).map((run) => ({
        title: run[0].action === 'prune' ? 'prune' : `${run[0].kind}${afterOf(run[0])}`,
        writes: run.map((step) => writeOf(step, events)),
        aside: run.some(({ action, kind }) => action === 'hook' && RUNS_SIDE_BY_SIDE.has(kind)),
      })),
    })),
  );
}

/** What of the writes contradicts the plan's order, in words; nothing when all is well. */
export function orderFaults(waves: readonly WrittenWave[]): readonly string[] {
  const between = waves.slice(1).flatMap((wave, index) => {
    const before = waves[index]!;
    const [last, first] = [answeredLast(all(before)), receivedFirst(all(wave))];
    return last < first ? [] : [`${wave.title} began at ${first}, before ${before.title} ended at ${last}`];
  });
  return [...between, ...waves.flatMap(groupFaults)];
}

function groupFaults({ title, groups }: WrittenWave): readonly string[] {
  return groups.flatMap((group, index) =>
    groups
      .slice(0, index)
      .filter((before) => !before.aside && answeredLast(before.writes) >= receivedFirst(group.writes))
      .map((before) => `${title}: ${group.title} before ${before.title}`),
  );
}

const RUNS_SIDE_BY_SIDE: ReadonlySet<string> = new Set(['Job', 'Pod']);

/** Prunes are one run; what is made is a run a kind, anew where it comes after other things. */
function runsOf(steps: readonly PrintableStep[]): readonly (readonly [PrintableStep, ...PrintableStep[]])[] {
  const runs: [PrintableStep, ...PrintableStep[]][] = [];
  const keyOf = (step: PrintableStep): string => (step.action === 'prune' ? 'prune' : `${step.kind}${layerOf(step)}`);
  const layers = new Map<string, number>();
  const layerOf = ({ kind, name, after = [] }: PrintableStep): number => {
    const layer = Math.max(0, ...after.map((on) => (layers.get(`${on.kind}/${on.name ?? ''}`) ?? -1) + 1));
    layers.set(`${kind}/${name ?? ''}`, layer);
    return layer;
  };
  let last = '';
  for (const step of steps) {
    const key = keyOf(step);
    if (key === last) runs.at(-1)!.push(step);
    else runs.push([step]);
    last = key;
  }
  return runs;
}

function afterOf({ after = [] }: PrintableStep): string {
  return after.length === 0 ? '' : ` after ${after.map(({ kind, name }) => `${kind}/${name ?? ''}`).join(', ')}`;
}

function writeOf(step: PrintableStep, events: readonly WriteEvent[]): WriteEvent {
  const resource = pluralOf(step.kind);
  const isIts = ({ name = '' }: WriteEvent): boolean =>
    step.name === null ? name.startsWith(step.generateName ?? '') : name === step.name;
  const isDone = (event: WriteEvent): boolean =>
    step.action === 'prune' ? event.verb === 'delete' && event.code < 300 && !event.dryRun : isCreation(event);
  const found = events.filter((event) => isDone(event) && event.resource === resource && isIts(event));
  if (found.length !== 1)
    throw new Error(`${step.action} ${resource}/${step.name ?? '*'} was done ${found.length} times`);
  return found[0]!;
}

/** The resource's name of the kinds that the tests use. */
function pluralOf(kind: string): string {
  return kind === 'Ingress' ? 'ingresses' : `${kind.toLowerCase()}s`;
}

function all({ groups }: WrittenWave): readonly WriteEvent[] {
  return groups.flatMap(({ writes }) => writes);
}

function answeredLast(events: readonly WriteEvent[]): string {
  return events.map(({ answeredAt }) => answeredAt).reduce((a, b) => (a > b ? a : b));
}

/** When the API server received the first of some writes. */
export function receivedFirst(events: readonly WriteEvent[]): string {
  return events.map(({ receivedAt }) => receivedAt).reduce((a, b) => (a < b ? a : b));
}
