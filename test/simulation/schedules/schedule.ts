import type { DeletePolicy } from '../../../core/phases.ts';
import type { Behaviour } from '../cluster/controllers.ts';
import type { Random } from '../engine/random.ts';
import { randomOf } from '../engine/random.ts';
import type { Temper } from '../engine/scheduler.ts';

/** A hook of the application that is synced. */
export interface HookSpec {
  readonly kind: 'Job' | 'Pod';
  readonly name: string;
  readonly phase: 'PreSync' | 'PostSync' | 'SyncFail';
  readonly policies: readonly DeletePolicy[];
  readonly ttlSeconds?: number;
  readonly deadlineMs: number;
  readonly wave: 0 | 1;
  /** Whether its wave waits for an approval. */
  readonly approval: boolean;
  /** How often it is tried again by itself. */
  readonly retries: number;
  /** What its first, second, … run does; the last one counts for all that follow. */
  readonly runs: readonly [Behaviour, ...Behaviour[]];
}

/** A sync that somebody asks for. */
export interface SyncSpec {
  readonly syncId: string;
  /** Which Temporal: 0 or 1. */
  readonly server: 0 | 1;
  /** What the application's ConfigMap says. */
  readonly value: string;
  /** Whether the bundle has the second ConfigMap. */
  readonly wide: boolean;
  readonly takeOver: boolean;
  /** Whether a failure holds it, until somebody decides or nobody has in time. */
  readonly holds: boolean;
  /** How it is asked for: at once, where nothing runs; in its turn; or so that the one that runs gives way, within a time. */
  readonly turn: { readonly kind: 'now' | 'queue' } | { readonly kind: 'supersede'; readonly withinMs: number };
  /** When it is asked for: at once, at a step, or once the one before it has ended. */
  readonly start: { readonly kind: 'step'; readonly step: number } | { readonly kind: 'after-previous' };
}

/** What disturbs a schedule: what machines do, and what people do. */
export type DisturbanceKind =
  | 'lose-request'
  | 'lose-answer'
  | 'refuse'
  | 'give-up'
  | 'die'
  | 'shut-down'
  | 'mute'
  | 'stand-still'
  | 'sweep'
  | 'abort'
  | 'cancel'
  | 'terminate'
  | 'terminate-phase'
  | 'reset'
  | 'reset-phase'
  | 'join-again'
  | 'withdraw'
  | Verb;

/** Decisions that a sync waits for, where it does. */
export type Verb = 'approve' | 'reject' | 'retry' | 'restart' | 'skip';

/** Requests that change something: the moments that matter most. */
export type Write = 'create' | 'replace' | 'patch' | 'delete' | 'apply';

/** A disturbance, and the step from which on it happens as soon as it can. */
export interface Disturbance {
  readonly step: number;
  readonly kind: DisturbanceKind;
  /** The request an attempt must be making for it to be hit; absent = whatever it does. */
  readonly during?: Write;
  /** Chooses whom it hits, and how. */
  readonly choice: number;
}

/** All that one schedule is made of; the same schedule takes the same course for ever. */
export interface Schedule {
  readonly seed: number;
  readonly temper: Temper;
  readonly hooks: readonly HookSpec[];
  readonly syncs: readonly SyncSpec[];
  /** Whether the resources wait for an approval. */
  readonly gated: boolean;
  /** Whether plans are made between two steps: they read only, and take a fifth of all steps. */
  readonly plansAtOnce: boolean;
  readonly disturbances: readonly Disturbance[];
}

const WRITES: readonly [Write, ...Write[]] = ['create', 'replace', 'replace', 'patch', 'delete', 'apply'];

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
];

/** Kinds of schedules: what people do while machines fail. */
const UNDECIDED: readonly [Story, ...Story[]] = [
  { people: [], syncs: 1 },
  { people: [], syncs: 1 },
  { people: ['reset'], syncs: 1 },
  { people: ['reset-phase'], syncs: 1 },
  { people: ['reset', 'reset'], syncs: 1 },
  { people: ['abort'], syncs: 1 },
  { people: ['reset', 'abort'], syncs: 1 },
  { people: ['cancel'], syncs: 1 },
  { people: ['terminate'], syncs: 2 },
  { people: ['terminate-phase'], syncs: 2 },
  { people: ['abort'], syncs: 2 },
  { people: [], syncs: 2 },
  { people: [], syncs: 2, servers: 2 },
  { people: ['reset'], syncs: 2, servers: 2 },
  { people: ['abort'], syncs: 2, servers: 2 },
];

