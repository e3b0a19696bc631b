import type { DisturbanceKind, SyncSpec } from './schedule.ts';

/** Kinds of schedules: what people do while machines fail. */
export const UNDECIDED: readonly [Story, ...Story[]] = [
  { people: [], syncs: 1 },
  { people: [], syncs: 1 },
  { people: ['reset'], syncs: 1 },
  { people: ['reset-phase'], syncs: 1 },
  { people: ['reset', 'reset'], syncs: 1 },
  { people: ['abort'], syncs: 1 },
  { people: ['reset', 'abort'], syncs: 1 },
  { people: ['reset-phase', 'abort'], syncs: 1 },
  { people: ['cancel'], syncs: 1 },
  { people: ['terminate'], syncs: 2 },
  { people: ['terminate-phase'], syncs: 2 },
  { people: ['abort'], syncs: 2 },
  { people: ['terminate', 'terminate'], syncs: 3 },
  { people: ['terminate', 'terminate', 'reset'], syncs: 2 },
  { people: [], syncs: 2 },
  { people: [], syncs: 2, servers: 2 },
  { people: ['reset'], syncs: 2, servers: 2 },
  { people: ['abort'], syncs: 2, servers: 2 },
];

/** The same, where somebody decides, or where syncs wait for their turn. */
export const DECIDED: readonly [Story, ...Story[]] = [
  { people: ['retry'], syncs: 1, waits: 'hold' },
  { people: ['retry', 'skip'], syncs: 1, waits: 'hold' },
  { people: ['restart', 'retry'], syncs: 1, waits: 'hold' },
  { people: ['retry', 'abort'], syncs: 1, waits: 'hold' },
  { people: ['retry', 'reset'], syncs: 1, waits: 'hold' },
  { people: ['retry', 'reset-phase'], syncs: 1, waits: 'hold' },
  { people: ['approve'], syncs: 1, waits: 'gate' },
  { people: ['reject', 'approve'], syncs: 1, waits: 'gate' },
  { people: ['reject', 'approve', 'reset'], syncs: 1, waits: 'gate' },
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

/** How many syncs there are, and what they wait for. */
export interface Setting {
  readonly syncs: 1 | 2 | 3;
  readonly servers?: 2;
  /** What it waits for somebody with. */
  readonly waits?: 'hold' | 'gate';
  /** How each sync is asked for; absent: each once the one before it has ended. */
  readonly turns?: readonly SyncSpec['turn']['kind'][];
}

/** What people do in a setting, at any time. */
export interface Story extends Setting {
  readonly people: readonly DisturbanceKind[];
}
