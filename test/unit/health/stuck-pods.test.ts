import { describe, expect, it } from 'vitest';
import type { StandingProblem } from '../../../core/health/stuck-pods.ts';
import { standingAfter, stuckPodOf } from '../../../core/health/stuck-pods.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { aCondition, aContainer, aPod } from './builders.ts';

const BEGIN = Date.parse('2026-08-22T10:00:00Z');
const at = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString();
const CRASH = { terminated: { exitCode: 1, reason: 'Error', finishedAt: at(0) } };

function pod(status: JsonObject, name = 'web-1'): KubernetesObject {
  return aPod({ metadata: { name, uid: `uid-${name}` }, spec: { restartPolicy: 'Always' }, status });
}

const waiting = (reason: string) =>
  pod({ phase: 'Pending', containerStatuses: [aContainer('app', { waiting: { reason, message: 'why' } })] });
const unschedulable = pod({
  phase: 'Pending',
  conditions: [aCondition('PodScheduled', 'False', { reason: 'Unschedulable', message: '0/3 nodes' })],
});
const backOff = pod({
  phase: 'Running',
  containerStatuses: [
    aContainer('app', { waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3, lastState: CRASH }),
  ],
});
const ended = pod({ phase: 'Running', containerStatuses: [aContainer('app', CRASH, { restartCount: 3 })] });
const upSince = (seconds: number) =>
  pod({
    phase: 'Running',
    containerStatuses: [
      aContainer('app', { running: { startedAt: at(seconds) } }, { ready: true, restartCount: 4, lastState: CRASH }),
    ],
  });
const starting = waiting('ContainerCreating');
const running = pod({ phase: 'Running', containerStatuses: [aContainer('app', { running: {} }, { ready: true })] });
const GRACE = 60;

/** Looks at a pod at each of these seconds, and answers when it is called stuck for the first time. */
function stuckAt(
  looks: readonly (readonly [second: number, seen: KubernetesObject | undefined])[],
): number | undefined {
  let standing: readonly StandingProblem[] = [];
  for (const [second, seen] of looks) {
    const moment = { now: BEGIN + second * 1000, graceMs: GRACE * 1000 };
    const pods = seen === undefined ? [] : [seen];
    standing = standingAfter(standing, pods, moment);
    if (stuckPodOf(standing, pods, moment) !== undefined) return second;
  }
  return undefined;
}

describe('a pod with a grace period of 60 s', () => {
  it.each([
    ['that names an image that can’t be', waiting('InvalidImageName')],
    ['that lacks a Secret', waiting('CreateContainerConfigError')],
    ['whose image can’t be pulled', waiting('ImagePullBackOff')],
    ['that crashes again and again', backOff],
    ['that no node can take', unschedulable],
  ])('%s is stuck once it has been so for 60 s, and not before', (_, seen) => {
    expect(stuckAt([[0, seen], [30, seen], [59, seen]])).toBeUndefined(); // prettier-ignore
    expect(stuckAt([[0, seen], [30, seen], [60, seen]])).toBe(60); // prettier-ignore
  });

  it.each<[string, Parameters<typeof stuckAt>[0], number | undefined]>([
    [
      'a failing pull goes by two names',
      [
        [0, waiting('ErrImagePull')],
        [30, waiting('ImagePullBackOff')],
        [60, waiting('ErrImagePull')],
      ],
      60,
    ],
    [
      'a crash loop shows each of its moments',
      [
        [0, backOff],
        [20, upSince(20)],
        [22, ended],
        [25, backOff],
        [60, backOff],
      ],
      60,
    ],
    [
      'a crash loop is stuck only while it shows',
      [
        [0, backOff],
        [60, upSince(59)],
        [62, ended],
      ],
      62,
    ],
    [
      'a container that has stayed up has got over its crashes',
      [
        [0, backOff],
        [10, upSince(10)],
        [71, upSince(10)],
        [72, ended],
        [100, backOff],
      ],
      undefined,
    ],
    [
      'a problem that passed begins anew',
      [
        [0, waiting('ErrImagePull')],
        [40, starting],
        [50, waiting('ErrImagePull')],
        [90, waiting('ErrImagePull')],
      ],
      undefined,
    ],
    [
      'a problem of another sort begins anew',
      [
        [0, unschedulable],
        [40, waiting('ErrImagePull')],
        [90, waiting('ErrImagePull')],
      ],
      undefined,
    ],
    [
      'a pod that is not looked at any more is forgotten',
      [
        [0, backOff],
        [30, undefined],
        [60, backOff],
        [100, backOff],
      ],
      undefined,
    ],
    [
      'a slow start is no problem',
      [
        [0, starting],
        [60, starting],
        [120, running],
      ],
      undefined,
    ],
    [
      'a volume that is late is none that is given up',
      [
        [0, waiting('ContainerCreating')],
        [600, waiting('ContainerCreating')],
      ],
      undefined,
    ],
    [
      'a reason nobody knows is none that is given up',
      [
        [0, waiting('SomethingNew')],
        [600, waiting('SomethingNew')],
      ],
      undefined,
    ],
  ])('%s', (_, looks, expected) => {
    expect(stuckAt(looks)).toBe(expected);
  });

  it('is another one when it has another UID', () => {
    const standing = [{ pod: 'uid-old', family: 'image', since: 0 }] as const;
    const moment = { now: BEGIN, graceMs: 60_000 };
    expect(
      stuckPodOf(standingAfter(standing, [waiting('ErrImagePull')], moment), [waiting('ErrImagePull')], moment),
    ).toBe(undefined);
  });

  it('is told by name, problem and time', () => {
    const standing = [{ pod: 'uid-web-1', family: 'image', since: BEGIN }] as const;
    const found = stuckPodOf(standing, [waiting('ErrImagePull')], { now: BEGIN + 90_000, graceMs: 60_000 });
    expect(found).toMatchObject({
      name: 'web-1',
      forMs: 90_000,
      problem: { reason: 'ErrImagePull', container: 'app' },
    });
  });
});
