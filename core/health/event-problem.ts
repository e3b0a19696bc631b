import type { PodProblem } from './pod-problem.ts';

/** What of a Kubernetes Event tells of a problem. */
export interface ObjectWarning {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Problems that stand in no status: a pod waits for its volumes and its network as `ContainerCreating`, a refused pod does not exist. */
const IN_WORDS: Readonly<Record<string, string>> = {
  FailedMount: "the pod can't start",
  FailedAttachVolume: "the pod can't start",
  FailedMapVolume: "the pod can't start",
  FailedCreatePodSandBox: "the pod can't start",
  FailedCreate: 'no pod can be created',
};

/**
 * What keeps an object's pods from starting, by its events (oldest first); undefined where the newest one is no warning of
 * that sort, since whatever follows such a warning says that it has passed.
 */
export function eventProblem(events: readonly ObjectWarning[]): PodProblem | undefined {
  const newest = events.at(-1);
  if (newest?.type !== 'Warning' || !Object.hasOwn(IN_WORDS, newest.reason)) return undefined;
  return { reason: newest.reason, message: `${IN_WORDS[newest.reason] ?? ''}: ${newest.message}` };
}
