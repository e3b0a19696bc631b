import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Batch, BatchResult } from './batch.ts';

const PROCESS = fileURLToPath(new URL('./batch-process.ts', import.meta.url));
const MODULES = new URL('./temporal/modules.ts', import.meta.url).href;

/** Schedules leave nothing behind, so that few objects outlive a large young generation. */
const FLAGS = ['--max-semi-space-size=64'];

/** Schedules to run, in how many processes. */
export interface Simulation {
  readonly first: number;
  readonly schedules: number;
  readonly processes: number;
  readonly untilBroken: boolean;
  readonly mutant?: string;
}

/** Runs schedules in processes side by side. Throws where a process ends without a result. */
export async function runInProcesses(simulation: Simulation): Promise<BatchResult> {
  const { first, schedules, processes: stride, untilBroken, mutant } = simulation;
  const batches = Array.from({ length: stride }, (_, index): Batch => {
    const batch = { first: first + index, end: first + schedules, stride, untilBroken };
    return mutant === undefined ? batch : { ...batch, mutant };
  });
  const results = await Promise.all(batches.map(runInProcess));
  return {
    schedules: results.reduce((sum, result) => sum + result.schedules, 0),
    steps: results.reduce((sum, result) => sum + result.steps, 0),
    violations: results.flatMap(({ violations }) => violations).sort((a, b) => a.seed - b.seed),
  };
}

function runInProcess(batch: Batch): Promise<BatchResult> {
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
    child.once('message', (result) => resolve(result as BatchResult));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a simulation ended with code ${String(code)}: ${said}`)));
  });
}
