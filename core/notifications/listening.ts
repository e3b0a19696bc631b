import { globPattern } from '../glob.ts';
import type { Notification, NotificationKind } from './notification.ts';

/** What somebody wants to be told. */
export interface Listening {
  readonly on: readonly NotificationKind[];
  /** Globs of application names; empty = all. */
  readonly applications: readonly string[];
  /** Globs of cluster names; empty = all. */
  readonly clusters: readonly string[];
}

/** Whose syncs something is about. */
export type Subject = Pick<Notification, 'application' | 'cluster'>;

/** Whether somebody wants to be told of this. */
export function listensTo(listening: Listening, { kind, ...subject }: Subject & Pick<Notification, 'kind'>): boolean {
  return listening.on.includes(kind) && concerns(listening, subject);
}

/** The kinds of events of an application that any of these wants to be told of, each once. */
export function kindsHeard(all: readonly Listening[], subject: Subject): readonly NotificationKind[] {
  return [...new Set(all.filter((each) => concerns(each, subject)).flatMap(({ on }) => on))];
}

function concerns({ applications, clusters }: Listening, { application, cluster }: Subject): boolean {
  return matches(applications, application) && matches(clusters, cluster);
}

function matches(globs: readonly string[], name: string): boolean {
  return globs.length === 0 || globs.some((glob) => globPattern(glob, true).test(name));
}
