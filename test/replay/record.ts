import { mkdir, writeFile } from 'node:fs/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToText } from '../support/histories.ts';
import { SYNC_SCENARIOS } from '../support/sync-scenarios.ts';
import { openWorkflowLab } from '../support/workflow-lab.ts';

/**
 * Plays scenarios on a real Temporal and writes the histories of their workflows to `histories/`, beside this file: one a
 * workflow, named for the scenario and the phase. Run it with the names of new scenarios
 * (`npm run histories:record -- NAME`): those of earlier code are what later code must replay.
 */
const folder = new URL('./histories/', import.meta.url);
const wanted = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const lab = await openWorkflowLab();
try {
  for (const [scenario, play] of Object.entries(SYNC_SCENARIOS)) {
    if (wanted.length > 0 && !wanted.includes(scenario)) continue;
    const sync = await play(lab);
    await sync.handle.result().catch(() => undefined);
    await write(`${scenario}.json`, sync.handle);
    for (const [name, handle] of Object.entries(sync.others ?? {})) {
      await handle.result().catch(() => undefined);
      await write(`${scenario}.${name}.json`, handle);
    }
    for (const { phase } of sync.application.script.plan.phases) {
      if (sync.application.calls.some((call) => call.startsWith(`${phase} `))) {
        await write(`${scenario}.${phase}.json`, sync.phase(phase));
      }
    }
  }
} finally {
  await lab.close();
}

async function write(file: string, handle: WorkflowHandle): Promise<void> {
  await writeFile(new URL(file, folder), historyToText(await handle.fetchHistory()));
}