/** The same, where somebody decides, or where syncs wait for their turn. */
const DECIDED: readonly [Story, ...Story[]] = [
  { people: ['retry'], syncs: 1, waits: 'hold' },
  { people: ['retry', 'skip'], syncs: 1, waits: 'hold' },
  { people: ['restart', 'retry'], syncs: 1, waits: 'hold' },
  { people: ['retry', 'abort'], syncs: 1, waits: 'hold' },
  { people: ['retry', 'reset'], syncs: 1, waits: 'hold' },
  { people: ['retry', 'reset-phase'], syncs: 1, waits: 'hold' },
  { people: ['approve'], syncs: 1, waits: 'gate' },
  { people: ['reject', 'approve'], syncs: 1, waits: 'gate' },
  { people: ['approve', 'approve', 'reset-phase'], syncs: 1, waits: 'gate' },
  { people: ['approve', 'reset'], syncs: 1, waits: 'gate' },
  { people: ['approve', 'abort'], syncs: 1, waits: 'gate' },
  { people: [], syncs: 2, turns: ['queue', 'queue'] },
  { people: ['withdraw'], syncs: 2, turns: ['now', 'queue'] },
  { people: ['withdraw', 'join-again'], syncs: 3, turns: ['now', 'queue', 'supersede'] },
  { people: ['terminate'], syncs: 2, turns: ['now', 'queue'] },
  { people: [], syncs: 2, turns: ['now', 'supersede'] },
  { people: ['join-again'], syncs: 3, turns: ['queue', 'supersede', 'supersede'] },
  { people: ['reset'], syncs: 2, turns: ['now', 'supersede'] },
  { people: ['reset-phase'], syncs: 2, turns: ['now', 'supersede'] },
  { people: ['abort'], syncs: 2, turns: ['now', 'supersede'] },
  { people: ['retry'], syncs: 2, turns: ['now', 'supersede'], waits: 'hold' },
  { people: ['approve', 'approve'], syncs: 2, turns: ['now', 'supersede'], waits: 'gate' },
];

interface Story {
  readonly people: readonly DisturbanceKind[];
  readonly syncs: 1 | 2 | 3;
  readonly servers?: 2;
  /** What it waits for somebody with. */
  readonly waits?: 'hold' | 'gate';
  /** How each sync is asked for; absent: each once the one before it has ended. */
  readonly turns?: readonly SyncSpec['turn']['kind'][];
}

/** About how many steps one undisturbed sync takes, and how many of them its planning. */
const SYNC_STEPS = 200;
const PLAN_STEPS = 20;

/** Makes the schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = randomOf(seed);
  const story = random.pick(random.chance(0.5) ? UNDECIDED : DECIDED);
  const plansAtOnce = random.chance(0.9);
  const length = (plansAtOnce ? SYNC_STEPS - PLAN_STEPS : SYNC_STEPS) * (story.servers === 2 ? 1.3 : story.syncs);
  const machines = random.below(5);
  const kinds = [...story.people, ...Array.from({ length: machines }, () => random.pick(MACHINES))];
  const disturbances = kinds
    .map((kind): Disturbance => {
      const disturbance = { step: random.below(length), kind, choice: random.below(1 << 30) };
      return random.chance(0.5) ? { ...disturbance, during: random.pick(WRITES) } : disturbance;
    })
    .sort((a, b) => a.step - b.step);
  const gated = story.waits === 'gate' && random.chance(0.3);
  return {
    seed,
    temper: { persistence: random.pick([0, 0.3, 0.6, 0.9]), haste: random.pick([0, 0.02, 0.1]) },
    hooks: hooksOf(random, story, gated),
    syncs: syncsOf(random, story),
    gated,
    plansAtOnce,
    disturbances,
  };
}

function hooksOf(random: Random, { waits }: Story, gated: boolean): readonly HookSpec[] {
  const plain = hookOf(random, 'migrate', 'PreSync');
  const fails = waits === 'hold' && random.chance(0.7);
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

function syncsOf(random: Random, story: Story): readonly SyncSpec[] {
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
      wide: false,
      holds: false,
      turn: turnOf(random, story, next),
      start: { kind: 'after-previous' },
    };
    const start = { kind: 'step', step: random.below(SYNC_STEPS) } as const;
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
