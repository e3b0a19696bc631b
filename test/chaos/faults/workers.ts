import type { CliInput, Environment } from '../../e2e/support/processes.ts';
import { spawnWorker } from '../../e2e/support/processes.ts';

/** Worker processes that can be killed and stopped; whichever is killed is followed by a new one. */
export interface Workers {
  /** Kills one by SIGKILL and says which; undefined while none can be spared. */
  kill(choice: number): string | undefined;
  /** Stops one by SIGSTOP and says which, and lets it go on after a while, unless it has been killed meanwhile; undefined while none can be spared. */
  stop(choice: number, forMs: number): string | undefined;
  /** How many have ended without being told to. */
  lost(): number;
  /** Everything that all of them have logged. */
  logs(): string;
  /** Kills all, for good. */
  close(): Promise<void>;
}

interface Member {
  readonly name: string;
  readonly pid: number;
  readonly worker: Awaited<ReturnType<typeof spawnWorker>>;
}

/** Starts workers and keeps so many of them alive. */
export async function startWorkers(
  environment: Environment,
  count: number,
  input: Pick<CliInput, 'program'>,
): Promise<Workers> {
  const alive = new Set<Member>();
  const stopped = new Set<Member>();
  const all: Member[] = [];
  const starting = new Set<Promise<void>>();
  let closed = false;
  let lost = 0;
  const start = async (): Promise<void> => {
    while (!closed) {
      // One that finds Temporal or the API server away ends at once, and its supervisor starts another.
      const worker = await spawnWorker(environment, [], input).catch(() => undefined);
      if (worker === undefined) continue;
      const member = { name: `worker ${all.length + 1}`, pid: worker.child.pid!, worker };
      all.push(member);
      alive.add(member);
      worker.child.once('exit', () => {
        if (!alive.delete(member)) return;
        lost += 1;
        keep();
      });
      return;
    }
  };
  const keep = (): void => {
    if (closed) return;
    const one: Promise<void> = start().finally(() => starting.delete(one));
    starting.add(one);
  };
  /** Where none works nothing is disturbed, and on a slow machine none would ever come to work. */
  const spared = (choice: number): Member | undefined => {
    const working = [...alive].filter((member) => !stopped.has(member));
    return working.length < 2 ? undefined : working[choice % working.length];
  };
  await Promise.all(Array.from({ length: count }, start));
  return {
    kill(choice) {
      const member = spared(choice);
      if (member === undefined) return undefined;
      alive.delete(member);
      process.kill(member.pid, 'SIGKILL');
      keep();
      return member.name;
    },
    stop(choice, forMs) {
      const member = spared(choice);
      if (member === undefined) return undefined;
      process.kill(member.pid, 'SIGSTOP');
      stopped.add(member);
      setTimeout(() => {
        stopped.delete(member);
        if (alive.has(member)) process.kill(member.pid, 'SIGCONT');
      }, forMs);
      return member.name;
    },
    lost: () => lost,
    logs: () => all.map(({ worker }) => worker.log()).join(''),
    async close() {
      closed = true;
      await Promise.all([...starting]);
      const members = [...alive];
      alive.clear();
      await Promise.all(members.map(({ worker }) => worker.end('SIGKILL')));
    },
  };
}
