import type { DeletePolicy } from '../../../core/phases.ts';
import type { Behaviour } from '../cluster/controllers.ts';
import type { Random } from '../engine/random.ts';
import { randomOf } from '../engine/random.ts';
import type { Moment, Request } from './moments.ts';
import type { Disturbance, DisturbanceKind, HookSpec, Schedule, SyncSpec } from './schedule.ts';
import type { Story } from './stories.ts';
import { DECIDED, UNDECIDED } from './stories.ts';

/** Requests that change something: the moments that matter most. */
const WRITES: readonly [Request, ...Request[]] = [
  'create hook',
  'replace record',
  'replace record',
  'patch hook',
  'delete hook',
  'apply resource',
  'delete resource',
];

/** Requests at which somebody is held back. */
const CALLS: readonly [Request, ...Request[]] = [...WRITES, 'get hook', 'get record', 'list hook'];

const MOMENTS: readonly [Moment, ...Moment[]] = [
  ...CALLS,
  'create hook',
  'claim',
  'claim',
  'raise',
  'intent',
  'verdict',
  'verdict',
  'release',
  'hook begins',
  'hook begins',
  'hook ends',
  'reset',
  'stop',
];

const MACHINES: readonly [DisturbanceKind, ...DisturbanceKind[]] = [
  'lose-request',
  'lose-answer',
  'lose-answer',
  'refuse',
  'give-up',
  'give-up',
  'give-up',
  'give-up',
  'die',
  'shut-down',
  'mute',
  'stand-still',
  'sweep',
  'outage',
];

/** About how many steps one undisturbed sync takes, and how many of them its planning. */
const SYNC_STEPS = 200;
const PLAN_STEPS = 20;

/** Makes the schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = randomOf(seed);
  const story = random.pick(random.chance(0.5) ? UNDECIDED : DECIDED);
  const plansAtOnce = random.chance(0.9);
  const length = (plansAtOnce ? SYNC_STEPS - PLAN_STEPS : SYNC_STEPS) * (story.servers === 2 ? 1.3 : story.syncs);
  const isAimed = random.chance(0.5);
  const disturbances = isAimed ? aimedAt(random, story, length) : scattered(random, story, length);
  const gated = story.waits === 'gate' && random.chance(0.3);
  return {
    seed,
    temper: { persistence: random.pick([0, 0.3, 0.6, 0.9]), haste: random.pick([0, 0.02, 0.1]) },
    hooks: hooksOf(random, story, { gated, isAimed }),
    syncs: syncsOf(random, story, isAimed),
    gated,
    plansAtOnce,
    disturbances: disturbances.toSorted((a, b) => a.step - b.step),
  };
}

/** Many disturbances, at any time. */
function scattered(random: Random, { people }: Story, length: number): readonly Disturbance[] {
  const machines = Array.from({ length: random.below(5) }, () => random.pick(MACHINES));
  return [...people, ...machines].map((kind) => {
    const disturbance = { step: random.below(length), kind, choice: random.below(1 << 30) };
    return random.chance(0.5) ? { ...disturbance, during: random.pick(WRITES) } : disturbance;
  });
}

/** A few disturbances, each timed by what else happens: somebody is held back at a request until something has happened, or a person acts just then. */
function aimedAt(random: Random, { people }: Story, length: number): readonly Disturbance[] {
  const machines = Array.from({ length: random.below(3) }, () => random.pick(MACHINES));
  const stops = Array.from({ length: 1 + random.below(2) }, () => 'hold-back' as const);
  return [...people, ...machines, ...stops].map((kind) => {
    const step = random.chance(0.4) ? 0 : random.below(length);
    const disturbance = { step, kind, choice: random.below(1 << 30) };
    if (kind === 'hold-back') return { ...disturbance, ...heldBack(random) };
    const upon = random.chance(0.3) ? 'hold back' : random.pick(MOMENTS);
    return {
      ...disturbance,
      ...(random.chance(0.6) ? { upon } : {}),
      ...(random.chance(0.5) ? { during: random.pick(WRITES) } : {}),
    };
  });
}

/** At which request somebody is held back, until when: often until somebody else has made the same. */
function heldBack(random: Random): Pick<Disturbance, 'upon' | 'during' | 'until'> {
  const during = random.pick(CALLS);
  const until = random.chance(0.25) ? during : random.pick(MOMENTS);
  return { during, until, ...(random.chance(0.15) ? { upon: random.pick(MOMENTS) } : {}) };
}

