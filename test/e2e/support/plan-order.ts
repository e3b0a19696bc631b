import type { PrintablePlan, PrintableStep } from '../../../core/plan/printable.ts';
import type { WriteEvent } from './audit.ts';
import { isCreation } from './audit.ts';

/** A wave of a plan with the creations of its objects, kind by kind in the plan's order. */
export interface CreatedWave {
  readonly title: string;
  readonly kinds: readonly { readonly kind: string; readonly creations: readonly WriteEvent[] }[];
}

/** Finds the creation of each planned object; SyncFail is left out. Throws where one was not created exactly once. */
export function createdWaves(plan: PrintablePlan, events: readonly WriteEvent[]): readonly CreatedWave[] {
  const phases = plan.phases.filter(({ phase }) => phase !== 'SyncFail');
  return phases.flatMap(({ phase, waves }) =>
    waves.map(({ wave, steps }) => ({
      title: `${phase} wave ${wave}`,
      kinds: [...new Set(steps.map(({ kind }) => kind))].map((kind) => ({
        kind,
        creations: steps.filter((step) => step.kind === kind).map((step) => creationOf(step, events)),
      })),
    })),
  );
}

/** What of the creations contradicts the plan's order, in words; nothing when all is well. */
export function orderFaults(waves: readonly CreatedWave[]): readonly string[] {
  const between = waves.slice(1).flatMap((wave, index) => {
    const before = waves[index]!;
    const [last, first] = [answeredLast(all(before)), receivedFirst(all(wave))];
    return last < first ? [] : [`${wave.title} began at ${first}, before ${before.title} ended at ${last}`];
  });
  return [...between, ...waves.flatMap(kindFaults)];
}

/** Hooks that run to completion start in their kind's turn; the kinds behind them need not wait for their creation. */
function kindFaults({ title, kinds }: CreatedWave): readonly string[] {
  return kinds.slice(1).flatMap(({ kind, creations }, index) => {
    const before = kinds[index]!;
    if (RUNS_SIDE_BY_SIDE.has(before.kind)) return [];
    return answeredLast(before.creations) < receivedFirst(creations) ? [] : [`${title}: ${kind} before ${before.kind}`];
  });
}

const RUNS_SIDE_BY_SIDE: ReadonlySet<string> = new Set(['Job', 'Pod']);

function creationOf(step: PrintableStep, events: readonly WriteEvent[]): WriteEvent {
  const resource = pluralOf(step.kind);
  const isIts = ({ name = '' }: WriteEvent): boolean =>
    step.name === null ? name.startsWith(step.generateName ?? '') : name === step.name;
  const found = events.filter((event) => isCreation(event) && event.resource === resource && isIts(event));
  if (found.length !== 1) throw new Error(`${resource}/${step.name ?? '*'} was created ${found.length} times`);
  return found[0]!;
}

/** The resource's name of the kinds that the tests use. */
function pluralOf(kind: string): string {
  return kind === 'Ingress' ? 'ingresses' : `${kind.toLowerCase()}s`;
}

function all({ kinds }: CreatedWave): readonly WriteEvent[] {
  return kinds.flatMap(({ creations }) => creations);
}

function answeredLast(events: readonly WriteEvent[]): string {
  return events.map(({ answeredAt }) => answeredAt).reduce((a, b) => (a > b ? a : b));
}

function receivedFirst(events: readonly WriteEvent[]): string {
  return events.map(({ receivedAt }) => receivedAt).reduce((a, b) => (a < b ? a : b));
}
