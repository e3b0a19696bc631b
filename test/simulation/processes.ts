import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Batch, BatchResult, Progress, Violation } from './batch.ts';
import type { Seeds } from './schedules/seeds.ts';

const PROCESS = fileURLToPath(new URL('./batch-process.ts', import.meta.url));
const MODULES = new URL('./temporal/modules.ts', import.meta.url).href;

/** Schedules leave nothing behind, so that few objects outlive a large young generation. */
const FLAGS = ['--max-semi-space-size=64'];

/** Schedules to run, in how many processes. */
export interface Simulation {
  readonly seeds: readonly Seeds[];
  readonly processes: number;
  readonly untilBroken: boolean;
  readonly mutant?: string;
  /** Is told now and then how far all processes have come. */
  readonly tell?: (progress: Progress) => void;
}

/** What a process says: how far it has come, or what it came to. */
type Said = { readonly progress: Progress } | { readonly result: BatchResult };

/** Runs schedules in processes side by side. Throws where a process ends without a result. */
export async function runInProcesses(simulation: Simulation): Promise<BatchResult> {
  const { seeds, processes: stride, untilBroken, mutant } = simulation;
  const batches = Array.from({ length: stride }, (_, offset): Batch => {
    const batch = { seeds, stride, offset, untilBroken };
    return mutant === undefined ? batch : { ...batch, mutant };
  });
  const progress = new Map<Batch, Progress>();
  const tell = (batch: Batch, of: Progress): void => {
    progress.set(batch, of);
    const all = [...progress.values()];
    simulation.tell?.({
      schedules: all.reduce((sum, each) => sum + each.schedules, 0),
      violations: all.flatMap(({ violations }) => violations),
    });
  };
  const results = await Promise.all(batches.map((batch) => runInProcess(batch, (of) => tell(batch, of))));
  return {
    schedules: results.reduce((sum, result) => sum + result.schedules, 0),
    steps: results.reduce((sum, result) => sum + result.steps, 0),
    violations: results.flatMap(({ violations }) => violations).sort(bySeed),
  };
}

function bySeed(a: Violation, b: Violation): number {
  return String(a.seed).localeCompare(String(b.seed), 'en', { numeric: true });
}

function runInProcess(batch: Batch, tell: (progress: Progress) => void): Promise<BatchResult> {
  const { mutant } = batch;
  const env = { ...process.env, ...(mutant === undefined ? {} : { SYNCLINE_MUTANT: mutant }) };
  const child = fork(PROCESS, [JSON.stringify(batch)], {
    execArgv: [...FLAGS, '--import', MODULES],
    env,
    silent: true,
  });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    child.on('message', (message) => {
      const said = message as Said;
      if ('result' in said) resolve(said.result);
      else tell(said.progress);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a simulation ended with code ${String(code)}: ${said}`)));
  });
}
