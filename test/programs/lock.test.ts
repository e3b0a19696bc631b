import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../programs/lock.ts';

let dir: string;
beforeEach(async () => (dir = await mkdtemp(join(tmpdir(), 'lock-'))));
afterEach(() => rm(dir, { recursive: true, force: true }));

const patient = { onWait: () => undefined, signal: undefined };

test('two who want the lock at once have it one after the other, and the second is told to wait', async () => {
  const path = join(dir, 'lock');
  const order: string[] = [];
  const waits: number[] = [];
  let release = (): void => undefined;
  const first = withLock(path, patient, async () => {
    order.push('first in');
    await new Promise<void>((done) => (release = done));
    order.push('first out');
  });
  while (order.length === 0) await new Promise(setImmediate);
  const onWait = ({ pid }: { pid: number }): void => {
    waits.push(pid);
    release();
  };
  await Promise.all([first, withLock(path, { onWait, signal: undefined }, async () => void order.push('second in'))]);
  expect(order).toEqual(['first in', 'first out', 'second in']);
  expect(waits[0]).toBe(process.pid);
  expect(await readdir(dir)).toEqual([]);
});

test('the lock of a process that died is taken over', async () => {
  const child = spawn('sleep', ['0']);
  const { pid } = child;
  await once(child, 'exit');
  await writeFile(join(dir, 'lock'), JSON.stringify({ pid, started: 'then', token: 'x' }));
  expect(await withLock(join(dir, 'lock'), patient, async () => 'mine')).toBe('mine');
  expect(await readdir(dir)).toEqual([]);
});

test('a lock file that is no lock is taken over', async () => {
  await writeFile(join(dir, 'lock'), '{"pid":');
  expect(await withLock(join(dir, 'lock'), patient, async () => 'mine')).toBe('mine');
});

test('the lock is given back when the work fails', async () => {
  const path = join(dir, 'lock');
  await expect(withLock(path, patient, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await readdir(dir)).toEqual([]);
});

test('waiting ends with the signal', async () => {
  const path = join(dir, 'lock');
  const cancel = new AbortController();
  await withLock(path, patient, async () => {
    const waiting = withLock(path, { onWait: () => cancel.abort(), signal: cancel.signal }, async () => 'never');
    await expect(waiting).rejects.toThrow(/abort/);
  });
});
