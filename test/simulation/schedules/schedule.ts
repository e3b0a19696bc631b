import type { DeletePolicy } from '../../../core/phases.ts';
import type { Behaviour } from '../cluster/controllers.ts';
import type { Temper } from '../engine/scheduler.ts';
import type { Moment, Request } from './moments.ts';

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
  /** When it is asked for: at once, at a step, once something has happened, or once the one before it has ended. */
  readonly start:
    | { readonly kind: 'step'; readonly step: number }
    | { readonly kind: 'upon'; readonly moment: Moment; readonly times: number }
    | { readonly kind: 'after-previous' };
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
  /** Requests, or those of one kind, are refused for a while. */
  | 'outage'
  /** Whoever makes a request stands still at it until something else has happened. */
  | 'hold-back'
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

/** A disturbance, and the step from which on it happens as soon as it can. */
export interface Disturbance {
  readonly step: number;
  readonly kind: DisturbanceKind;
  /** Whether it comes only after the one before it in the schedule has happened: its step and its moment count from then on. */
  readonly inTurn?: true;
  /** What must happen from that step on before it does; absent = nothing. */
  readonly upon?: Moment;
  /** The request an attempt must be making for it to be hit; absent = whatever it does. */
  readonly during?: Request;
  /** When what is held back goes on. */
  readonly until?: Moment;
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
