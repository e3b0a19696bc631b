import type { Moment, Request } from './moments.ts';
import type { DisturbanceKind, HookSpec } from './schedule.ts';
import type { Setting } from './stories.ts';

/** What happens once the act before it has: one of the kinds, at one of the requests, upon one of the moments, held back until one of them. */
export interface Act {
  readonly kinds: readonly [DisturbanceKind, ...DisturbanceKind[]];
  readonly during?: readonly [Request, ...Request[]];
  /** `undefined` among them: at once. */
  readonly upon?: readonly [Moment | undefined, ...(Moment | undefined)[]];
  /** When who is held back goes on. */
  readonly until?: readonly [Moment, ...Moment[]];
}

/** A story of several things in a row that are seldom dealt together: each act comes in its turn. */
export interface Plot extends Setting {
  readonly acts: readonly [Act, ...Act[]];
  /** Which of the bundles have the second ConfigMap; absent: any. */
  readonly wide?: readonly boolean[];
  /** How the first hook may run, and how often it is tried again; absent: as any hook. */
  readonly runs?: readonly [HookSpec['runs'], ...HookSpec['runs'][]];
  readonly retries?: number;
  /** Upon what the second sync is asked for; absent: as in any story. */
  readonly begins?: readonly [Moment, ...Moment[]];
}

const LASTS: HookSpec['runs'] = [{ ends: 'succeeded', afterMs: 12_000 }];
const NEVER: HookSpec['runs'] = [{ ends: 'never' }];
const FAILS_ONCE: HookSpec['runs'] = [{ ends: 'failed', afterMs: 1_000 }, ...LASTS];
const FAILS_AND_STAYS: HookSpec['runs'] = [{ ends: 'failed', afterMs: 1_000 }, ...NEVER];

/** Somebody's sync ends without being asked. */
const ENDED: Act = { kinds: ['terminate', 'terminate', 'terminate-phase'] };

const SWEPT: Act = { kinds: ['sweep'] };

/** Somebody who begins a hook stands still in the midst of that. */
const STANDS_BEGINNING: Act = {
  kinds: ['hold-back'],
  upon: ['create hook', 'create hook', 'intent'],
  during: ['patch hook', 'replace record'],
  until: ['verdict', 'patch hook', 'delete hook', 'list hook'],
};

