import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventProblem } from '../../../core/health/event-problem.ts';
import { podProblem } from '../../../core/health/pod-problem.ts';
import { failedPodProblem, podVerdict } from '../../../core/health/pod-verdict.ts';
import { healthOf } from '../../../core/health/rules.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { aCondition, aContainer, aPod } from './builders.ts';

function recorded(file: string): readonly KubernetesObject[] {
  return JSON.parse(readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8')) as readonly KubernetesObject[];
}

const ALWAYS = { restartPolicy: 'Always' };
const IGNORING = { 'argocd.argoproj.io/ignore-restart-policy': 'true' };
const PULLING = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "shop:9"' } };
const CRASHED = { terminated: { exitCode: 1, reason: 'Error', finishedAt: '2026-08-22T10:03:00Z' } };

function waiting(reason: string): KubernetesObject {
  return aPod({
    spec: ALWAYS,
    status: { containerStatuses: [aContainer('web', { waiting: { reason, message: 'why' } })] },
  });
}

describe('health of a Pod [argo 4.Pod]', () => {
  it.each([
    ['Pending is Progressing', aPod(), 'Progressing'],
    ['Succeeded is Healthy', aPod({ status: { phase: 'Succeeded' } }), 'Healthy'],
    ['Failed is Degraded', aPod({ status: { phase: 'Failed' } }), 'Degraded'],
    ['another phase is Unknown', aPod({ status: { phase: 'Unknown' } }), 'Unknown'],
    [
      'a running one that is never restarted is Progressing until it has finished',
      aPod({ status: { phase: 'Running', conditions: [aCondition('Ready', 'True')] } }),
      'Progressing',
    ],
    [
      'a running one that is restarted on failure is Progressing until it has finished',
      aPod({
        spec: { restartPolicy: 'OnFailure' },
        status: { phase: 'Running', conditions: [aCondition('Ready', 'True')] },
      }),
      'Progressing',
    ],
    [
      'ImagePullBackOff never fails one that runs once',
      aPod({ status: { containerStatuses: [aContainer('web', PULLING)] } }),
      'Progressing',
    ],
    [
      'a long-running one that is ready is Healthy',
      aPod({ spec: ALWAYS, status: { phase: 'Running', conditions: [aCondition('Ready', 'True')] } }),
      'Healthy',
    ],
    [
      'a long-running one that is not ready is Progressing',
      aPod({ spec: ALWAYS, status: { phase: 'Running', containerStatuses: [aContainer('web', { running: {} })] } }),
      'Progressing',
    ],
    [
      'a long-running one that is not ready and has crashed before is Degraded',
      aPod({
        spec: ALWAYS,
        status: { phase: 'Running', containerStatuses: [aContainer('web', { running: {} }, { lastState: CRASHED })] },
      }),
      'Degraded',
    ],
    [
      'a long-running one that is ready again after a crash is Healthy',
      aPod({
        spec: ALWAYS,
        status: {
          phase: 'Running',
          conditions: [aCondition('Ready', 'True')],
          containerStatuses: [aContainer('web', { running: {} }, { lastState: CRASHED })],
        },
      }),
      'Healthy',
    ],
    [
      'without a restart policy it is long-running, as the API server would say',
      aPod({ spec: { restartPolicy: null }, status: { phase: 'Running', conditions: [aCondition('Ready', 'True')] } }),
      'Healthy',
    ],
    [
      'ignore-restart-policy makes an ordinary Pod long-running [argo 1.ignore-restart-policy]',
      aPod({
        metadata: { annotations: IGNORING },
        status: { phase: 'Running', conditions: [aCondition('Ready', 'True')] },
      }),
      'Healthy',
    ],
    [
      'ignore-restart-policy is not honoured on a hook [argo 1.ignore-restart-policy]',
      aPod({
        metadata: { annotations: { ...IGNORING, 'argocd.argoproj.io/hook': 'PreSync' } },
        status: { phase: 'Running', conditions: [aCondition('Ready', 'True')] },
      }),
      'Progressing',
    ],
    [
      'ignore-restart-policy is not honoured on a Helm hook',
      aPod({
        metadata: { annotations: { ...IGNORING, 'helm.sh/hook': 'pre-install' } },
        status: { phase: 'Running', conditions: [aCondition('Ready', 'True')] },
      }),
      'Progressing',
    ],
    [
      'init containers of a long-running one are not examined',
      aPod({ spec: ALWAYS, status: { initContainerStatuses: [aContainer('prepare', PULLING)] } }),
      'Progressing',
    ],
  ] as const)('%s', (_name, pod: KubernetesObject, status) => {
    expect(healthOf(pod)?.status).toBe(status);
  });

  it.each([
    'ErrImagePull',
    'ErrAnything',
    'CreateContainerConfigError',
    'RunContainerError',
    'CrashLoopBackOff',
    'ImagePullBackOff',
  ])('a long-running one whose container waits with %s is Degraded', (reason) => {
    expect(healthOf(waiting(reason))).toEqual({ status: 'Degraded', message: `container web: ${reason}: why` });
  });

  it.each(['ContainerCreating', 'PodInitializing', 'InvalidImageName', 'BackOffLater', 'NoErrYet'])(
    'a long-running one whose container waits with %s is Progressing',
    (reason) => {
      expect(healthOf(waiting(reason))?.status).toBe('Progressing');
    },
  );
});

describe('podVerdict', () => {
  const failedWith = (more: object, ...containers: readonly ReturnType<typeof aContainer>[]): KubernetesObject =>
    aPod({ status: { phase: 'Failed', startTime: '2026-08-22T10:00:00Z', containerStatuses: containers, ...more } });
  const ended = (exitCode: number, more: object = {}) => ({
    terminated: { exitCode, finishedAt: '2026-08-22T10:05:00Z', ...more },
  });

  it('names the container that failed, its exit code and what it said', () => {
    const pod = failedWith(
      {},
      aContainer('proxy', ended(0)),
      aContainer('migrate', ended(3, { reason: 'Error', message: 'relation exists\n' })),
    );
    expect(podVerdict(pod)).toEqual({
      kind: 'failed',
      reason: 'Error',
      message: 'container migrate failed with exit code 3: relation exists',
      container: 'migrate',
      exitCode: 3,
      startedAt: '2026-08-22T10:00:00Z',
      finishedAt: '2026-08-22T10:05:00Z',
    });
  });

  it('names OOMKilled', () => {
    const verdict = podVerdict(failedWith({}, aContainer('migrate', ended(137, { reason: 'OOMKilled' }))));
    expect(verdict).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
    expect(verdict.message).toBe('container migrate failed with OOMKilled (exit code 137)');
  });

  it('blames an init container before the main ones', () => {
    const pod = failedWith(
      { initContainerStatuses: [aContainer('prepare', ended(2))] },
      aContainer('migrate', { waiting: {} }),
    );
    expect(podVerdict(pod).message).toBe('init container prepare failed with exit code 2');
  });

  it('blames a sidecar, which is killed when the others end, last', () => {
    const status = {
      phase: 'Failed',
      initContainerStatuses: [aContainer('mesh', ended(137))],
      containerStatuses: [aContainer('migrate', ended(1))],
    };
    const initContainers = [{ name: 'mesh', restartPolicy: 'Always' }];
    expect(podVerdict(aPod({ spec: { restartPolicy: 'Never', initContainers }, status })).container).toBe('migrate');
  });

  it.each([
    [
      'Evicted',
      { reason: 'Evicted', message: 'The node was low on resource: memory.' },
      'The node was low on resource: memory.',
    ],
    ['DeadlineExceeded', { reason: 'DeadlineExceeded', message: 'Pod was active too long' }, 'Pod was active too long'],
    [
      'EvictionByEvictionAPI',
      {
        conditions: [
          aCondition('DisruptionTarget', 'True', {
            reason: 'EvictionByEvictionAPI',
            message: 'Eviction API: evicting',
          }),
        ],
      },
      'Eviction API: evicting',
    ],
  ])("takes the pod's own reason %s before its container's exit code", (reason, status, message) => {
    expect(podVerdict(failedWith(status, aContainer('migrate', ended(137))))).toMatchObject({
      kind: 'failed',
      reason,
      message,
      container: 'migrate',
    });
  });

  it.each([
    [{}, 'failed'],
    [{ reason: 'NodeLost' }, 'NodeLost'],
  ])('has something to say of a failed pod without containers and status %j', (status, message) => {
    expect(podVerdict(aPod({ status: { phase: 'Failed', ...status } })).message).toBe(message);
  });

  it('says which phase it does not know', () => {
    expect(podVerdict(aPod({ status: { phase: 'Unknown' } })).message).toBe('unknown phase Unknown');
    expect(podVerdict(aPod({ status: { phase: null } })).message).toBe('no phase yet');
  });

  it('ends when the last container ended', () => {
    const early = aContainer('a', { terminated: { exitCode: 0, finishedAt: '2026-08-22T10:01:00Z' } });
    const pod = aPod({ status: { phase: 'Succeeded', containerStatuses: [aContainer('b', ended(0)), early] } });
    expect(podVerdict(pod)).toMatchObject({ kind: 'succeeded', finishedAt: '2026-08-22T10:05:00Z' });
  });

  it('says what a pending one waits for', () => {
    const gated = aPod({ spec: { restartPolicy: 'Never', schedulingGates: [{ name: 'syncline.dev/gate' }] } });
    expect(podVerdict(gated).message).toBe('held by scheduling gate syncline.dev/gate');
    expect(podVerdict(aPod({ status: { containerStatuses: [aContainer('migrate', PULLING)] } })).message).toMatch(
      /^container migrate can't start: ImagePullBackOff/,
    );
    expect(podVerdict(aPod()).message).toBe('starting');
  });
});

describe('podProblem', () => {
  const unschedulable = aCondition('PodScheduled', 'False', {
    reason: 'Unschedulable',
    message: '0/3 nodes are available',
  });

  it('finds a pod that no node can take, since when', () => {
    expect(podProblem(aPod({ status: { conditions: [unschedulable] } }))).toEqual({
      reason: 'Unschedulable',
      message: 'no node can take the pod: 0/3 nodes are available',
      since: '2026-08-22T10:00:00Z',
    });
  });

  it.each([
    'ErrImagePull',
    'ImagePullBackOff',
    'InvalidImageName',
    'ErrImageNeverPull',
    'CreateContainerConfigError',
    'RunContainerError',
    'SomethingNew',
  ])('finds a container that waits with %s', (reason) => {
    const conditions = [aCondition('ContainersReady', 'False')];
    const containerStatuses = [
      aContainer('ok', { running: {} }),
      aContainer('web', { waiting: { reason, message: 'why' } }),
    ];
    expect(podProblem(aPod({ status: { conditions, containerStatuses } }))).toEqual({
      reason,
      message: `container web can't start: ${reason}: why`,
      container: 'web',
      since: '2026-08-22T10:00:00Z',
    });
  });

  it("finds an init container that can't start before the main ones", () => {
    const status = {
      initContainerStatuses: [aContainer('prepare', PULLING)],
      containerStatuses: [aContainer('web', { waiting: { reason: 'PodInitializing' } })],
    };
    expect(podProblem(aPod({ status }))).toMatchObject({
      reason: 'ImagePullBackOff',
      container: 'prepare',
      message: expect.stringMatching(/^init container prepare/) as unknown,
    });
  });

  it('tells of a crash loop how often and how it ended, and when', () => {
    const crash = { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-08-22T10:03:00Z' } };
    const container = aContainer(
      'web',
      { waiting: { reason: 'CrashLoopBackOff' } },
      { restartCount: 4, lastState: crash },
    );
    expect(podProblem(aPod({ spec: ALWAYS, status: { phase: 'Running', containerStatuses: [container] } }))).toEqual({
      reason: 'CrashLoopBackOff',
      message: 'container web was restarted 4 times and ended last with OOMKilled (exit code 137)',
      container: 'web',
      since: '2026-08-22T10:03:00Z',
    });
  });

  it.each([
    [
      'a pod that is being started',
      aPod({ status: { containerStatuses: [aContainer('web', { waiting: { reason: 'ContainerCreating' } })] } }),
    ],
    [
      'a pod that is being initialised',
      aPod({ status: { containerStatuses: [aContainer('web', { waiting: { reason: 'PodInitializing' } })] } }),
    ],
    [
      'a pod held by a scheduling gate',
      aPod({ status: { conditions: [aCondition('PodScheduled', 'False', { reason: 'SchedulingGated' })] } }),
    ],
    [
      'a pod that runs',
      aPod({ status: { phase: 'Running', containerStatuses: [aContainer('web', { running: {} })] } }),
    ],
    ['a pod that has failed, which has a verdict', aPod({ status: { phase: 'Failed', conditions: [unschedulable] } })],
    [
      'a pod that has succeeded',
      aPod({ status: { phase: 'Succeeded', containerStatuses: [aContainer('web', PULLING)] } }),
    ],
  ])('finds nothing in %s', (_name, pod) => {
    expect(podProblem(pod)).toBeUndefined();
  });

  it('sees a crash loop of a real kubelet without a break, from the first end of the container on', () => {
    const pods = recorded('crash-looping-pod.json');
    expect(pods.map((pod) => podProblem(pod)?.reason).filter((reason, at, all) => reason !== all[at - 1])).toEqual([
      'Error',
      'CrashLoopBackOff',
      'Error',
      'CrashLoopBackOff',
    ]);
    expect(podProblem(pods.at(-1)!)).toMatchObject({
      message: 'container main was restarted 2 times and ended last with exit code 3',
    });
  });

  it('says nothing of a container that ended in a pod that starts none again: a verdict follows', () => {
    const [crashed] = recorded('crash-looping-pod.json').filter((pod) => podProblem(pod)?.reason === 'Error');
    expect(podProblem({ ...crashed, spec: { restartPolicy: 'Never' } })).toBeUndefined();
  });

  it('sees a problem come and go in a recorded start', () => {
    const pulled = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
    const seen = [
      aPod(),
      aPod({ status: { conditions: [unschedulable] } }),
      aPod({ status: { conditions: [aCondition('PodScheduled', 'True')] } }),
      aPod({ status: { containerStatuses: [aContainer('web', { waiting: { reason: 'ContainerCreating' } })] } }),
      aPod({ status: { containerStatuses: [aContainer('web', pulled)] } }),
      aPod({ status: { containerStatuses: [aContainer('web', PULLING)] } }),
      aPod({ status: { phase: 'Running', containerStatuses: [aContainer('web', { running: {} })] } }),
    ];
    expect(seen.map((pod) => podProblem(pod)?.reason)).toEqual([
      undefined,
      'Unschedulable',
      undefined,
      undefined,
      'ErrImagePull',
      'ImagePullBackOff',
      undefined,
    ]);
  });
});

describe('failedPodProblem', () => {
  it('tells what the container that failed has left as its message, and since when', () => {
    const terminated = {
      exitCode: 4,
      reason: 'Error',
      message: 'schema version 41 is newer than 40',
      finishedAt: '2026-11-23T15:36:05Z',
    };
    const status = { phase: 'Failed', containerStatuses: [aContainer('main', { terminated })] };
    expect(failedPodProblem(aPod({ status }))).toEqual({
      reason: 'Error',
      message: 'container main failed with exit code 4: schema version 41 is newer than 40',
      container: 'main',
      since: '2026-11-23T15:36:05Z',
    });
  });

  it.each(['Pending', 'Running', 'Succeeded'])('says nothing of a pod that is %s', (phase) => {
    expect(
      failedPodProblem(aPod({ status: { phase, containerStatuses: [aContainer('web', CRASHED)] } })),
    ).toBeUndefined();
  });
});

describe('eventProblem', () => {
  const scheduled = { type: 'Normal', reason: 'Scheduled', message: 'assigned' };
  const unmounted = { type: 'Warning', reason: 'FailedMount', message: 'configmap "absent" not found' };
  const refused = { type: 'Warning', reason: 'FailedCreate', message: 'exceeded quota: q' };

  it.each([
    ['a volume that is missing', [scheduled, unmounted], `the pod can't start: configmap "absent" not found`],
    ['a pod that is refused', [refused], 'no pod can be created: exceeded quota: q'],
  ])('finds %s', (_name, events, message) => {
    expect(eventProblem(events)).toEqual({ reason: events.at(-1)!.reason, message });
  });

  it.each([
    ['no events', []],
    ['a warning that something followed', [unmounted, scheduled]],
    ['a warning of another sort', [{ type: 'Warning', reason: 'BackoffLimitExceeded', message: 'over' }]],
  ])('finds nothing in %s', (_name, events) => {
    expect(eventProblem(events)).toBeUndefined();
  });
});
