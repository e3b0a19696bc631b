import type { Failure } from '../../core/failures.ts';
import { listed } from '../../core/listed.ts';
import { OWNER_ANNOTATION, fieldManagerOf, ownerOf, recordName } from '../../core/markers.ts';
import type { ObjectRef } from '../../core/objects.ts';
import { describeRef } from '../../core/objects.ts';
import type { Claim } from '../../core/ownership/claims.ts';
import { claimOn, describeClaim, isMarked } from '../../core/ownership/claims.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { LiveObjects } from '../live-objects.ts';
import type { Findings, NamedManifestStep, Planning } from './planning.ts';
import { placeOf } from './planning.ts';

/** Whose the live objects of a plan are. */
export interface Ownership extends Findings {
  /** IDs of the steps whose objects others own, and that are not to be taken over. */
  readonly disputed: ReadonlySet<string>;
  /** The field managers that steps take objects over from, by the IDs of the steps. */
  readonly takenFrom: ReadonlyMap<string, readonly string[]>;
}

interface Claimed {
  readonly step: NamedManifestStep;
  readonly claim: Claim;
}

/**
 * Finds who owns the live objects of steps. What another application of Syncline's, Argo CD or Helm owns is a failure,
 * unless the sync is told to adopt it; under `FailOnSharedResource=true` it is one all the same where that other
 * application of Syncline's still has its record. What nobody owns is taken over, with a warning.
 */
export async function findOwners(
  planning: Planning,
  live: LiveObjects,
  steps: readonly NamedManifestStep[],
): Promise<Ownership> {
  const { request } = planning;
  const claimed = steps.flatMap((step) => claimedBy(planning, live, step));
  const shared = await sharedOwners(planning, claimed);
  const isRefused = ({ claim }: Claimed) =>
    request.options.adopt !== true || (claim.by === 'syncline' && shared.has(claim.owner));
  const refused = claimed.filter(isRefused);
  const adopted = claimed.filter((one) => !isRefused(one));
  return {
    disputed: new Set(refused.map(({ step }) => step.id)),
    takenFrom: new Map(adopted.map(({ step, claim }) => [step.id, managersOf(claim)])),
    failures: refused.map((one) => conflict(planning, one)),
    warnings: [...adoptionWarning(adopted), ...takeOverWarning(live, steps)],
  };
}

/** Argo CD's and Helm's finished hooks are replaced like any other, so only another application of ours owns a hook. */
function claimedBy({ request }: Planning, live: LiveObjects, step: NamedManifestStep): readonly Claimed[] {
  const object = live.get(step);
  const claim = object === undefined ? undefined : claimOn(object, ownerOf(request));
  if (claim === undefined || (step.action === 'hook' && claim.by !== 'syncline')) return [];
  return [{ step, claim }];
}

/** The other applications that still have a record, where nothing may be shared with them. */
async function sharedOwners(planning: Planning, claimed: readonly Claimed[]): Promise<ReadonlySet<string>> {
  const { request } = planning;
  if (request.options.syncOptions?.FailOnSharedResource !== 'true') return new Set();
  const owners = new Set(claimed.flatMap(({ claim }) => (claim.by === 'syncline' ? [claim.owner] : [])));
  const alive = await Promise.all(
    [...owners].map(async (owner) => {
      const [namespace = '', application = ''] = owner.split('/');
      const record = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: recordName(application) };
      return (await exists(planning, record)) ? [owner] : [];
    }),
  );
  return new Set(alive.flat());
}

/** What may not be read is taken to exist. */
async function exists({ own, runtime }: Planning, ref: ObjectRef): Promise<boolean> {
  try {
    return (await own.get(ref, runtime.signal)) !== undefined;
  } catch (error) {
    if (isApiError(error, 403)) return true;
    throw error;
  }
}

function managersOf(claim: Claim): readonly string[] {
  return claim.by === 'syncline' ? [fieldManagerOf(claim.owner.split('/')[1] ?? '')] : [];
}

function conflict(planning: Planning, { step, claim }: Claimed): Failure {
  const { options } = planning.request;
  return {
    type: 'OwnershipConflict',
    message: `${describeRef(step)} belongs to ${describeClaim(claim)}, so ${ownerOf(planning.request)} does not touch it.`,
    remedy: options.adopt === true ? sharedRemedy() : remedyFor(claim),
    object: describeRef(step),
    location: placeOf(planning, step.manifest),
  };
}

function remedyFor(claim: Claim): string {
  const other = claim.by === 'syncline' ? `; or remove the annotation ${OWNER_ANNOTATION} from the live object` : '';
  return `take it out of one of the two, or take it over with --adopt${other}`;
}

function sharedRemedy(): string {
  return 'take it out of one of the two; FailOnSharedResource=true allows no taking over from an application that still has a record';
}

function adoptionWarning(adopted: readonly Claimed[]): readonly string[] {
  if (adopted.length === 0) return [];
  return [
    `Taken over from others: ${listed(adopted.map(({ step, claim }) => `${describeRef(step)} (${describeClaim(claim)})`))}.`,
  ];
}

function takeOverWarning(live: LiveObjects, steps: readonly NamedManifestStep[]): readonly string[] {
  const unowned = steps.filter((step) => {
    const object = step.action === 'apply' ? live.get(step) : undefined;
    return object !== undefined && !isMarked(object) && claimOn(object, '') === undefined;
  });
  if (unowned.length === 0) return [];
  return [`Exists already, owned by nobody, and is taken over: ${listed(unowned.map((step) => describeRef(step)))}.`];
}
