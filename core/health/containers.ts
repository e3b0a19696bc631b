import type { JsonObject } from '../json.ts';
import { arrayAt, booleanAt, isJsonObject, numberAt, objectAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';

/** An end of a container. */
export interface Termination {
  readonly exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`, …; empty when there is none. */
  readonly reason: string;
  /** What the container wrote as its termination message; may be empty. */
  readonly message: string;
  /** RFC 3339; empty where unknown. */
  readonly finishedAt: string;
}

/** One container of a pod as its status tells. */
export interface ContainerState {
  readonly name: string;
  /** True for init containers. */
  readonly init: boolean;
  /** True for an init container that keeps running beside the others. */
  readonly sidecar: boolean;
  readonly ready: boolean;
  readonly restarts: number;
  /** Since when it runs, RFC 3339. */
  readonly runningSince?: string;
  readonly waiting?: { readonly reason: string; readonly message: string };
  readonly terminated?: Termination;
  /** How the run before this one ended. */
  readonly lastTerminated?: Termination;
}

/** The containers of a pod that have a status: init containers first, in the order of the pod. */
export function containersOf(pod: KubernetesObject): readonly ContainerState[] {
  const sidecars = new Set(
    arrayAt(pod, 'spec', 'initContainers')
      .filter((container) => stringAt(container, 'restartPolicy') === 'Always')
      .map((container) => stringAt(container, 'name')),
  );
  const read = (field: string, init: boolean): readonly ContainerState[] =>
    arrayAt(pod, 'status', field)
      .filter(isJsonObject)
      .map((status) => containerOf(status, init, init && sidecars.has(stringAt(status, 'name'))));
  return [...read('initContainerStatuses', true), ...read('containerStatuses', false)];
}

function containerOf(status: JsonObject, init: boolean, sidecar: boolean): ContainerState {
  const waiting = objectAt(status, 'state', 'waiting');
  const runningSince = stringAt(status, 'state', 'running', 'startedAt');
  const terminated = terminationOf(objectAt(status, 'state', 'terminated'));
  const lastTerminated = terminationOf(objectAt(status, 'lastState', 'terminated'));
  return {
    name: stringAt(status, 'name') ?? '',
    init,
    sidecar,
    ready: booleanAt(status, 'ready') === true,
    restarts: numberAt(status, 'restartCount') ?? 0,
    ...(runningSince === undefined ? {} : { runningSince }),
    ...(waiting === undefined
      ? {}
      : { waiting: { reason: stringAt(waiting, 'reason') ?? '', message: stringAt(waiting, 'message') ?? '' } }),
    ...(terminated === undefined ? {} : { terminated }),
    ...(lastTerminated === undefined ? {} : { lastTerminated }),
  };
}

function terminationOf(value: JsonObject | undefined): Termination | undefined {
  if (value === undefined) return undefined;
  return {
    exitCode: numberAt(value, 'exitCode') ?? 0,
    reason: stringAt(value, 'reason') ?? '',
    message: (stringAt(value, 'message') ?? '').trim(),
    finishedAt: stringAt(value, 'finishedAt') ?? '',
  };
}

/** A container's end in words: `exit code 1`, `OOMKilled (exit code 137)`. */
export function describeTermination(end: Termination): string {
  const code = `exit code ${end.exitCode}`;
  return end.reason === '' || end.reason === 'Error' || end.reason === 'Completed' ? code : `${end.reason} (${code})`;
}
