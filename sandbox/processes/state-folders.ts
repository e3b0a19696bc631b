import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { identifyProcess, isSameProcess, type ProcessIdentity } from '../../programs/process-identity.ts';
import { waitFor } from './waiting.ts';

/*
 * Every sandbox has a record in one folder of the user's, so that a later start finds what a supervisor that was
 * killed left behind, wherever its state folder is.
 */

const identitySchema = z.object({ pid: z.number(), started: z.string() });
const recordSchema = z.object({
  stateDir: z.string(),
  keepState: z.boolean(),
  supervisor: identitySchema,
  /** Whose pids these are: containers may share a home folder, and see none of each other's processes. */
  realm: z.string(),
});
const serverSchema = identitySchema.extend({ name: z.string() });

/** What is known of one sandbox on this machine. */
export type SandboxRecord = z.infer<typeof recordSchema>;

const OWNER_FILE = 'supervisor.json';
const SERVERS_FILE = 'servers.jsonl';

/** The folder for state folders and records: below `XDG_STATE_HOME`, or `~/.local/state`. */
function sandboxesFolder(): string {
  const base = process.env['XDG_STATE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.local', 'state'), 'syncline', 'sandboxes');
}

/**
 * Makes the state folder of a new sandbox, readable by the user alone.
 *
 * @param wanted where; without it a fresh folder is made. One that exists must be empty or a sandbox's own
 * @throws Error when the folder holds something else, or is in use by a sandbox that runs
 */
export async function claimStateFolder(wanted: string | undefined): Promise<string> {
  const root = sandboxesFolder();
  await mkdir(root, { recursive: true, mode: 0o700 });
  if (wanted === undefined) return mkdtemp(join(root, 'sandbox-'));
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const names = await readdir(wanted);
  const record = await readRecord(join(wanted, OWNER_FILE));
  if (names.length > 0 && record === undefined) {
    throw new Error(`${wanted} is not empty and not a sandbox's state folder; choose another`);
  }
  if (record !== undefined && (await isSameProcess(record.supervisor))) {
    throw new Error(`${wanted} is in use by a sandbox that runs (supervisor's pid ${record.supervisor.pid})`);
  }
  if (record !== undefined) await killServers(wanted);
  return wanted;
}

/** Records that this process supervises the sandbox of a state folder. */
export async function recordSupervisor(stateDir: string, keepState: boolean): Promise<void> {
  const supervisor = (await identifyProcess(process.pid)) ?? { pid: process.pid, started: '' };
  const record: SandboxRecord = { stateDir, keepState, supervisor, realm: await processRealm() };
  const text = JSON.stringify(record);
  await writeFile(join(stateDir, SERVERS_FILE), '', { mode: 0o600 });
  for (const path of [join(stateDir, OWNER_FILE), recordPath(stateDir)]) {
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}

/** Records a server of the sandbox, so that it is found even if the supervisor is killed. */
export async function recordServer(stateDir: string, name: string, pid: number): Promise<void> {
  const identity: ProcessIdentity = (await identifyProcess(pid)) ?? { pid, started: '' };
  await appendFile(join(stateDir, SERVERS_FILE), `${JSON.stringify({ ...identity, name })}\n`);
}

/** Forgets a sandbox whose servers have all ended; removes its state folder unless that is to be kept. */
export async function releaseStateFolder(stateDir: string, keepState: boolean): Promise<void> {
  if (!keepState) await rm(stateDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  await rm(recordPath(stateDir), { force: true });
}

/** The record in a state folder; `undefined` when it is not a sandbox's. */
export async function readStateFolder(stateDir: string): Promise<SandboxRecord | undefined> {
  return readRecord(join(stateDir, OWNER_FILE));
}

/** Ends what a supervisor that is gone left behind in one state folder, and releases the folder. */
export async function reapStateFolder(record: SandboxRecord): Promise<void> {
  await killServers(record.stateDir);
  await releaseStateFolder(record.stateDir, record.keepState);
}

/** Reaps all sandboxes whose supervisors are gone; returns their state folders. */
export async function reapStaleSandboxes(): Promise<readonly string[]> {
  const root = sandboxesFolder();
  const [names, realm] = await Promise.all([readdir(root).catch(() => []), processRealm()]);
  const reaped = names
    .filter((name) => name.endsWith('.json'))
    .map(async (name) => {
      const record = await readRecord(join(root, name));
      if (record?.realm !== realm || (await isSameProcess(record.supervisor))) return undefined;
      await reapStateFolder(record);
      return record.stateDir;
    });
  return (await Promise.all(reaped)).filter((dir) => dir !== undefined);
}

async function processRealm(): Promise<string> {
  return `${hostname()} ${await readlink('/proc/self/ns/pid').catch(() => '')}`;
}

function recordPath(stateDir: string): string {
  const id = createHash('sha256').update(stateDir).digest('hex').slice(0, 16);
  return join(sandboxesFolder(), `${id}.json`);
}

async function readRecord(path: string): Promise<SandboxRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function killServers(stateDir: string): Promise<void> {
  const text = await readFile(join(stateDir, SERVERS_FILE), 'utf8').catch(() => '');
  await Promise.all(
    text.split('\n').map(async (line) => {
      const server = parseServer(line);
      // Without a start time nothing tells the server from a stranger who was given its pid.
      if (server === undefined || server.started === '' || !(await isSameProcess(server))) return;
      process.kill(server.pid, 'SIGKILL');
      await untilGone(server);
    }),
  );
}

/** Waits until a process has ended; throws when it has not within the time. */
export async function untilGone(identity: ProcessIdentity, timeoutMs = 10_000): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs * 2);
  await waitFor(`end of process ${identity.pid}`, { timeoutMs, everyMs: 30, signal }, async () =>
    (await isSameProcess(identity)) ? undefined : true,
  );
}

function parseServer(line: string): z.infer<typeof serverSchema> | undefined {
  try {
    return serverSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
