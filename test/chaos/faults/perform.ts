import { APPLICATION_LABEL, SYNC_LABEL, workflowIdOf } from '../../../core/markers.ts';
import { labelsOf, refOf, uidOf } from '../../../core/objects.ts';
import { stringAt } from '../../../core/json.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { Driving, RunningApplication } from '../syncs/applications.ts';
import { openRuns, resetRun } from '../syncs/temporal.ts';
import type { ApiProxy } from './api-proxy.ts';
import type { Fault } from './fault-plan.ts';
import type { Workers } from './workers.ts';

/** What faults are done to. */
export interface Targets extends Driving {
  readonly sandbox: Sandbox;
  readonly proxy: ApiProxy;
  readonly workers: Workers;
  readonly running: ReadonlySet<RunningApplication>;
}

/** Does a fault; says what was done, and to which application, or undefined where there was nobody to do it to. */
export async function perform(
  targets: Targets,
  fault: Fault,
): Promise<{ readonly what: string; readonly application?: string } | undefined> {
  const { sandbox, proxy, workers } = targets;
  switch (fault.kind) {
    case 'kill-worker':
      return toWorker(workers.kill(fault.choice), 'SIGKILL');
    case 'stop-worker':
      return toWorker(workers.stop(fault.choice, fault.forMs), `SIGSTOP for ${fault.forMs} ms`);
    case 'restart-temporal':
      await sandbox.restartTemporal();
      return about('Temporal was restarted');
    case 'restart-api-server':
      await sandbox.restartApiServer();
      return about('the API server was restarted');
    case 'cut-api-server':
      proxy.cut();
      if (fault.forMs > 0) proxy.weather({ kind: 'down' }, fault.forMs);
      return about(`connections to the API server cut for ${fault.forMs} ms`);
    case 'close-watches':
      proxy.closeWatches();
      return about('watches closed');
    case 'weather':
      proxy.weather(fault.weather, fault.forMs);
      return about(`${JSON.stringify(fault.weather)} for ${fault.forMs} ms`);
    case 'delete-hook':
      return deleteHook(targets, fault.choice);
    case 'reset-root':
    case 'reset-phase':
      return reset(targets, fault);
    case 'abort':
      return abort(targets, fault.choice);
  }
}

function about(what: string, application?: RunningApplication) {
  return { what, ...(application === undefined ? {} : { application: application.name }) };
}

function toWorker(name: string | undefined, what: string) {
  return name === undefined ? undefined : about(`${what}: ${name}`);
}

function chosen<T>(items: readonly T[], choice: number): T | undefined {
  return items[choice % Math.max(1, items.length)];
}

/** Keeps an application from being synced again before something is done. */
function during<T>({ busy }: RunningApplication, doing: Promise<T>): Promise<T> {
  busy.add(doing);
  return doing.finally(() => busy.delete(doing));
}

async function deleteHook({ admin, running }: Targets, choice: number) {
  const jobs = await admin.list(
    { apiVersion: 'batch/v1', kind: 'Job', labelSelector: SYNC_LABEL },
    AbortSignal.timeout(5000),
  );
  const hooks = jobs.flatMap((job) => {
    const application = [...running].find(({ name }) => name === labelsOf(job)[APPLICATION_LABEL]);
    return application === undefined ? [] : [{ job, application }];
  });
  const hook = chosen(hooks, choice);
  if (hook === undefined) return undefined;
  const { job, application } = hook;
  const ref = refOf(job);
  application.deleted.add(ref.name);
  const options = { uid: uidOf(job), propagation: 'Background' } as const;
  await during(application, admin.delete(ref, options, AbortSignal.timeout(5000)));
  return about(`Job ${ref.name} (${stringAt(job, 'metadata', 'uid') ?? ''}) deleted from outside`, application);
}

async function reset({ temporal, running }: Targets, fault: Extract<Fault, { readonly point: number }>) {
  const application = chosen([...running], fault.choice);
  if (application === undefined) return undefined;
  const which = fault.kind === 'reset-root' ? 'root' : 'phase';
  return during(
    application,
    (async () => {
      const run = chosen(await openRuns(temporal, application.name, which), fault.choice);
      if (run === undefined) return undefined;
      // Counted before it is done: its answer may be lost.
      application.resets += 1;
      const event = await resetRun(temporal, run, fault.point);
      return event === undefined ? undefined : about(`${run.workflowId} reset to event ${event}`, application);
    })(),
  );
}

async function abort({ temporal, running }: Targets, choice: number) {
  const application = chosen([...running], choice);
  if (application === undefined) return undefined;
  application.aborted = true;
  const handle = temporal.workflow.getHandle(workflowIdOf('default', application.name));
  await during(application, handle.signal('abort', { by: 'chaos' }));
  return about('aborted', application);
}