/** The plots by name. */
export const PLOTS = {
  /** A sync stands still before it prunes, until others have had the object again. */
  'late-prune': {
    syncs: 3,
    wide: [true, false, true],
    acts: [
      {
        kinds: ['hold-back'],
        during: ['delete resource', 'get resource'],
        until: ['release', 'release', 'apply resource'],
      },
      { kinds: ['terminate', 'terminate', 'abort', 'give-up'] },
    ],
  },
  /** A hook is created after its sync has ended and been swept, and another stands still before it takes that out of its way. */
  'late-creation': {
    syncs: 2,
    acts: [
      { kinds: ['hold-back'], during: ['create hook'], until: ['list hook', 'list hook', 'claim'] },
      ENDED,
      {
        kinds: ['hold-back'],
        upon: ['create hook'],
        during: ['get record', 'replace record'],
        until: ['hook begins', 'claim'],
      },
      { kinds: ['hold-back'], during: ['delete hook'], until: ['hook begins', 'hook begins', 'intent', 'claim'] },
      ENDED,
      { kinds: ['reset'] },
    ],
  },
  /** Whoever sweeps stands still before it removes what a sync that has ended had not released, and that one is reset. */
  'late-sweep': {
    syncs: 2,
    acts: [
      {
        kinds: ['hold-back'],
        upon: ['create hook'],
        during: ['get record', 'replace record'],
        until: ['hook begins', 'release', 'claim'],
      },
      ENDED,
      { kinds: ['sweep'] },
      { kinds: ['hold-back'], during: ['delete hook'], until: ['hook begins', 'hook begins', 'patch hook', 'intent'] },
      { kinds: ['reset', 'reset', 'terminate'] },
      { kinds: ['reset', 'sweep'] },
    ],
  },
  /** What was terminated writes its intent while a sweep removes what it is for, and its sync is reset. */
  'late-intent': {
    syncs: 1,
    acts: [
      {
        kinds: ['hold-back'],
        upon: ['create hook'],
        during: ['replace record', 'get record'],
        until: ['hold back', 'hold back', 'list hook', 'delete hook'],
      },
      { kinds: ['terminate'] },
      { kinds: ['terminate-phase'] },
      { kinds: ['sweep'] },
      { kinds: ['hold-back'], during: ['delete hook', 'replace record'], until: ['intent', 'intent', 'hook begins'] },
      { kinds: ['reset'], upon: ['intent', 'delete hook', undefined] },
    ],
  },
  /** Sweeps come while attempts of a sync that runs stand still before their intent, or their release. */
  'swept-at-work': { syncs: 1, acts: [STANDS_BEGINNING, SWEPT, STANDS_BEGINNING, SWEPT, STANDS_BEGINNING, SWEPT] },
  /** Whoever has written down how a hook has come to its end does not come to stop it, and its sync is stopped after a reset. */
  'left-running': {
    syncs: 1,
    runs: [NEVER],
    acts: [
      {
        kinds: ['die', 'give-up', 'hold-back'],
        upon: ['verdict', 'verdict', 'intent'],
        during: ['delete hook', 'patch hook'],
        until: ['raise', 'release'],
      },
      { kinds: ['reset', 'reset', 'reset-phase'] },
      { kinds: ['abort', 'abort', 'cancel'] },
    ],
  },
  /** An attempt stands still while its sync is aborted, and goes on at once when that has looked. */
  'late-attempt': {
    syncs: 1,
    runs: [NEVER, LASTS],
    acts: [
      {
        kinds: ['hold-back'],
        during: ['get hook', 'create hook', 'get record', 'replace record'],
        until: ['get hook', 'list hook', 'raise', 'verdict', 'delete hook'],
      },
      { kinds: ['abort', 'abort', 'cancel'] },
    ],
  },
  /** Nobody looks while a hook comes to its end, until its time is over. */
  'late-look': {
    syncs: 1,
    runs: [LASTS, LASTS, NEVER],
    acts: [
      { kinds: ['outage'], upon: ['hook begins'] },
      { kinds: ['outage', 'give-up', 'stand-still'], upon: ['hook ends', undefined] },
    ],
  },
  /** A hook is released long after its intent was written. */
  'late-release': {
    syncs: 1,
    runs: [LASTS, NEVER],
    acts: [
      {
        kinds: ['die', 'give-up', 'hold-back'],
        upon: ['intent'],
        during: ['patch hook'],
        until: ['verdict', 'raise', 'patch hook'],
      },
      { kinds: ['outage'], during: ['patch hook', 'get record'] },
      { kinds: ['outage'] },
    ],
  },
  /** The same, and whoever releases it then comes no further either. */
  'released-and-left': {
    syncs: 1,
    runs: [LASTS, NEVER],
    acts: [
      { kinds: ['die', 'give-up'], upon: ['intent'], during: ['patch hook'] },
      { kinds: ['outage'] },
      {
        kinds: ['give-up', 'give-up', 'die', 'shut-down', 'hold-back'],
        during: ['patch hook'],
        until: ['hook begins'],
      },
    ],
  },
  /** A sync is asked to give way right after a reset. */
  'gives-way-anew': {
    syncs: 2,
    turns: ['now', 'supersede'],
    runs: [FAILS_AND_STAYS, FAILS_ONCE, LASTS, NEVER],
    retries: 1,
    begins: ['reset', 'reset', 'hook begins', 'replace record'],
    acts: [{ kinds: ['reset', 'reset-phase'], upon: ['hook begins', 'hook ends', 'verdict', 'intent', 'create hook'] }],
  },
  /** A phase whose hook was tried again is reset, and its sync is asked to give way. */
  'gives-way-again': {
    syncs: 2,
    turns: ['now', 'supersede'],
    runs: [FAILS_AND_STAYS, FAILS_ONCE],
    retries: 1,
    begins: ['reset'],
    acts: [
      { kinds: ['sweep', 'lose-answer', 'give-up'], upon: ['verdict'] },
      { kinds: ['reset-phase', 'reset-phase', 'reset'], upon: ['hook begins', 'intent', 'create hook', 'release'] },
    ],
  },
  /** A sync whose gate was opened is reset, and nobody opens it again, or somebody has said no. */
  'approved-before': {
    syncs: 1,
    waits: 'gate',
    runs: [NEVER, LASTS],
    acts: [
      { kinds: ['approve'] },
      { kinds: ['reset', 'reset-phase'], upon: ['create hook', 'intent', 'hook begins', 'verdict'] },
      { kinds: ['reject', 'approve', 'abort'] },
    ],
  },
} satisfies Record<string, Plot>;

/** A plot by its name. */
export type PlotName = keyof typeof PLOTS;
