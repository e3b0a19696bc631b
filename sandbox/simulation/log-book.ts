import { EventEmitter } from 'node:events';
import type { ContainerStatus, Pod } from '../cluster/objects.ts';
import type { ObjectChange } from '../cluster/watch.ts';
import { ANNOTATION, parseDuration } from './annotations.ts';
import type { ContainerRun } from './log-lines.ts';

/** A container as the API server asks for it. */
export interface ContainerPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** What the log book knows of a container. */
export type Lookup =
  | { readonly kind: 'run'; readonly run: ContainerRun }
  | { readonly kind: 'not-started'; readonly message: string }
  /** Nothing was heard of it yet. */
  | { readonly kind: 'unheard'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/** Remembers when containers were seen to start and end: the status tells it only to the second. */
export interface LogBook {
  note(change: ObjectChange<Pod>): void;
  /** The current or the previous run of a container. */
  find(place: ContainerPlace, which: 'current' | 'previous'): Lookup;
  /** Resolves at the next change of the pod, or on abort. */
  nextChange(place: ContainerPlace, signal: AbortSignal): Promise<void>;
}

interface SeenRun {
  startedAt: number;
  endedAt?: number;
}

interface Page {
  readonly pod: Pod;
  /** By container and restart count. */
  readonly runs: Map<string, SeenRun>;
}

/** Makes an empty log book. */
export function createLogBook(): LogBook {
  const pages = new Map<string, Page>();
  const changes = new EventEmitter().setMaxListeners(0);
  return {
    note: ({ kind, object: pod }) => {
      const key = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
      const known = pages.get(key);
      const runs = known?.pod.metadata.uid === pod.metadata.uid ? known.runs : new Map<string, SeenRun>();
      for (const status of statusesOf(pod)) noteRun(runs, status);
      if (kind === 'gone') pages.delete(key);
      else pages.set(key, { pod, runs });
      changes.emit(key);
    },
    find: (place, which) => {
      const page = pages.get(`${place.namespace}/${place.pod}`);
      if (page === undefined) return { kind: 'unknown', message: `pod "${place.pod}" not found` };
      return findRun(page, place.container, which);
    },
    nextChange: (place, signal) =>
      new Promise((resolve) => {
        const key = `${place.namespace}/${place.pod}`;
        const finish = (): void => {
          changes.off(key, finish);
          signal.removeEventListener('abort', finish);
          resolve();
        };
        changes.once(key, finish);
        signal.addEventListener('abort', finish, { once: true });
        if (signal.aborted) finish();
      }),
  };
}

function statusesOf(pod: Pod): readonly ContainerStatus[] {
  return [...pod.status.initContainerStatuses, ...pod.status.containerStatuses];
}

function noteRun(runs: Map<string, SeenRun>, status: ContainerStatus): void {
  const key = `${status.name}#${status.restartCount}`;
  const now = Date.now();
  if (status.state.running) {
    if (!runs.has(key)) runs.set(key, { startedAt: now });
    return;
  }
  const ended = status.state.terminated ?? status.lastState.terminated;
  if (ended === undefined) return;
  const run = runs.get(key) ?? { startedAt: Date.parse(ended.startedAt ?? '') || now };
  run.endedAt ??= now;
  runs.set(key, run);
}

function findRun(page: Page, container: string, which: 'current' | 'previous'): Lookup {
  const { pod, runs } = page;
  const status = statusesOf(pod).find(({ name }) => name === container);
  if (status === undefined) {
    return {
      kind: 'unheard',
      message: `container "${container}" in pod "${pod.metadata.name}" is waiting to start`,
    };
  }
  const crashed = status.state.waiting !== undefined && status.lastState.terminated !== undefined;
  // A container between two runs shows the one that ended, as the kubelet does.
  const count = which === 'current' || crashed ? status.restartCount : status.restartCount - 1;
  const seen = runs.get(`${container}#${count}`);
  if (seen === undefined) {
    const reason = status.state.waiting?.reason ?? 'ContainerCreating';
    const message =
      which === 'previous'
        ? `previous terminated container "${container}" in pod "${pod.metadata.name}" not found`
        : `container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${reason}`;
    return { kind: 'not-started', message };
  }
  return { kind: 'run', run: { ...seen, ...logOf(pod, container) } };
}

function logOf(pod: Pod, container: string): Pick<ContainerRun, 'texts' | 'intervalMs'> {
  const { annotations } = pod.metadata;
  const text = annotations[ANNOTATION.log] ?? `simulated by the sandbox: container ${container} runs no program`;
  const intervalMs = parseDuration(annotations[ANNOTATION.logInterval] ?? '') ?? 0;
  return { texts: text.replace(/\n$/, '').split('\n'), intervalMs };
}
