import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { HookInput } from '../../../workflows/activities.ts';
import { createActivities } from '../../../worker/activities.ts';
import { ApiError, ConnectionError } from '../../../kubernetes/errors.ts';
import { failure } from '../../../core/failures.ts';
import type { HookLab } from '../../support/hook-lab.ts';
import { hookLab } from '../../support/hook-lab.ts';

type Reason = Parameters<MockActivityEnvironment['cancel']>[0];

/** Runs the hook as Temporal would, and cancels it for a cause once its Job runs. */
async function cancelledWhileRunning(
  reason: Reason,
  details: ConstructorParameters<typeof ActivityCancellationDetails>[0],
): Promise<{ readonly lab: HookLab; readonly error: unknown }> {
  const lab = await hookLab();
  lab.cluster.behaviour = { kind: 'run' };
  await lab.claim();
  const environment = environmentOf();
  let waits = 0;
  const before = (call: string) => {
    if (call !== 'view.changed' || (waits += 1) < 3) return;
    environment.cancel(reason, new ActivityCancellationDetails(details));
  };
  const activities = createActivities(lab.dependencies({ through: { before } }));
  const error = await environment
    .run((input: HookInput) => activities.runHook(input), inputOf(lab))
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  return { lab, error };
}

function environmentOf(): MockActivityEnvironment {
  const workflowExecution = { workflowId: 'sync/model/shop/PreSync', runId: 'run-1' };
  return new MockActivityEnvironment({ workflowExecution }, { logger: new DefaultLogger('ERROR') });
}

function inputOf(lab: HookLab): HookInput {
  return { scope: lab.scope(), hook: lab.hook, phase: 'PreSync', wave: 0, ask: 1 };
}

describe('an activity that waits for a Job is stopped', () => {
  it.each<[string, Reason, ConstructorParameters<typeof ActivityCancellationDetails>[0]]>([
    ['because its worker shuts down', 'WORKER_SHUTDOWN', { workerShutdown: true }],
    ['because it is paused', 'CANCELLED', { paused: true }],
    ['because it is reset', 'CANCELLED', { reset: true }],
    ['because its workflow is closed or reset', 'NOT_FOUND', { notFound: true }],
    ['because its heartbeats were missed', 'TIMED_OUT', { timedOut: true }],
    ['because its workflow is gone, after a cancel', 'NOT_FOUND', { notFound: true, cancelRequested: true }],
  ])(
    '%s: the Job runs on for the next attempt to adopt, and Temporal is told to try again',
    async (_, reason, details) => {
      const { lab, error } = await cancelledWhileRunning(reason, details);
      expect(error).toBeInstanceOf(ApplicationFailure);
      expect(error).toMatchObject({ type: 'AttemptLeft', nonRetryable: false });
      expect(lab.releases()).toHaveLength(1);
      expect(lab.cluster.objects('Job')).toHaveLength(1);
      expect((await lab.ledger())[0]?.verdict).toBeUndefined();
      lab.cluster.behaviour = { kind: 'succeed', afterMs: 0 };
      lab.cluster.setStatus(lab.releases()[0]!, { conditions: [{ type: 'Complete', status: 'True' }] });
      expect(await lab.run()).toMatchObject({ kind: 'settled', attempt: 1, verdict: { outcome: 'succeeded' } });
      expect(lab.releases()).toHaveLength(1);
    },
  );

  it.each([{ cancelRequested: true }, { cancelRequested: true, paused: true }])(
    'because its sync is cancelled (%j): it ends as cancelled, and leaves the Job to the workflow to stop',
    async (details) => {
      const { lab, error } = await cancelledWhileRunning('CANCELLED', details);
      expect(error).toBeInstanceOf(CancelledFailure);
      expect(lab.cluster.objects('Job')).toHaveLength(1);
      await lab.stop();
      expect(lab.cluster.objects('Job')).toEqual([]);
    },
  );
});

describe('what an activity throws', () => {
  const status = (code: number, retryAfterSeconds?: number) =>
    new ApiError(`status ${String(code)}`, { code, reason: '', causes: [], retryAfterSeconds });
  it.each([
    ['no answer', new ConnectionError('reset'), { type: 'ClusterUnavailable', nonRetryable: false }],
    ['a 503', status(503), { type: 'ClusterUnavailable', nonRetryable: false }],
    ['a 429 with its delay', status(429, 7), { type: 'ClusterUnavailable', nextRetryDelay: 7_000 }],
    ['what may pass by itself', failure('KindNotServed', 'not yet'), { type: 'KindNotServed', nonRetryable: false }],
    ['a fault of ours', new TypeError('undefined is not a function'), {}],
  ])('for %s is tried again', async (_, thrown, expected) => {
    await expect(runInto(thrown)).rejects.toMatchObject(expected);
  });

  it.each([
    ['a 403', status(403), 'Forbidden'],
    ['what the user must mend', failure('BundleNotFound', 'gone'), 'BundleNotFound'],
  ])('for %s is an answer', async (_, thrown, type) => {
    expect(await runInto(thrown)).toMatchObject({ kind: 'failed', failures: [{ type }] });
  });

  it('never is the failure of an attempt that was stopped at the same moment', async () => {
    const environment = environmentOf();
    const lab = await hookLab();
    await lab.claim();
    const before = (call: string) => {
      if (call !== 'cluster.create') return;
      environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true }));
      throw status(500);
    };
    const activities = createActivities(lab.dependencies({ through: { before } }));
    await expect(environment.run((input: HookInput) => activities.runHook(input), inputOf(lab))).rejects.toBeInstanceOf(
      CancelledFailure,
    );
  });

  async function runInto(thrown: Error): Promise<unknown> {
    const lab = await hookLab();
    await lab.claim();
    const before = (call: string) => {
      if (call === 'cluster.get') throw thrown;
    };
    const activities = createActivities(lab.dependencies({ through: { before } }));
    return environmentOf().run((input: HookInput) => activities.runHook(input), inputOf(lab));
  }
});

describe('an activity of a sync', () => {
  it('says what it does in its heartbeats, without a value of a Secret', async () => {
    const lab = await hookLab();
    lab.cluster.behaviour = { kind: 'succeed', afterMs: 10_000 };
    await lab.claim();
    lab.cluster.at(lab.cluster.now() + 1_000, () => {
      const pod = lab.cluster.objects('Pod')[0]!;
      const message = 'cannot pull with password hunter2-hunter2';
      lab.cluster.setStatus((pod['metadata'] as { uid: string }).uid, {
        containerStatuses: [{ name: 'main', state: { waiting: { reason: 'ImagePullBackOff', message } } }],
      });
      // The Job's controller counts what its pods do, so that the change is seen at once.
      const job = lab.cluster.objects('Job')[0]!;
      lab.cluster.setStatus((job['metadata'] as { uid: string }).uid, { active: 1, ready: 0 });
    });
    const environment = environmentOf();
    const heartbeats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
    const activities = createActivities(lab.dependencies());
    await environment.run((input: HookInput) => activities.runHook(input), inputOf(lab));
    const told = JSON.stringify(heartbeats);
    expect(told).toContain('ImagePullBackOff');
    expect(told).toContain('[redacted]');
    expect(told).not.toContain('hunter2');
  });
});
