import type { KubernetesObject } from '../../core/objects.ts';
import type { Cluster, LiveView } from '../../kubernetes/cluster.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import { pause } from '../../kubernetes/pause.ts';
import { byKindAndNamespace } from '../live-objects.ts';
import type { Subject } from './judgement.ts';
import { refOfSubject } from './judgement.ts';

/** Live views of the objects of some subjects. */
export interface Views {
  get(subject: Subject): KubernetesObject | undefined;
  /** Resolves at the next change of any of them, or after `timeoutMs`. */
  changed(timeoutMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Opens one view a kind and namespace. A kind that is not served (any more) has no objects, so it needs none. */
export async function openViews(
  cluster: Pick<Cluster, 'view'>,
  subjects: readonly Subject[],
  signal: AbortSignal,
): Promise<Views> {
  const opened: LiveView[] = [];
  const bySubject = new Map<Subject, LiveView>();
  const close = (): void => opened.forEach((view) => view.close());
  try {
    for (const group of byKindAndNamespace(subjects.map((subject) => ({ ...refOfSubject(subject), subject })))) {
      const view = await openView(cluster, group[0], signal);
      if (view === undefined) continue;
      opened.push(view);
      for (const { subject } of group) bySubject.set(subject, view);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    get: (subject) => bySubject.get(subject)?.get(subject.step.name, subject.step.namespace),
    changed: (timeoutMs, until) => anyChanged(opened, timeoutMs, until),
    close,
  };
}

async function openView(
  cluster: Pick<Cluster, 'view'>,
  query: { readonly apiVersion: string; readonly kind: string; readonly namespace?: string } | undefined,
  signal: AbortSignal,
): Promise<LiveView | undefined> {
  if (query === undefined) return undefined;
  const { apiVersion, kind, namespace } = query;
  try {
    return await cluster.view({ apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) }, signal);
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    throw error;
  }
}

/** The views that lose the race are let go at once, so that no timer outlives its round. */
async function anyChanged(views: readonly LiveView[], timeoutMs: number, signal: AbortSignal): Promise<void> {
  const round = new AbortController();
  const until = AbortSignal.any([signal, round.signal]);
  const changes = [pause(timeoutMs, until), ...views.map((view) => view.changed(timeoutMs, until))];
  try {
    await Promise.race(changes);
  } finally {
    round.abort();
    await Promise.allSettled(changes);
  }
}