/** What else is known of a schedule by the time its hooks are chosen. */
interface Traits {
  readonly gated: boolean;
  readonly isAimed: boolean;
}

function hooksOf(random: Random, { waits }: Story, { gated, isAimed }: Traits): readonly HookSpec[] {
  const hook = hookOf(random, 'migrate', 'PreSync');
  const isRetried = waits === undefined && isAimed && random.chance(0.2);
  const plain: HookSpec = isRetried ? { ...hook, retries: 1 } : hook;
  const fails = isRetried || (waits === 'hold' && random.chance(0.7));
  const first: HookSpec = {
    ...plain,
    approval: waits === 'gate' && (!gated || random.chance(0.3)),
    runs: fails ? [{ ends: 'failed', afterMs: 1_000 }, ...plain.runs] : plain.runs,
  };
  const also = random.below(8);
  if (also === 0) return [first, { ...hookOf(random, 'check', 'PreSync'), wave: random.pick([0, 1]) }];
  if (also === 1) return [first, hookOf(random, 'smoke', 'PostSync')];
  if (also === 2)
    return [first, { ...hookOf(random, 'alert', 'SyncFail'), runs: [{ ends: 'succeeded', afterMs: 10 }] }];
  return [first];
}

function hookOf(random: Random, name: string, phase: HookSpec['phase']): HookSpec {
  const end = (): Behaviour =>
    random.pick<Behaviour>([
      { ends: 'succeeded', afterMs: 0 },
      { ends: 'succeeded', afterMs: 2_000 },
      { ends: 'succeeded', afterMs: 8_000 },
      { ends: 'succeeded', afterMs: 12_000 },
      { ends: 'failed', afterMs: 1_000 },
    ]);
  const first: Behaviour = random.chance(0.08) ? { ends: 'never' } : end();
  const policies = random.pick<readonly DeletePolicy[]>([
    ['BeforeHookCreation'],
    ['HookSucceeded'],
    ['HookSucceeded', 'HookFailed'],
    ['HookFailed'],
    ['BeforeHookCreation', 'HookSucceeded'],
  ]);
  return {
    kind: random.chance(0.8) ? 'Job' : 'Pod',
    name,
    phase,
    policies,
    ...(random.chance(0.2) ? { ttlSeconds: 0 } : {}),
    deadlineMs: 40_000,
    wave: 0,
    approval: false,
    retries: random.chance(0.15) ? 1 : 0,
    runs: first.ends === 'failed' ? [first, end()] : [first],
  };
}

const VALUES = ['one', 'two', 'three'] as const;

function syncsOf(random: Random, story: Story, isAimed: boolean): readonly SyncSpec[] {
  const first: SyncSpec = {
    syncId: 's1',
    server: 0,
    value: 'one',
    wide: random.chance(0.3),
    takeOver: false,
    holds: story.waits === 'hold',
    turn: turnOf(random, story, 0),
    start: { kind: 'step', step: 0 },
  };
  const others = Array.from({ length: story.syncs - 1 }, (_, index): SyncSpec => {
    const next = index + 1;
    const sync: SyncSpec = {
      ...first,
      syncId: `s${String(next + 1)}`,
      value: random.chance(0.2) ? 'one' : (VALUES[next] ?? 'one'),
      wide: random.chance(0.15),
      holds: false,
      turn: turnOf(random, story, next),
      start: { kind: 'after-previous' },
    };
    const start: SyncSpec['start'] =
      isAimed && random.chance(0.5)
        ? { kind: 'upon', moment: random.pick(MOMENTS), times: next }
        : { kind: 'step', step: random.below(SYNC_STEPS) };
    if (story.servers === 2) return { ...sync, server: 1, takeOver: random.chance(0.8), start };
    return story.turns === undefined ? sync : { ...sync, start };
  });
  return [first, ...others];
}

/** How long the one that runs may take to give way, ms: no time at all, less than a hook does, or more than any. */
const WITHIN = [0, 4_000, 600_000, 600_000] as const;

function turnOf(random: Random, { turns }: Story, index: number): SyncSpec['turn'] {
  const kind = turns?.[index] ?? 'now';
  return kind === 'supersede' ? { kind, withinMs: random.pick(WITHIN) } : { kind };
}
