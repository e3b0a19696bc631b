import { setTimeout as delay } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox.ts';

/*
 * A process that owns a sandbox, for tests of what happens when such a process ends. It says what it started in a
 * line of JSON. "leave": ends by itself without stopping the sandbox; "detach": so, with a detached sandbox.
 */
const mode = process.argv[2];
const sandbox = await startSandbox({ temporal: false, detach: mode === 'detach' });
const { stateDir, supervisorPid } = sandbox;
process.stdout.write(`${JSON.stringify({ stateDir, supervisorPid, pids: sandbox.pids() })}\n`);
if (mode === undefined) await delay(600_000);
