import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hookVerdict } from '../../../core/health/hook-verdict.ts';
import { jobVerdict } from '../../../core/health/job-verdict.ts';
import { healthOf } from '../../../core/health/rules.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { aCondition, aCronJob, aJob } from './builders.ts';

const FAILED = aCondition('Failed', 'True', {
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
});
const RESUMED = aCondition('Suspended', 'False', { reason: 'JobResumed' });
const SUSPENDED = aCondition('Suspended', 'True', { reason: 'JobSuspended' });

/** What a watch showed of a Job with backoffLimit 0, from its creation with `suspend: true` (Kubernetes 1.36.3). */
function recorded(file: string): readonly KubernetesObject[] {
  return JSON.parse(readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8')) as readonly KubernetesObject[];
}

describe('Job [argo 4.Job]', () => {
  it.each([
    ['no condition is Progressing', aJob(), 'Progressing'],
    ['Failed is Degraded', aJob({ status: { conditions: [FAILED] } }), 'Degraded'],
    [
      'Failed with backoffLimit 0 is Degraded',
      aJob({ spec: { backoffLimit: 0 }, status: { failed: 1, conditions: [FAILED] } }),
      'Degraded',
    ],
    ['Complete is Healthy', aJob({ status: { conditions: [aCondition('Complete', 'True')] } }), 'Healthy'],
    ['Suspended is Suspended', aJob({ spec: { suspend: true }, status: { conditions: [SUSPENDED] } }), 'Suspended'],
    ['failed pods within the backoff limit are invisible', aJob({ status: { active: 1, failed: 2 } }), 'Progressing'],
    [
      'Suspended is Suspended also where the spec does not say',
      aJob({ spec: { suspend: null }, status: { conditions: [SUSPENDED] } }),
      'Suspended',
    ],
    ['nothing about suspension is Progressing', aJob({ spec: { suspend: null } }), 'Progressing'],
    [
      'differs from Argo CD: a lingering Suspended=False of a resumed Job is Progressing, not Healthy [argo 4.Job-resumed]',
      aJob({ status: { active: 1, conditions: [RESUMED] } }),
      'Progressing',
    ],
    [
      'differs from Argo CD: Failed with status False is not Degraded',
      aJob({ status: { conditions: [aCondition('Failed', 'False')] } }),
      'Progressing',
    ],
    [
      'differs from Argo CD: a Job that is to be suspended counts as Suspended before the condition says so',
      aJob({ spec: { suspend: true } }),
      'Suspended',
    ],
    [
      'differs from Argo CD: a Job that was released is Progressing while the condition still says Suspended',
      aJob({ status: { conditions: [SUSPENDED] } }),
      'Progressing',
    ],
    [
      'a resumed Job that completes is Healthy',
      aJob({ status: { conditions: [RESUMED, aCondition('Complete', 'True')] } }),
      'Healthy',
    ],
    ['a resumed Job that fails is Degraded', aJob({ status: { conditions: [RESUMED, FAILED] } }), 'Degraded'],
    [
      'a failed Job stays Degraded when it is suspended',
      aJob({ spec: { suspend: true }, status: { conditions: [SUSPENDED, FAILED] } }),
      'Degraded',
    ],
  ] as const)('%s', (_name, job: KubernetesObject, status) => {
    expect(healthOf(job)?.status).toBe(status);
  });
});

describe('jobVerdict', () => {
  it('tells reason, times and failed pods of a failed Job', () => {
    const status = { startTime: '2026-08-22T09:00:00Z', failed: 4, conditions: [FAILED] };
    expect(jobVerdict(aJob({ status }))).toEqual({
      kind: 'failed',
      reason: 'BackoffLimitExceeded',
      message: 'BackoffLimitExceeded: Job has reached the specified backoff limit (4 pods failed)',
      startedAt: '2026-08-22T09:00:00Z',
      finishedAt: '2026-08-22T10:00:00Z',
    });
  });

  it('takes the completion time of a Job that succeeded', () => {
    const conditions = [
      aCondition('SuccessCriteriaMet', 'True'),
      aCondition('Complete', 'True', { reason: 'CompletionsReached' }),
    ];
    const status = {
      startTime: '2026-08-22T09:00:00Z',
      completionTime: '2026-08-22T09:59:58Z',
      succeeded: 1,
      conditions,
    };
    expect(jobVerdict(aJob({ status }))).toEqual({
      kind: 'succeeded',
      reason: 'CompletionsReached',
      message: '1 pod succeeded',
      startedAt: '2026-08-22T09:00:00Z',
      finishedAt: '2026-08-22T09:59:58Z',
    });
  });

  it.each([
    ['FailureTarget', 'BackoffLimitExceeded', /about to fail, waiting for its pods to end: BackoffLimitExceeded/],
    ['SuccessCriteriaMet', 'CompletionsReached', /about to succeed, waiting for its pods to end: CompletionsReached/],
  ])('is still running under %s, because pods may still be', (type, reason, message) => {
    const verdict = jobVerdict(aJob({ status: { active: 1, conditions: [aCondition(type, 'True', { reason })] } }));
    expect(verdict.kind).toBe('running');
    expect(verdict.message).toMatch(message);
    expect(verdict.finishedAt).toBeUndefined();
  });

  it.each([
    [{}, {}, 'no pod is active'],
    [{}, { active: 1 }, '1 pod active, 0 ready'],
    [{}, { active: 1, ready: 1 }, '1 pod active'],
    [{}, { active: 1, ready: 1, failed: 2 }, '1 pod active, 2 failed'],
    [{ completions: null }, { active: 1, ready: 1 }, '1 pod active'],
    [{ completions: 5 }, { active: 2, ready: 2, succeeded: 3 }, '2 pods active, 3 of 5 succeeded'],
  ])('says how far a running Job with spec %j and status %j is', (spec, status, message) => {
    expect(jobVerdict(aJob({ spec, status })).message).toBe(message);
  });

  it.each([
    ['failed', 'BackoffLimitExceeded'],
    ['succeeded', 'CompletionsReached'],
  ] as const)('follows a gated Job that %s, as a real Job controller wrote it', (outcome, reason) => {
    const jobs = recorded(`gated-job-${outcome}.json`);
    expect(jobs.map((job) => jobVerdict(job).kind)).toEqual(['suspended', 'running', 'running', 'running', outcome]);
    expect(jobs.map((job) => hookVerdict(job).kind)).toEqual(['running', 'running', 'running', 'running', outcome]);
    expect(jobs.map((job) => jobVerdict(job)).at(-1)).toMatchObject({
      reason,
      finishedAt: expect.any(String) as unknown,
    });
  });

  it('follows a gated Job from its creation over its release to its end', () => {
    const startTime = '2026-08-22T09:00:00Z';
    const gated = { suspend: true };
    const kinds = [
      aJob({ spec: gated }),
      aJob({ spec: gated, status: { conditions: [SUSPENDED] } }),
      aJob({ status: { conditions: [SUSPENDED] } }),
      aJob({ status: { startTime, conditions: [RESUMED] } }),
      aJob({ status: { startTime, active: 1, conditions: [RESUMED] } }),
      aJob({ status: { startTime, conditions: [RESUMED, aCondition('SuccessCriteriaMet', 'True')] } }),
      aJob({ status: { startTime, succeeded: 1, conditions: [RESUMED, aCondition('Complete', 'True')] } }),
    ].map((job) => jobVerdict(job).kind);
    expect(kinds).toEqual(['suspended', 'suspended', 'running', 'running', 'running', 'running', 'succeeded']);
  });
});

describe('CronJob [argo 4.CronJob]', () => {
  const scheduled = '2026-08-22T10:00:00Z';
  it.each([
    ['suspended is Healthy', aCronJob({ spec: { suspend: true }, status: { lastScheduleTime: scheduled } }), 'Healthy'],
    ['never scheduled is Healthy', aCronJob(), 'Healthy'],
    ['no success yet is Healthy', aCronJob({ status: { lastScheduleTime: scheduled } }), 'Healthy'],
    [
      'running is Healthy although the last success is older',
      aCronJob({ status: { lastScheduleTime: scheduled, lastSuccessfulTime: '2026-08-21T10:00:09Z', active: [{}] } }),
      'Healthy',
    ],
    [
      'idle with a last success before the last schedule is Degraded',
      aCronJob({ status: { lastScheduleTime: scheduled, lastSuccessfulTime: '2026-08-21T10:00:09Z' } }),
      'Degraded',
    ],
    [
      'idle with a last success after the last schedule is Healthy',
      aCronJob({ status: { lastScheduleTime: scheduled, lastSuccessfulTime: '2026-08-22T10:00:09Z' } }),
      'Healthy',
    ],
    [
      'without any status is Progressing',
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly' } },
      'Progressing',
    ],
  ] as const)('%s', (_name, object: KubernetesObject, status) => {
    expect(healthOf(object)?.status).toBe(status);
  });
});
