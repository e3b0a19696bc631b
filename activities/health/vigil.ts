import { describeDuration } from '../../core/annotations/duration.ts';
import type { Failure } from '../../core/failures.ts';
import { DIGEST_ANNOTATION } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { annotationsOf, resourceVersionOf, uidOf } from '../../core/objects.ts';
import { CONCURRENCY, mapConcurrently } from '../concurrency.ts';
import type { SyncContext } from '../sync-context.ts';
import { isAsWanted } from '../sync-context.ts';
import type { Judgement, Look, Subject } from './judgement.ts';
import { judge, refOfSubject } from './judgement.ts';
import { reporter } from './reporter.ts';
import type { StuckWorkloads } from './stuck-workloads.ts';
import { brokenFailures, overdueFailures } from './verdicts.ts';
import type { Views } from './views.ts';

/** What is waited for. */
export interface Vigil {
  readonly sync: SyncContext;
  readonly subjects: readonly Subject[];
  readonly views: Views;
  readonly stuck: StuckWorkloads;
  /** Whether nothing of the sync follows. */
  readonly last: boolean;
  /** From when the activity was first scheduled, ms. */
  readonly deadlineMs: number;
}

/** How often to look, and to say so, while nothing changes, ms. */
const LOOK_MS = 3_000;

/** Waits until every subject is done and answers none, or until some can't be any more and answers why. */
export async function settled(vigil: Vigil): Promise<readonly Failure[]> {
  const { sync, subjects, views } = vigil;
  const { runtime } = sync;
  const fresh = new Set<Subject>();
  const report = reporter(sync, vigil.stuck);
  for (;;) {
    const seen = await mapConcurrently(subjects, CONCURRENCY, runtime.signal, (subject) => look(vigil, subject, fresh));
    const looks = withStuck(vigil, seen);
    await report(looks);
    const broken = looks.filter(({ judgement: { kind } }) => kind === 'degraded' || kind === 'missing');
    if (broken.length > 0) return brokenFailures(sync, broken);
    const waiting = looks.filter(({ judgement }) => judgement.kind === 'waiting');
    if (waiting.length === 0) return [];
    const overdue = waiting.filter(({ subject }) => deadlineOf(vigil, subject) <= runtime.now());
    if (overdue.length > 0) return overdueFailures(sync, overdue, (subject) => lengthOf(vigil, subject));
    const next = Math.min(...waiting.map(({ subject }) => deadlineOf(vigil, subject))) - runtime.now();
    await views.changed(Math.min(LOOK_MS, Math.max(1, next)), runtime.signal);
  }
}

/** Looks that call a workload degraded which waits for a pod that is stuck. */
function withStuck({ stuck }: Vigil, looks: readonly Look[]): readonly Look[] {
  const rolling = new Set(looks.filter(isRollingOut));
  stuck.note([...rolling].flatMap(({ live }) => (live === undefined ? [] : [live])));
  return looks.map((look) => {
    const pod = look.live === undefined || !rolling.has(look) ? undefined : stuck.stuckPodOf(look.live);
    if (pod === undefined) return look;
    const message = `its pod ${pod.name} has been stuck for ${describeDuration(pod.forMs)}`;
    return { ...look, judgement: { kind: 'degraded', message, problem: pod.problem } };
  });
}

/**
 * Whether a workload waits for its pods. One that is paused waits for somebody, and one that is not yet seen as it was sent may
 * have pods that the sync replaces.
 */
function isRollingOut({ subject, live, judgement }: Look): boolean {
  if (subject.kind !== 'applied' || live === undefined || judgement.kind !== 'waiting') return false;
  const isAsSent = annotationsOf(live)[DIGEST_ANNOTATION] === annotationsOf(subject.desired)[DIGEST_ANNOTATION];
  return isAsSent && judgement.status !== 'Suspended';
}

/** How long a subject may take, ms: its own deadline, at most the wave's. */
function lengthOf({ deadlineMs }: Vigil, { step }: Subject): number {
  return Math.min(deadlineMs, step.deadlineMs);
}

function deadlineOf(vigil: Vigil, subject: Subject): number {
  return vigil.sync.runtime.scheduledAt + lengthOf(vigil, subject);
}

/**
 * A shared view may be older than the apply, and so call what was applied missing, healthy or degraded in its old state. It
 * is believed once it shows an object as it was sent; until then an end is taken only from a read of its own.
 */
async function look(vigil: Vigil, subject: Subject, fresh: Set<Subject>): Promise<Look> {
  const { sync, views } = vigil;
  const seen = views.get(subject);
  const judgement = await judged(vigil, subject, seen);
  const believed = judgement.kind !== 'missing' && (fresh.has(subject) || (await isCurrent(sync, subject, seen)));
  if (believed) fresh.add(subject);
  if (believed || judgement.kind === 'waiting') return { subject, live: seen, judgement };
  const live = await sync.cluster.get(refOfSubject(subject), sync.runtime.signal);
  const isUpToDate = seen === undefined ? live === undefined : live !== undefined && isSameVersion(live, seen);
  if (isUpToDate) fresh.add(subject);
  return { subject, live, judgement: await judged(vigil, subject, live) };
}

async function judged(
  { sync, last }: Vigil,
  subject: Subject,
  object: KubernetesObject | undefined,
): Promise<Judgement> {
  if (object === undefined) return judge(subject, undefined, last);
  return judge(subject, { object, health: await sync.judge.healthOf(object, sync.runtime.signal) }, last);
}

function isSameVersion(live: KubernetesObject, seen: KubernetesObject): boolean {
  return uidOf(live) === uidOf(seen) && resourceVersionOf(live) === resourceVersionOf(seen);
}

async function isCurrent(sync: SyncContext, subject: Subject, seen: KubernetesObject | undefined): Promise<boolean> {
  switch (subject.kind) {
    case 'pruned':
      // A UID that was deleted never comes back, however old the view is.
      return seen !== undefined;
    case 'applied': {
      if (subject.step.unchanged || seen === undefined) return subject.step.unchanged;
      return isAsWanted(sync, subject.step, seen);
    }
  }
}
