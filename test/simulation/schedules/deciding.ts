import type { SyncStatus } from '../../../core/sync/status.ts';
import {
  approveSignal,
  approveUpdate,
  rejectSignal,
  rejectUpdate,
  retrySignal,
  retryUpdate,
  skipSignal,
  skipUpdate,
  statusQuery,
} from '../../../workflows/messages.ts';
import type { Message, Run } from '../temporal/run.ts';
import type { HookSpec, Verb } from './schedule.ts';
import type { World } from './world.ts';

/** What is sent for a verb, as an update and as a signal. */
const NAMES: Readonly<Record<Verb, { readonly update: string; readonly signal: string }>> = {
  approve: named(approveUpdate, approveSignal),
  reject: named(rejectUpdate, rejectSignal),
  retry: named(retryUpdate, retrySignal),
  restart: named(retryUpdate, retrySignal),
  skip: named(skipUpdate, skipSignal),
};

/** What another person does at the same time. */
const RIVALS: Readonly<Record<Verb, Verb>> = {
  approve: 'reject',
  reject: 'approve',
  retry: 'skip',
  restart: 'retry',
  skip: 'retry',
};

/** Decides something of a sync: mostly once that is waited for, sometimes whatever it does. False where it is not to be yet. */
export function decides(world: World, root: Run, verb: Verb, choice: number): boolean {
  const status = statusOf(root);
  if (status === undefined || (choice % 4 !== 0 && !isWaitedFor(status, verb))) return false;
  const verbs = [[verb], [verb], [verb, verb], [verb, RIVALS[verb]]][(choice >> 2) % 4] ?? [verb];
  const messages = verbs.map((each, index) => messageOf(world, status, each, choice >> (4 + 5 * index)));
  const server = world.temporals.find(({ runs }) => runs.includes(root));
  server?.tell(root, messages);
  world.scheduler.tell?.(`      *** ${verbs.join(' and ')} ${root.runId} ${JSON.stringify(messages)}`);
  return true;
}

/** What a sync says of itself; undefined before it has begun. */
export function statusOf(root: Run): SyncStatus | undefined {
  return root.handlers.get(statusQuery.name)?.handle(undefined) as SyncStatus | undefined;
}

function isWaitedFor(status: SyncStatus, verb: Verb): boolean {
  return verb === 'approve' || verb === 'reject' ? openGateOf(status) !== undefined : status.state === 'holding';
}

function openGateOf({ phases }: SyncStatus): string | undefined {
  return phases.flatMap(({ waves }) => waves).find(({ approval }) => approval?.state === 'waiting')?.approval?.gate;
}

function messageOf(world: World, status: SyncStatus, verb: Verb, choice: number): Message {
  const kind = choice % 2 === 0 ? 'update' : 'signal';
  const name = NAMES[verb][kind];
  const who = { by: world.person(), reason: 'because' };
  switch (verb) {
    case 'approve':
    case 'reject':
      return { kind, name, argument: { ...who, ...objectOf(world, status, (choice >> 1) % 8) } };
    case 'retry':
      return { kind, name, argument: who };
    case 'restart':
      return { kind, name, argument: { ...who, restart: true } };
    case 'skip':
      return { kind, name, argument: { ...who, step: stepOf(world, status, choice >> 1) } };
  }
}

/** What a decision on a gate says that it is for: mostly the right plan and gate, sometimes less, or another one. */
function objectOf(
  world: World,
  status: SyncStatus,
  choice: number,
): { readonly plan?: string; readonly gate?: string } {
  const gate = openGateOf(status) ?? gateOf(world.schedule.hooks);
  const plan = status.plan ?? 'sha256:0';
  if (choice < 4) return { plan, gate };
  if (choice === 4) return { gate };
  if (choice === 5) return {};
  return choice === 6 ? { plan: 'sha256:0', gate } : { plan, gate: 'PostSync/7' };
}

function gateOf(hooks: readonly HookSpec[]): string {
  const gated = hooks.find(({ approval }) => approval);
  return gated === undefined ? 'Sync/0' : `${gated.phase}/${String(gated.wave)}`;
}

/** Mostly a hook that has failed. */
function stepOf({ schedule }: World, { phases }: SyncStatus, choice: number): string {
  const steps = phases.flatMap(({ waves }) => waves).flatMap((wave) => wave.steps);
  const failed = steps.find((step) => step.kind === 'hook' && step.state === 'failed');
  if (failed?.kind === 'hook' && choice % 4 !== 0) return failed.ref.name;
  return schedule.hooks[choice % schedule.hooks.length]?.name ?? '';
}

function named(update: { readonly name: string }, signal: { readonly name: string }) {
  return { update: update.name.replace(/^update /, ''), signal: signal.name };
}
