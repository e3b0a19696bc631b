import { stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import { uidOf } from '../objects.ts';
import { containersOf } from './containers.ts';
import type { PodProblem } from './pod-problem.ts';
import { podProblem } from './pod-problem.ts';

/** Problems that come and go under several names are one: a pull that fails is ErrImagePull and ImagePullBackOff by turns. */
export type ProblemFamily = 'scheduling' | 'image' | 'configuration' | 'crash';

/** A problem that a pod has had without interruption. */
export interface StandingProblem {
  /** UID of the pod. */
  readonly pod: string;
  readonly family: ProblemFamily;
  /** Since when it has been seen, ms since 1970. */
  readonly since: number;
}

/** A pod whose problem has outlasted the grace period. */
export interface StuckPod {
  /** The pod's name. */
  readonly name: string;
  readonly problem: PodProblem;
  /** How long it has been seen, ms. */
  readonly forMs: number;
}

/** The problems that a sync may give up on. What only events tell (a volume, the network) is left out: it has no end to be seen. */
const FAMILIES: Readonly<Record<string, ProblemFamily>> = {
  Unschedulable: 'scheduling',
  ErrImagePull: 'image',
  ImagePullBackOff: 'image',
  RegistryUnavailable: 'image',
  ErrImageNeverPull: 'image',
  InvalidImageName: 'image',
  CreateContainerConfigError: 'configuration',
  CreateContainerError: 'configuration',
  RunContainerError: 'configuration',
  CrashLoopBackOff: 'crash',
  Error: 'crash',
  OOMKilled: 'crash',
  StartError: 'crash',
  ContainerCannotRun: 'crash',
};

/**
 * What stands after a look at pods, given what stood before it: a problem counts from when it was first seen, and begins anew
 * when it has passed or turned into one of another family. A crash loop has not passed while its container is up for less than
 * the grace period. Pods that are not given are forgotten. `now` is in ms since 1970.
 */
export function standingAfter(
  before: readonly StandingProblem[],
  pods: readonly KubernetesObject[],
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): readonly StandingProblem[] {
  return pods.flatMap((pod): readonly StandingProblem[] => {
    const known = before.find((standing) => standing.pod === uidOf(pod));
    const family = familyOf(podProblem(pod));
    if (family === undefined) return known?.family === 'crash' && isJustUp(pod, now - graceMs) ? [known] : [];
    return [known?.family === family ? known : { pod: uidOf(pod), family, since: now }];
  });
}

/** The first of some pods that has a problem now which has stood for the grace period. */
export function stuckPodOf(
  standing: readonly StandingProblem[],
  pods: readonly KubernetesObject[],
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): StuckPod | undefined {
  for (const pod of pods) {
    const known = standing.find((candidate) => candidate.pod === uidOf(pod));
    const problem = podProblem(pod);
    if (known === undefined || problem === undefined || now - known.since < graceMs) continue;
    return { name: stringAt(pod, 'metadata', 'name') ?? '', problem, forMs: now - known.since };
  }
  return undefined;
}

function familyOf(problem: PodProblem | undefined): ProblemFamily | undefined {
  if (problem === undefined || !Object.hasOwn(FAMILIES, problem.reason)) return undefined;
  return FAMILIES[problem.reason];
}

function isJustUp(pod: KubernetesObject, since: number): boolean {
  return containersOf(pod).some(
    ({ restarts, runningSince }) => restarts > 0 && runningSince !== undefined && Date.parse(runningSince) > since,
  );
}
