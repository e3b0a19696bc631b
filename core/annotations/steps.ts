import type { Failure } from '../failures.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { annotationsOf, describeRef, refOf } from '../objects.ts';
import { stringAt } from '../json.ts';
import type { Reference } from '../reference.ts';
import type { DeletePolicy, Operation, Phase } from '../phases.ts';
import { readCompareOptions } from './compare-options.ts';
import { readDeletePolicies } from './delete-policies.ts';
import type { Finding } from './findings.ts';
import { readHookTypes } from './hook-types.ts';
import type { HookTypes } from './hook-types.ts';
import type { Annotations } from './keys.ts';
import { ARGO_KEYS, HELM_KEYS, OWN_PREFIX } from './keys.ts';
import { readOwnAnnotations } from './own.ts';
import type { OwnAnnotations } from './own.ts';
import { readSyncOptions } from './sync-options.ts';
import type { ObjectSyncOptions } from './sync-options.ts';
import { readWave } from './waves.ts';

/** How annotations are read. */
export interface ReadOptions {
  /** Read a misspelled annotation of Argo CD's as Argo CD does, with a warning, instead of failing. */
  readonly lenient: boolean;
  /** What the hooks are read for. @default a sync */
  readonly operation?: Operation;
}

interface ReadingBase {
  readonly wave: number;
  readonly syncOptions: ObjectSyncOptions;
  /** `syncline.dev/timeout` in ms. */
  readonly timeoutMs?: number;
  /** `syncline.dev/keep`. */
  readonly keep: boolean;
  /** `syncline.dev/approval: required`. */
  readonly approval: boolean;
  /** `syncline.dev/depends-on`. */
  readonly dependsOn?: readonly Reference[];
  /** `syncline.dev/retries`. */
  readonly retries?: number;
  readonly ignoreHealthcheck: boolean;
  /** Never true of a hook: Argo CD does not honour it on hook Pods. */
  readonly ignoreRestartPolicy: boolean;
  /** Sentences for people; each names the object. */
  readonly warnings: readonly string[];
  /** `InvalidManifest` failures; the reading is what Argo CD would have made of it. */
  readonly failures: readonly Failure[];
}

/** What an object's annotations make of it in a sync. */
export type StepReading =
  | (ReadingBase & { readonly kind: 'resource' })
  | (ReadingBase & {
      readonly kind: 'hook';
      /** In the order of phases, one step each. */
      readonly phases: readonly [Phase, ...Phase[]];
      readonly deletePolicies: readonly DeletePolicy[];
    })
  | (ReadingBase & { readonly kind: 'skip'; readonly reason: string })
  | (ReadingBase & { readonly kind: 'left-out'; readonly reason: string });

/**
 * Reads the annotations of Argo CD, Helm and Syncline on a manifest. Misspelled hook types, delete policies and waves
 * are failures, or warnings when lenient; unknown values of Helm's are always warnings.
 */
export function readSteps(manifest: Manifest, options: ReadOptions): StepReading {
  const annotations = annotationsOf(manifest.object);
  const { types, findings: typeFindings } = readHookTypes(annotations, options.operation);
  const { wave, findings: waveFindings } = readWave(annotations);
  const { policies, findings: policyFindings } = readDeletePolicies(annotations);
  const { own, findings: ownFindings } = readOwnAnnotations(annotations);
  const { options: syncOptions, findings: optionFindings } = readSyncOptions(annotations);
  const findings = [
    ...typeFindings,
    ...waveFindings,
    ...policyFindings,
    ...ownFindings,
    ...optionFindings,
    ...readCompareOptions(annotations).findings,
    ...idlePolicy(types, annotations),
    ...idleOwn(types, own),
  ];
  const isError = ({ severity }: Finding): boolean =>
    severity === 'error' || (severity === 'mistake' && !options.lenient);
  const base: ReadingBase = {
    wave,
    syncOptions,
    ...own,
    ignoreHealthcheck: annotations[ARGO_KEYS.ignoreHealthcheck] === 'true',
    ignoreRestartPolicy: types.kind !== 'hook' && annotations[ARGO_KEYS.ignoreRestartPolicy] === 'true',
    warnings: findings.filter((finding) => !isError(finding)).map((finding) => warningOf(manifest, finding)),
    failures: findings.filter(isError).map((finding) => failureOf(manifest, finding)),
  };
  return combine(base, types, policies);
}

/** The failure for something that is wrong with a manifest: names the object, file and line. */
export function failureOf(manifest: Manifest, finding: Pick<Finding, 'message' | 'remedy'>): Failure {
  const object = subjectOf(manifest);
  return {
    type: 'InvalidManifest',
    message: `${object}: ${finding.message}.`,
    object,
    location: placeOf(manifest),
    ...(finding.remedy === undefined ? {} : { remedy: finding.remedy }),
  };
}

function combine(base: ReadingBase, types: HookTypes, deletePolicies: readonly DeletePolicy[]): StepReading {
  switch (types.kind) {
    case 'resource':
      return { ...base, kind: 'resource' };
    case 'hook':
      return { ...base, kind: 'hook', phases: types.phases, deletePolicies };
    case 'skip':
      return { ...base, kind: 'skip', reason: types.reason };
    case 'left-out':
      return { ...base, kind: 'left-out', reason: types.reason };
  }
}

function idlePolicy(types: HookTypes, annotations: Annotations): readonly Finding[] {
  if (types.kind !== 'resource') return [];
  const key = [ARGO_KEYS.deletePolicy, HELM_KEYS.deletePolicy].find((name) => annotations[name] !== undefined);
  const message = `${key ?? ''} has no effect on an object that is no hook`;
  return key === undefined || annotations[HELM_KEYS.hook] !== undefined ? [] : [{ severity: 'notice', message }];
}

function idleOwn({ kind }: HookTypes, { dependsOn, retries }: OwnAnnotations): readonly Finding[] {
  const idle = [
    ...(dependsOn !== undefined && kind !== 'resource' && kind !== 'hook'
      ? ['depends-on has no effect on an object that is left alone']
      : []),
    ...(retries !== undefined && kind !== 'hook' ? ['retries has no effect on an object that is no hook'] : []),
  ];
  return idle.map((message) => ({ severity: 'notice', message: OWN_PREFIX + message }));
}

function warningOf(manifest: Manifest, { message, remedy }: Finding): string {
  return `${subjectOf(manifest)} (${placeOf(manifest)}): ${message}${remedy === undefined ? '' : `; ${remedy}`}.`;
}

/** A manifest's object for messages, as it is written. */
export function subjectOf({ object }: Manifest): string {
  const ref = refOf(object);
  return describeRef(
    ref.name === '' ? { ...ref, name: `${stringAt(object, 'metadata', 'generateName') ?? ''}*` } : ref,
  );
}

/** Where a manifest stands, as `file:line`. */
export function placeOf({ location }: Manifest): string {
  return `${location.file}:${location.line}`;
}
