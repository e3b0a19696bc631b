import type { WorkerOptions } from '@temporalio/worker';

/** The deployment that a worker's version belongs to where nothing names one. */
const DEFAULT_DEPLOYMENT = 'syncline';

/** A worker's version, as Temporal knows it. */
export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/**
 * The version that the environment gives a worker: `TEMPORAL_WORKER_BUILD_ID`, of the deployment `TEMPORAL_DEPLOYMENT_NAME`
 * (default `syncline`); the names that Temporal's worker controller for Kubernetes sets. Undefined where it gives none: then
 * any worker takes on any sync.
 */
export function versionIn(env: Readonly<Record<string, string | undefined>>): WorkerVersion | undefined {
  const buildId = env['TEMPORAL_WORKER_BUILD_ID'];
  if (buildId === undefined || buildId === '') return undefined;
  const deployment = env['TEMPORAL_DEPLOYMENT_NAME'];
  const deploymentName = deployment === undefined || deployment === '' ? DEFAULT_DEPLOYMENT : deployment;
  return { deploymentName, buildId };
}

/** The options of a worker of a version: a sync stays with the version it began on, unless its workflow says otherwise. */
export function versioned(version: WorkerVersion | undefined): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (version === undefined) return {};
  return { workerDeploymentOptions: { useWorkerVersioning: true, version, defaultVersioningBehavior: 'PINNED' } };
}

/** The command by which a version becomes the one that new syncs begin on. */
export function promotionOf({ deploymentName, buildId }: WorkerVersion): string {
  return `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;
}
