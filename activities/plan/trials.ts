import { prerequisitesOf } from '../../core/apply/prerequisites.ts';
import { isUnchanged } from '../../core/apply/unchanged.ts';
import { sendingOf } from '../../core/apply/write-mode.ts';
import { listed } from '../../core/listed.ts';
import { describeRef, refKey } from '../../core/objects.ts';
import { filtered } from '../concurrency.ts';
import type { LiveObjects } from '../live-objects.ts';
import { stampedManifest } from '../sync-context.ts';
import type { Destinations } from './destinations.ts';
import type { Trial } from './dry-run.ts';
import type { Kinds } from './kinds.ts';
import { plannedDefinitions } from './kinds.ts';
import type { NamedManifestStep, Planning } from './planning.ts';
import type { Ownership } from './ownership.ts';
import type { WriteModes } from './write-modes.ts';

/** The IDs of the apply steps whose live object is as the manifest wants it. */
export async function unchangedSteps(
  planning: Planning,
  live: LiveObjects,
  modes: WriteModes,
  steps: readonly NamedManifestStep[],
): Promise<ReadonlySet<string>> {
  const { request, bundle, ignored } = planning;
  const unchanged = await filtered(steps, async (step) => {
    const object = step.action === 'apply' ? live.get(step) : undefined;
    const manifest = bundle.manifests[step.manifest]?.object;
    if (object === undefined || manifest === undefined) return false;
    const mode = modes.modeOf(step);
    const desired = await ignored.kept(stampedManifest(manifest, step.namespace, request), object, sendingOf(mode));
    return isUnchanged(desired, object, mode, request);
  });
  return new Set(unchanged.map(({ id }) => id));
}

/** What is known of the cluster when steps are chosen for the dry run. */
export interface Known {
  readonly kinds: Kinds;
  readonly destinations: Destinations;
  readonly live: LiveObjects;
  readonly ownership: Ownership;
  readonly modes: WriteModes;
  readonly unchanged: ReadonlySet<string>;
}

/** The steps that a dry run can say something of, and a sentence about the others. */
export interface Trials {
  readonly trials: readonly Trial[];
  readonly warnings: readonly string[];
}

/**
 * Chooses what is tried: every step that is not unchanged, except those whose prerequisites this very sync makes (their
 * namespace, their definition, a role), since a dry run would only say that these are missing.
 */
export function trialsOf(planning: Planning, known: Known, steps: readonly NamedManifestStep[]): Trials {
  const made = new Map(steps.map((step) => [refKey(step), step]));
  const definitionOf = plannedDefinitions(planning, steps);
  const changed = steps.filter(({ id }) => !known.unchanged.has(id) && !known.ownership.disputed.has(id));
  const [waiting, ready] = split(changed, (step) => {
    if (!known.kinds.isServed(step)) return true;
    if (step.namespace !== undefined && known.destinations.isMissing(step.namespace)) return true;
    const object = planning.bundle.manifests[step.manifest]?.object ?? {};
    return prerequisitesOf(object, step.namespace, definitionOf).some(({ ref, content }) => {
      const maker = made.get(refKey(ref));
      if (maker === undefined) return false;
      return known.live.get(maker) === undefined || (content && !known.unchanged.has(maker.id));
    });
  });
  const [foreign, own] = split(
    waiting,
    (step) => !known.kinds.isServed(step) && definitionOf(step.apiVersion, step.kind) === undefined,
  );
  return {
    trials: ready.map((step) => ({ step, live: known.live.get(step), mode: known.modes.modeOf(step) })),
    warnings: [
      ...untried('the sync itself makes what they depend on', own),
      ...untried('their kind is not served yet, and nothing of the sync defines it', foreign),
    ],
  };
}

function untried(why: string, steps: readonly NamedManifestStep[]): readonly string[] {
  const titles = steps.map((step) => describeRef(step));
  return titles.length === 0 ? [] : [`Not validated beforehand, because ${why}: ${listed(titles)}.`];
}

function split<T>(items: readonly T[], test: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
