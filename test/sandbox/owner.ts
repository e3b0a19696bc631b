import { setTimeout as delay } from 'node:timers/promises';
import { startSandbox } from '../../sandbox/sandbox.ts';

/*
 * A process that owns a sandbox, for tests of what happens when such a process ends. It says what it started in a
 * line of JSON. "leave": ends by itself without stopping the sandbox; "detach": so, with a detached sandbox. "temporal": the
 * sandbox has Temporal in place of Kubernetes, which starts in a fifth of the time.
 */
const modes = process.argv.slice(2);
const servers = modes.includes('temporal') ? { kubernetes: false } : { temporal: false };
const sandbox = await startSandbox({ ...servers, detach: modes.includes('detach') });
const { stateDir, supervisorPid } = sandbox;
process.stdout.write(`${JSON.stringify({ stateDir, supervisorPid, pids: sandbox.pids() })}\n`);
if (!modes.includes('leave') && !modes.includes('detach')) await delay(600_000);
