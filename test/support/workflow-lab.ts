import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import type { WorkflowHandleWithFirstExecutionRunId, WorkflowHandle, WorkflowQueryInput } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import type { SynclineClient } from '../../client/syncline-client.ts';
import { connect } from '../../client/client.ts';
import { phaseWorkflowIdOf, workflowIdOf } from '../../core/markers.ts';
import { HOOK_QUEUE, SYNC_QUEUE } from '../../core/sync/queues.ts';
import type { SyncOptions, SyncRequest } from '../../core/sync/request.ts';
import { DEFAULT_SYNC_OPTIONS } from '../../core/sync/request.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { queueActivities } from '../../worker/queue-activities.ts';
import type { WorkerVersion } from '../../worker/versioning.ts';
import { versioned } from '../../worker/versioning.ts';
import { registerSearchAttributes } from '../../worker/search-attributes.ts';
import type { syncApplication } from '../../workflows/sync-application.ts';
import { describedSync } from '../../workflows/sync-description.ts';
import type { ApplicationScript, FakeApplication } from '../fakes/sync-activities.ts';
import { fakeActivities } from '../fakes/sync-activities.ts';
import { memoryStore } from './planned-sync.ts';

/** A sync of one scripted application on a real Temporal. */
export interface LabSync {
  readonly handle: WorkflowHandleWithFirstExecutionRunId<typeof syncApplication>;
  readonly application: FakeApplication;
  readonly request: SyncRequest;
  /** The handle of a phase's workflow. */
  phase(phase: string): WorkflowHandle;
}

/** A sync that was started by something else than the test. */
export type PlayedByOthers = Omit<LabSync, 'handle' | 'request'> & { readonly handle: WorkflowHandle };

/** A real Temporal and a worker whose activities are scripted. */
export interface WorkflowLab {
  readonly client: Client;
  /** The library, on the same Temporal and a store in memory. */
  readonly syncline: SynclineClient;
  start(
    name: string,
    script: ApplicationScript,
    options?: Partial<SyncOptions>,
    traits?: Partial<Pick<SyncRequest, 'requestedAt' | 'deletion'>>,
  ): Promise<LabSync>;
  /** Scripts an application whose syncs are started in other ways. */
  script(name: string, script: ApplicationScript): FakeApplication;
  /** The sync of an application that something else starts. */
  triggered(name: string, application: FakeApplication): PlayedByOthers;
  /** Starts one more worker for both queues. */
  startWorker(version?: WorkerVersion): Promise<void>;
  close(): Promise<void>;
}

/** Bundles the workflow code as it stands in the sources. */
export async function workflowBundle(): Promise<WorkflowBundle> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  return bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
}

/** Temporal gives a query up after 10 s, which a loaded machine may take to bring a closed workflow back. */
const QUERY_TRIES = 5;

/** Asks again where no worker has answered a query in time. */
async function askAgain(
  input: WorkflowQueryInput,
  next: (input: WorkflowQueryInput) => Promise<unknown>,
): Promise<unknown> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await next(input);
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const isLate = isGrpcServiceError(cause) && cause.details.includes('query timed out');
      if (!isLate || tries === QUERY_TRIES) throw error;
    }
  }
}

/** Starts Temporal and a worker (of a version) for both queues; `close` it when the tests are over. */
export async function openWorkflowLab(version?: WorkerVersion): Promise<WorkflowLab> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const [sandbox, bundle] = await Promise.all([startSandbox({ kubernetes: false }), workflowBundle()]);
  const { temporalAddress: address, temporalNamespace: namespace } = sandbox;
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  await registerSearchAttributes(native, namespace);
  const client = new Client({ connection, namespace, interceptors: { workflow: [{ query: askAgain }] } });
  const fakes = fakeActivities();
  const shared = {
    connection: native,
    namespace,
    activities: { ...fakes.activities, ...queueActivities(client) },
    maxHeartbeatThrottleInterval: '100ms',
    defaultHeartbeatThrottleInterval: '100ms',
  } as const;
  const workers: { readonly worker: Worker; readonly running: Promise<void> }[] = [];
  const startWorker = async (of?: WorkerVersion): Promise<void> => {
    const options = { ...shared, ...versioned(of), ...(of === undefined ? {} : { identity: of.buildId }) };
    const started = await Promise.all([
      Worker.create({ ...options, workflowBundle: bundle, taskQueue: SYNC_QUEUE }),
      Worker.create({ ...options, taskQueue: HOOK_QUEUE }),
    ]);
    workers.push(...started.map((worker) => ({ worker, running: worker.run() })));
  };
  await startWorker(version);
  const syncline = await connect({ address, namespace, bundles: memoryStore() });
  return {
    client,
    syncline,
    startWorker,
    script: (name, script) => fakes.script(name, script),
    triggered: (name, application) => ({
      application,
      handle: client.workflow.getHandle(workflowIdOf('lab', name)),
      phase: (of) => client.workflow.getHandle(phaseWorkflowIdOf('lab', name, of)),
    }),
    async start(name, script, options = {}, traits = {}) {
      const application = fakes.script(name, script);
      const request = { ...requestOf(name, options), requestedAt: Date.now(), ...traits };
      const handle = await client.workflow.start<typeof syncApplication>('syncApplication', {
        ...describedSync(request),
        workflowId: workflowIdOf('lab', name),
        taskQueue: SYNC_QUEUE,
        args: [request],
        workflowIdConflictPolicy: 'FAIL',
      });
      const phase = (of: string) => client.workflow.getHandle(phaseWorkflowIdOf('lab', name, of));
      return { handle, application, request, phase };
    },
    async close() {
      for (const { worker } of workers) worker.shutdown();
      await Promise.all(workers.map(({ running }) => running));
      await syncline.close();
      await connection.close();
      await native.close();
      await sandbox.stop();
    },
  };
}

function requestOf(application: string, options: Partial<SyncOptions>): Omit<SyncRequest, 'requestedAt'> {
  return {
    version: 1,
    syncId: `sync-of-${application}`,
    application,
    cluster: 'lab',
    namespace: 'shop',
    createNamespace: false,
    bundle: 'sha256:bundle',
    revision: 'abc1234',
    requestedBy: 'test',
    indexed: true,
    options: { ...DEFAULT_SYNC_OPTIONS, ...options },
  };
}
