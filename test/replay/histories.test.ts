import { readFile, readdir } from 'node:fs/promises';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import type { History } from '../support/histories.ts';
import { historyFromText } from '../support/histories.ts';
import { SYNC_SCENARIOS } from '../support/sync-scenarios.ts';
import { workflowBundle } from '../support/workflow-lab.ts';

const folder = new URL('./histories/', import.meta.url);
const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();

let bundle: WorkflowBundle;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  bundle = await workflowBundle();
});

async function historyOf(file: string): Promise<History> {
  return historyFromText(await readFile(new URL(file, folder), 'utf8'));
}

async function errorsOfReplay(histories: readonly { readonly workflowId: string; readonly history: History }[]) {
  const errors: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) {
    if (error !== undefined) errors.push(`${workflowId}: ${error.message}`);
  }
  return errors;
}

describe('the histories of earlier workflow code', () => {
  it('are there for every scenario, its root and its phases', () => {
    for (const scenario of Object.keys(SYNC_SCENARIOS)) {
      expect(files).toContain(`${scenario}.json`);
      expect(files.filter((file) => file.startsWith(`${scenario}.`)).length).toBeGreaterThan(1);
    }
  });

  it('replay on the workflow code as it is', async () => {
    const histories = await Promise.all(
      files.map(async (file) => ({ workflowId: file.replace('.json', ''), history: await historyOf(file) })),
    );
    expect(await errorsOfReplay(histories)).toEqual([]);
  });

  it('would not replay on code that asks for something else', async () => {
    const history = await historyOf('succeeded.json');
    const events = history.events?.map((event) => {
      const scheduled = event.activityTaskScheduledEventAttributes;
      if (scheduled?.activityType?.name !== 'claimRecord') return event;
      return {
        ...event,
        activityTaskScheduledEventAttributes: { ...scheduled, activityType: { name: 'somethingElse' } },
      };
    });
    expect(await errorsOfReplay([{ workflowId: 'altered', history: { events: events ?? [] } }])).toHaveLength(1);
  });
});
