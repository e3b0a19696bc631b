import type { Moment, Request } from './moments.ts';
import type { DisturbanceKind } from './schedule.ts';

/** Requests that change something: the moments that matter most. */
export const WRITES: readonly [Request, ...Request[]] = [
  'create hook',
  'replace record',
  'replace record',
  'patch hook',
  'delete hook',
  'apply resource',
  'delete resource',
];

/** Requests at which somebody is held back. */
export const CALLS: readonly [Request, ...Request[]] = [...WRITES, 'get hook', 'get record', 'list hook'];

/** What something is timed by. */
export const MOMENTS: readonly [Moment, ...Moment[]] = [
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

/** What machines do. */
export const MACHINES: readonly [DisturbanceKind, ...DisturbanceKind[]] = [
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
export const SYNC_STEPS = 200;
export const PLAN_STEPS = 20;
