import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identifyProcess, isSameProcess, type ProcessIdentity } from './process-identity.ts';

const holderSchema = z.object({ pid: z.number(), started: z.string(), token: z.string() });

type Holder = z.infer<typeof holderSchema>;

/** How to wait for a lock that another process holds. */
export interface LockWait {
  /** Called about twice a second while another holds it. */
  readonly onWait: (holder: ProcessIdentity, elapsedMs: number) => void;
  readonly signal: AbortSignal | undefined;
}

const POLL_MS = 500;

/**
 * Runs `work` while holding the lock at `path`, and gives it back whatever happens. The lock of a process that
 * died is taken over.
 *
 * The lock saves double work and no more: what is done under it must be safe to be done twice, since between
 * finding a dead holder and taking over, two processes can come to hold it.
 */
export async function withLock<T>(path: string, wait: LockWait, work: () => Promise<T>): Promise<T> {
  const own: Holder = {
    ...((await identifyProcess(process.pid)) ?? { pid: process.pid, started: '' }),
    token: randomUUID(),
  };
  const since = Date.now();
  while (!(await tryAcquire(path, own))) {
    wait.signal?.throwIfAborted();
    const holder = await readHolder(path);
    if (holder !== undefined && (await isSameProcess(holder))) {
      wait.onWait(holder, Date.now() - since);
      await delay(POLL_MS, undefined, wait.signal ? { signal: wait.signal } : {});
    } else {
      await removeStale(path, holder);
    }
  }
  try {
    return await work();
  } finally {
    if ((await readHolder(path))?.token === own.token) await rm(path, { force: true });
  }
}

/** A link either is made whole or not at all, so no reader ever sees a lock without its holder. */
async function tryAcquire(path: string, own: Holder): Promise<boolean> {
  const draft = `${path}.${own.token}`;
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeStale(path: string, seen: Holder | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}.stale`;
  try {
    await rename(path, aside);
    const moved = await readHolder(aside);
    // Somebody was quicker, and this is now their lock: give it back.
    if (moved !== undefined && moved.token !== seen?.token) await link(aside, path);
  } catch (error) {
    if (!isCode(error, 'ENOENT') && !isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
