import type { DeletePolicy } from '../../../core/phases.ts';
import type { Behaviour } from '../cluster/controllers.ts';
import type { Random } from '../engine/random.ts';
import type { HookSpec, SyncSpec } from './schedule.ts';
import type { Setting } from './stories.ts';
import { MOMENTS, SYNC_STEPS } from './weights.ts';

/** What else is known of a schedule by the time its hooks are chosen. */
interface Traits {
  readonly gated: boolean;
  readonly isAimed: boolean;
}

/** Deals the hooks of an application: the first one is what a sync waits for somebody with, where it does. */
export function hooksOf(
  random: Random,
  { waits }: Pick<Setting, 'waits'>,
  { gated, isAimed }: Traits,
): readonly HookSpec[] {
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

/** Deals the syncs of a schedule, and when each is asked for. */
export function syncsOf(random: Random, story: Setting, isAimed: boolean): readonly SyncSpec[] {
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

function turnOf(random: Random, { turns }: Setting, index: number): SyncSpec['turn'] {
  const kind = turns?.[index] ?? 'now';
  return kind === 'supersede' ? { kind, withinMs: random.pick(WITHIN) } : { kind };
}
