import { effectiveSyncOptions, readSyncOptions } from '../../core/annotations/sync-options.ts';
import type { WriteMode } from '../../core/apply/write-mode.ts';
import { PLAIN_APPLY, writeModeOf } from '../../core/apply/write-mode.ts';
import { handedOver } from '../../core/managed-fields/migration.ts';
import { fieldManagerOf } from '../../core/markers.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { annotationsOf } from '../../core/objects.ts';
import type { LiveObjects } from '../live-objects.ts';
import type { Ownership } from './ownership.ts';
import type { NamedManifestStep, Planning } from './planning.ts';

/** How the objects of a plan are written. */
export interface WriteModes {
  modeOf(step: { readonly id: string }): WriteMode;
}

/** Decides how each step's object is written: by its options, those of its application, and what is live. */
export function writeModes(
  planning: Planning,
  live: LiveObjects,
  ownership: Ownership,
  steps: readonly NamedManifestStep[],
): WriteModes {
  const modes = new Map(
    steps.map((step) => {
      const mode = writeModeOf(step, optionsOf(planning, step, live.get(step)));
      const from = ownership.takenFrom.get(step.id) ?? [];
      return [step.id, step.action === 'apply' ? adopting(planning, mode, from, step, live.get(step)) : mode];
    }),
  );
  return { modeOf: ({ id }) => modes.get(id) ?? PLAIN_APPLY };
}

/** As in Argo CD, `Replace` and `Force` count on the live object too. */
function optionsOf({ request, bundle }: Planning, step: NamedManifestStep, live: KubernetesObject | undefined) {
  const own = readSyncOptions(annotationsOf(bundle.manifests[step.manifest]?.object ?? {})).options;
  const { Replace, Force } = live === undefined ? {} : readSyncOptions(annotationsOf(live)).options;
  const lasting = {
    ...(Replace === undefined ? {} : { Replace }),
    ...(Force === undefined ? {} : { Force }),
  };
  return effectiveSyncOptions(request.options.syncOptions, { ...lasting, ...own });
}

function adopting(
  { request }: Planning,
  mode: WriteMode,
  from: readonly string[],
  step: NamedManifestStep,
  live: KubernetesObject | undefined,
): WriteMode {
  if (mode.kind !== 'apply' || live === undefined) return mode;
  const successor = { fieldManager: fieldManagerOf(request.application), apiVersion: step.apiVersion, from };
  const isToMigrate = request.options.syncOptions?.ClientSideApplyMigration !== 'false';
  const handOver = isToMigrate && handedOver(live, successor) !== undefined;
  return handOver || from.length > 0 ? { ...mode, adoption: { handOver, from } } : mode;
}
