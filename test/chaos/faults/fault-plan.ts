import type { Random } from '../../simulation/engine/random.ts';
import { randomOf } from '../../simulation/engine/random.ts';
import type { Weather } from './api-proxy.ts';

/** Something that is done to the system. `choice` says to which of those that are there then. */
export type Fault =
  | { readonly kind: 'kill-worker'; readonly choice: number }
  /** SIGSTOP, and SIGCONT after a while: its work may have gone to another meanwhile. */
  | { readonly kind: 'stop-worker'; readonly choice: number; readonly forMs: number }
  | { readonly kind: 'restart-temporal' }
  | { readonly kind: 'restart-api-server' }
  | { readonly kind: 'cut-api-server'; readonly forMs: number }
  | { readonly kind: 'close-watches' }
  | { readonly kind: 'weather'; readonly weather: Weather; readonly forMs: number }
  | { readonly kind: 'delete-hook'; readonly choice: number }
  | { readonly kind: 'reset-root' | 'reset-phase'; readonly choice: number; readonly point: number }
  | { readonly kind: 'abort'; readonly choice: number };

/** A fault and when it is due, ms after the disturbed part began. */
export interface PlannedFault {
  readonly at: number;
  readonly fault: Fault;
}

type Make = (random: Random) => Fault;

const choice = (random: Random): number => random.below(1_000_000);
const weather = (random: Random, is: Weather): Fault => ({
  ...{ kind: 'weather', weather: is },
  forMs: 1000 + random.below(3000),
});

/** No API server says time and again that there is what is not there, so a 409 is never the answer to every request. */
function refusals(random: Random): Weather {
  const code = random.pick<409 | 410 | 429 | 500>([409, 410, 429, 500]);
  return { kind: 'answers', code, every: (code === 409 ? 2 : 1) + random.below(4) };
}

/** What may happen, and how often among all. */
const FAULTS: readonly (readonly [number, Make])[] = [
  [11, (random) => ({ kind: 'kill-worker', choice: choice(random) })],
  [2, (random) => ({ kind: 'stop-worker', choice: choice(random), forMs: random.pick([2_000, 14_000, 20_000]) })],
  [1.1, () => ({ kind: 'restart-temporal' })],
  [0.5, () => ({ kind: 'restart-api-server' })],
  [1, (random) => ({ kind: 'cut-api-server', forMs: random.pick([0, 1000, 4000]) })],
  [1, () => ({ kind: 'close-watches' })],
  [2.5, (random) => weather(random, refusals(random))],
  [1, (random) => weather(random, { kind: 'lost-answers', every: 2 + random.below(5) })],
  [1, (random) => weather(random, { kind: 'slow', every: 1 + random.below(3), delayMs: 100 + random.below(3000) })],
  [1.2, (random) => ({ kind: 'delete-hook', choice: choice(random) })],
  [1.2, (random) => ({ kind: 'reset-root', choice: choice(random), point: choice(random) })],
  [1.2, (random) => ({ kind: 'reset-phase', choice: choice(random), point: choice(random) })],
  [0.6, (random) => ({ kind: 'abort', choice: choice(random) })],
];

/** The faults of a seed for a time: one every `everyMs` on average. In the beginning each kind happens once. */
export function faultPlan(seed: number, durationMs: number, everyMs: number): readonly PlannedFault[] {
  const random = randomOf(seed + 1);
  const due = shuffled(FAULTS, random).map(([, make]) => make);
  const planned: PlannedFault[] = [];
  let at = everyMs;
  while (at < durationMs) {
    planned.push({ at, fault: (due.shift() ?? weighted(random))(random) });
    at += Math.round(everyMs * (0.2 + 1.6 * (random.below(1000) / 1000)));
  }
  return planned;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, order: random.below(1_000_000) }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function weighted(random: Random): Make {
  const total = FAULTS.reduce((sum, [weight]) => sum + weight, 0);
  let left = (random.below(1_000_000) / 1_000_000) * total;
  for (const [weight, make] of FAULTS) {
    left -= weight;
    if (left < 0) return make;
  }
  return FAULTS[0]![1];
}
