import type { ApiClient } from '../cluster/api.ts';
import type { Pod } from '../cluster/objects.ts';
import type { ObjectChange } from '../cluster/watch.ts';
import { waitFor } from '../processes/waiting.ts';
import { ANNOTATION } from './annotations.ts';

/** Counts the pods of each controller and writes each pod's number on it. */
export interface AttemptCounter {
  note(change: ObjectChange<Pod>): void;
}

/**
 * Makes the counter behind `fail-times`: a kwok stage sees one pod at a time and cannot count, so each pod that
 * asks for it is told which of its controller's pods it is. Pods without a controller count as the first.
 */
export function createAttemptCounter(api: ApiClient, signal: AbortSignal): AttemptCounter {
  const counted = new Map<string, Map<string, number>>();
  return {
    note: ({ kind, object: pod }) => {
      const { annotations, uid } = pod.metadata;
      if (kind === 'gone' || annotations[ANNOTATION.failTimes] === undefined) return;
      const owner = pod.metadata.ownerReferences.find(({ controller }) => controller === true)?.uid ?? uid;
      const pods = counted.get(owner) ?? new Map<string, number>();
      counted.set(owner, pods);
      const written = Number(annotations[ANNOTATION.attempt] ?? Number.NaN);
      const isNew = !pods.has(uid);
      const attempt = pods.get(uid) ?? (Number.isNaN(written) ? pods.size + 1 : written);
      pods.set(uid, attempt);
      if (isNew && Number.isNaN(written)) void writeAttempt(api, pod, attempt, signal);
    },
  };
}

async function writeAttempt(api: ApiClient, pod: Pod, attempt: number, signal: AbortSignal): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata;
  const request = {
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}/pods/${name}`,
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid, annotations: { [ANNOTATION.attempt]: String(attempt) } } },
    signal,
  } as const;
  // A pod that is gone by now needs no number; an API server that is away is asked again.
  await waitFor(`number of pod ${name}`, { timeoutMs: 60_000, everyMs: 250, signal }, async () =>
    (await api.send(request)).status < 500 ? true : undefined,
  ).catch(() => undefined);
}
