import { objectDifference } from '../../core/diff/object-difference.ts';
import type { ObjectDifference, SyncDiff } from '../../core/diff/sync-diff.ts';
import { syncDiff } from '../../core/diff/sync-diff.ts';
import { redactor, secretValuesOf } from '../../core/evidence/redaction.ts';
import { bareRef } from '../../core/objects.ts';
import type { LiveObjects } from '../live-objects.ts';
import type { Compared } from './compared.ts';
import type { Tried } from './dry-run.ts';
import type { NamedManifestStep, Planning } from './planning.ts';
import type { Prunes } from './prune-targets.ts';

/** What a plan's checks came to, as far as a diff is made of it. */
export interface Checked {
  readonly steps: readonly NamedManifestStep[];
  readonly live: LiveObjects;
  /** IDs of the apply steps whose live object is as the manifest wants it. */
  readonly unchanged: ReadonlySet<string>;
  readonly predictions: Tried['predictions'];
  /** The states of objects of which something is ignored, by the IDs of their steps. */
  readonly compared: ReadonlyMap<string, Compared>;
  readonly prunes: Pick<Prunes, 'targets' | 'extra'>;
}

/**
 * What a sync would change. The values of Secrets are hidden, and those of the bundle's and of live Secrets are taken out
 * of all other objects.
 */
export function diffOf({ bundle }: Planning, checked: Checked): SyncDiff {
  const { steps, live, unchanged, predictions, compared, prunes } = checked;
  const applies = steps.filter((step) => step.action === 'apply');
  const liveApplied = applies.map((step) => live.get(step)).filter((object) => object !== undefined);
  const secrets = [...bundle.manifests.map(({ object }) => object), ...liveApplied];
  const redact = redactor(secretValuesOf(secrets));
  const differenceOf = (step: NamedManifestStep): ObjectDifference => {
    const ref = bareRef(step);
    const object = live.get(step);
    if (step.action === 'hook') return { kind: 'hook', ref, phase: step.phase };
    if (object === undefined) return { kind: 'added', ref };
    const prediction = predictions.get(step.id);
    if (prediction === undefined) return { kind: 'unpredicted', ref, reason: UNPREDICTED };
    if (prediction.anew) return { kind: 'remade', ref };
    const { live: before, predicted } = compared.get(step.id) ?? { live: object, predicted: prediction.object };
    return objectDifference(ref, before, predicted, redact);
  };
  const pending = steps.filter((step) => !unchanged.has(step.id));
  return syncDiff(
    [
      ...prunes.targets.map(({ ref }): ObjectDifference => ({ kind: 'removed', ref })),
      ...pending.map(differenceOf),
      ...prunes.extra.map((ref): ObjectDifference => ({ kind: 'extra', ref })),
    ],
    unchanged.size,
  );
}

const UNPREDICTED = 'the API server could not be asked beforehand; see the warnings';
