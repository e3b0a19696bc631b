import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runBounded } from '../../programs/bounded-run.ts';
import { identifyProcess } from '../../programs/process-identity.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'bounded-run-'))));
afterEach(() => rm(folder, { recursive: true }));

const limits = { maxOutputBytes: 1000, maxMemoryBytes: 100 * 1024 * 1024 };
const run = (script: string, signal: AbortSignal = new AbortController().signal) =>
  runBounded({ file: '/bin/sh', args: ['-c', script], cwd: folder, env: { A: 'a' }, ...limits }, signal);

/** Whether the process whose id a script wrote is gone. */
async function isGone(file: string): Promise<boolean> {
  return (await identifyProcess(Number(await readFile(join(folder, file), 'utf8')))) === undefined;
}

test('a program that ends gives what it said, and has the given environment alone', async () => {
  const end = await run('printf "$A$HOME"; printf no >&2');

  expect(end).toMatchObject({ kind: 'succeeded', stderr: 'no' });
  expect(end.kind === 'succeeded' && end.stdout.toString()).toBe('a');
});

test('a program that fails gives its code and the beginning of what it said of it', async () => {
  const end = await run('head -c 100000 /dev/zero | tr "\\0" x >&2; exit 3');

  expect(end).toMatchObject({ kind: 'failed', code: 3 });
  expect(end.kind === 'failed' && end.stderr.length).toBe(16 * 1024);
});

test('a program that says too much is ended with all it started', async () => {
  expect(await run('sleep 60 & echo $! > child; yes')).toEqual({ kind: 'said-too-much' });

  await expect.poll(() => isGone('child')).toBe(true);
});

test('a program that takes too much memory is ended', async () => {
  const script = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(10 * 1024 * 1024, 1)), 5);';
  const greedy = { file: process.execPath, args: ['-e', script], cwd: folder, env: {}, ...limits };

  expect(await runBounded(greedy, AbortSignal.timeout(60_000))).toEqual({ kind: 'grew-too-large' });
});

test('an abort ends the program and all it started, also where they do not heed SIGTERM', async () => {
  const stop = new AbortController();
  const running = run(
    'trap "" TERM; (trap "" TERM; sleep 60) & echo $! > child; echo $$ > self; wait; sleep 60',
    stop.signal,
  );
  await expect.poll(() => readFile(join(folder, 'self'), 'utf8').catch(() => '')).not.toBe('');

  stop.abort(new Error('enough'));

  await expect(running).rejects.toThrow('enough');
  await expect.poll(() => isGone('child')).toBe(true);
  expect(await isGone('self')).toBe(true);
});

test('a program that can’t be started is an error that names it', async () => {
  const running = runBounded(
    { file: join(folder, 'gone'), args: [], cwd: folder, env: {}, ...limits },
    new AbortController().signal,
  );

  await expect(running).rejects.toThrow(`${join(folder, 'gone')} can't be started`);
});
