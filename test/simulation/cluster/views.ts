import type { KubernetesObject } from '../../../core/objects.ts';
import { refKey, refOf } from '../../../core/objects.ts';
import type { ListQuery, LiveView } from '../../../kubernetes/cluster.ts';
import { reasonOf } from '../../../kubernetes/pause.ts';
import type { ModelApiServer } from '../../fakes/api-server/model-api-server.ts';
import { isSelected } from '../../fakes/api-server/selection.ts';
import type { Call } from '../engine/call.ts';
import { NETWORK } from '../engine/call.ts';
import type { Random } from '../engine/random.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { currentProcess } from '../engine/scheduler.ts';

/** The views of one worker, shared by all who ask for the same query, and as old as the watch behind them. */
export interface SharedViews {
  open(query: ListQuery, signal: AbortSignal, call: Call): Promise<LiveView>;
}

/** A list kept by a watch: the state of the store at some change in the past. */
interface Shared {
  readonly query: ListQuery;
  readonly objects: Map<string, KubernetesObject>;
  /** How many changes of the store it knows. */
  cursor: number;
  version: number;
  readonly waiting: Set<() => void>;
  /** Whether news is on its way. */
  expecting: boolean;
}

/** Makes the views of a worker. */
export function sharedViews(server: ModelApiServer, scheduler: Scheduler, random: Random): SharedViews {
  const byQuery = new Map<string, Shared>();

  /** Learns some of the changes it does not know yet, at least one. */
  const learn = (shared: Shared): void => {
    const unknown = server.changes.length - shared.cursor;
    const until = shared.cursor + (random.chance(0.7) ? unknown : 1 + random.below(Math.max(1, unknown)));
    for (; shared.cursor < until; shared.cursor += 1) {
      const change = server.changes[shared.cursor];
      if (change === undefined) break;
      const { type, object } = change;
      if (!isSelected(object, shared.query)) continue;
      const key = refKey(refOf(object));
      if (type === 'deleted') shared.objects.delete(key);
      else shared.objects.set(key, object);
      shared.version += 1;
    }
  };
  const expect = (shared: Shared): void => {
    if (shared.expecting || shared.waiting.size === 0 || shared.cursor === server.changes.length) return;
    shared.expecting = true;
    scheduler.soon(NETWORK, 'watch tells of', shared.query.kind, () => {
      shared.expecting = false;
      const before = shared.version;
      learn(shared);
      if (shared.version !== before) for (const wake of [...shared.waiting]) wake();
      expect(shared);
    });
  };
  const told = server.onChange;
  server.onChange = (change) => {
    told(change);
    for (const shared of byQuery.values()) expect(shared);
  };

  const listed = (query: ListQuery): Shared => {
    const objects = new Map(server.list(query).map((object) => [refKey(refOf(object)), object]));
    const shared = { query, objects, cursor: server.changes.length, version: 0, waiting: new Set<() => void>() };
    return { ...shared, expecting: false };
  };
  return {
    async open(query, signal, call) {
      const key = `${query.kind}/${query.namespace ?? ''}/${query.labelSelector ?? ''}`;
      const known = byQuery.get(key);
      const shared = known ?? (await call('view', query, signal, () => listed(query)));
      if (known === undefined) byQuery.set(key, shared);
      else if (random.chance(0.5)) learn(shared);
      return viewOf(shared, query.namespace, scheduler, () => expect(shared));
    },
  };
}

function viewOf(shared: Shared, home: string | undefined, scheduler: Scheduler, expect: () => void): LiveView {
  const { query, objects } = shared;
  let told = shared.version;
  return {
    get: (name, namespace = home) =>
      objects.get(
        refKey({
          apiVersion: query.apiVersion,
          kind: query.kind,
          name,
          ...(namespace === undefined ? {} : { namespace }),
        }),
      ),
    all: () => [...objects.values()],
    async changed(timeoutMs, signal) {
      signal.throwIfAborted();
      if (shared.version === told) await nextChange(shared, timeoutMs, signal, scheduler, expect);
      told = shared.version;
    },
    close: () => undefined,
  };
}

function nextChange(
  shared: Shared,
  timeoutMs: number,
  signal: AbortSignal,
  scheduler: Scheduler,
  expect: () => void,
): Promise<void> {
  const caller = currentProcess.getStore();
  if (caller === undefined) throw new Error('nobody waits for a change');
  return new Promise((resolve, reject) => {
    let over = false;
    const callOff = scheduler.later(timeoutMs, caller, 'looks again at', shared.query.kind, () => end(resolve));
    const end = (settle: () => void): void => {
      if (over) return;
      over = true;
      shared.waiting.delete(wake);
      callOff();
      signal.removeEventListener('abort', stop);
      settle();
    };
    const stop = (): void => end(() => reject(reasonOf(signal)));
    const wake = (): void => scheduler.soon(caller, 'sees a change of', shared.query.kind, () => end(resolve));
    shared.waiting.add(wake);
    signal.addEventListener('abort', stop, { once: true });
    expect();
  });
}
