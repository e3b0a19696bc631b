import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identifyProcess, isSameProcess } from '../../programs/process-identity.ts';
import { findFreePorts } from '../../sandbox/processes/ports.ts';

test('a process is recognised while it lives and not after', async () => {
  const child = spawn('sleep', ['60']);
  const identity = (await identifyProcess(child.pid!))!;
  expect(await isSameProcess(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isSameProcess(identity)).toBe(false);
});

test('a later process with the same pid is told from the earlier', async () => {
  const present = (await identifyProcess(process.pid))!;
  expect(await isSameProcess({ ...present, started: 'an earlier time' })).toBe(false);
});

test('free ports differ', async () => {
  expect(new Set(await findFreePorts(10)).size).toBe(10);
});
