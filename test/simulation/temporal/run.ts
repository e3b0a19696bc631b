import type { SyncRequest } from '../../../core/sync/request.ts';
import type { Process } from '../engine/scheduler.ts';
import type { Command, RunContext } from './workflow-api.ts';

/** How something that a workflow waited for came out. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: Error };

/** What a run is told from outside. */
export interface Message {
  readonly kind: 'signal' | 'update' | 'cancel';
  readonly name: string;
  readonly argument: unknown;
}

/** What became of a message: a handler took it, a validator or handler refused it, or no run was there to hear it. */
export type Answer = 'taken' | { readonly refused: string } | 'not open';

/** A message as a run heard it. */
export interface Heard {
  readonly message: Message;
  readonly at: number;
  /** Undefined while its handler is at work. */
  answer: Answer | undefined;
}

/** What a history keeps of one workflow task: what it was told, then what it had waited for. */
export interface Activation {
  readonly messages: readonly Message[];
  readonly resolved: readonly { readonly seq: number; readonly outcome: Outcome }[];
  /** Changes of workflow code that were asked for in it. */
  readonly patches: Set<string>;
  /** Whether a run that is reset to here would have no child that is under way. */
  readonly resettable: boolean;
}

/** A run of a workflow. */
export interface Run extends RunContext {
  readonly type: string;
  readonly input: unknown;
  readonly process: Process;
  readonly parent: { readonly workflowId: string; readonly run: Run; readonly seq: number } | undefined;
  readonly events: Activation[];
  status: 'open' | 'completed' | 'failed' | 'terminated' | 'continued';
  result: unknown;
  /** Whether it was told to stop: an abort, a cancel, or the end of its parent. */
  told: boolean;
  /** Messages that this run has heard itself, and not one of its predecessors before a reset. */
  readonly heard: Heard[];
  /** What it has asked for in earnest, and when; 0 for what a run before a reset had asked for already. */
  readonly issued: { readonly at: number; readonly seq: number; readonly command: Command }[];
}

/** The ID of the sync that a root or a phase is of; undefined for a line. */
export function syncIdOf({ input }: Run): string | undefined {
  const { syncId, request } = input as Partial<SyncRequest> & { readonly request?: SyncRequest };
  return syncId ?? request?.syncId;
}
