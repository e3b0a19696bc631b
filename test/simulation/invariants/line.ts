import type { Departed, Joining, Line } from '../../../core/queue/line.ts';
import type { SyncRequest } from '../../../core/sync/request.ts';
import { departedId } from '../../../core/queue/line.ts';
import { lineQuery } from '../../../workflows/messages.ts';
import type { World } from '../schedules/world.ts';
import type { Message, Run } from '../temporal/run.ts';

/** Each request in the line is served once, in its turn, or leaves the line without being served, and then never is. */
export function servedOnce(world: World): readonly string[] {
  const queues = queuesOf(world);
  const joined = joinedIn(queues);
  const left = queues.flatMap(departedFrom);
  const unserved = new Set(left.filter(({ kind }) => kind !== 'started').map(departedId));
  const served = joined.map((syncId) => ({ syncId, starts: startsOf(world, syncId) }));
  return [
    ...[...world.joined]
      .filter((syncId) => !joined.includes(syncId))
      .map((syncId) => `${syncId} never came into the line`),
    ...served.flatMap(({ syncId, starts }) => {
      if (starts.length > 1) return [`${syncId} was served ${String(starts.length)} times`];
      if (starts.length === 0) return unserved.has(syncId) ? [] : [`${syncId} was forgotten`];
      return unserved.has(syncId) ? [`${syncId} was served, though it is said to have left the line before`] : [];
    }),
    ...outOfTurn(served.flatMap(({ starts }) => starts.slice(0, 1))),
  ];
}

/** Who is withdrawn while its sync is being started is too late for the line, which has that sync aborted. */
export function withdrawnIsStopped(world: World): readonly string[] {
  return queuesOf(world).flatMap((queue) =>
    queue.issued.flatMap(({ seq, command }) => {
      if (command.kind !== 'start') return [];
      const { syncId } = command.input as SyncRequest;
      const answered = queue.events.findIndex(({ resolved }) =>
        resolved.some((each) => each.seq === seq && each.outcome.ok),
      );
      const asked = queue.events.findIndex(({ messages }) => messages.some((message) => withdraws(message, syncId)));
      if (asked < 0 || asked > answered || !isAskedSince(queue, seq, asked)) return [];
      const isTold = queue.issued.some(
        (later) => later.seq > seq && later.command.kind === 'signal' && later.command.name === 'abort',
      );
      return isTold ? [] : [`${syncId} was withdrawn while it was being started, and was not aborted`];
    }),
  );
}

function withdraws({ name, argument }: Message, syncId: string): boolean {
  return name === 'withdraw' && (argument as { readonly syncId: string }).syncId === syncId;
}

/** Whether a task of a queue came after a command of it: not before what made that command, which is the first task or the one that resolved what came before it. */
function isAskedSince({ issued, events }: Run, seq: number, asked: number): boolean {
  const before = issued.filter((each) => each.seq < seq).map((each) => each.seq);
  const madeIn = events.findLastIndex(({ resolved }) => resolved.some((each) => before.includes(each.seq)));
  return asked > Math.max(0, madeIn);
}

function queuesOf({ temporals: [{ runs }] }: World): readonly Run[] {
  return runs.filter(({ type }) => type === 'queueSyncs');
}

/** The syncs that came into the line, in their order. */
function joinedIn(queues: readonly Run[]): readonly string[] {
  const joins = queues.flatMap(({ heard }) => heard.filter(({ message }) => message.name === 'join'));
  return [...new Set(joins.map(({ message }) => (message.argument as Joining).request.syncId))];
}

function departedFrom({ handlers }: Run): readonly Departed[] {
  return (handlers.get(lineQuery.name)?.handle(undefined) as Line | undefined)?.departed ?? [];
}

/** Where the first runs of a sync's root stand among all runs; a reset begins none. */
function startsOf(world: World, syncId: string): readonly number[] {
  const [{ runs }] = world.temporals;
  return world
    .rootsOf(syncId)
    .filter(({ runId, firstExecutionRunId }) => runId === firstExecutionRunId)
    .map((root) => runs.indexOf(root));
}

function outOfTurn(starts: readonly number[]): readonly string[] {
  return starts.some((at, index) => index > 0 && at < (starts[index - 1] ?? 0))
    ? ['the line was not served in turn']
    : [];
}
