import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import type { WorkerOptions } from '@temporalio/worker';

/**
 * Where a worker's workflow code comes from: the bundle that the build wrote, or, when it runs from its sources, the
 * sources, which the worker bundles at its start.
 */
export function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const built = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(built)) return { workflowBundle: { codePath: built } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}
