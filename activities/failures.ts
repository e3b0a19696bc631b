import { grantFor, missingRuleIn } from '../core/accounts/missing-rule.ts';
import type { Failure, FailureType } from '../core/failures.ts';
import { SynclineError } from '../core/failures.ts';
import type { Location } from '../core/manifests/manifest.ts';
import type { ObjectRef } from '../core/objects.ts';
import { describeRef } from '../core/objects.ts';
import { ApiError } from '../kubernetes/errors.ts';
import { managerOfCause } from './field-management.ts';

/** What an error is told about. */
export interface FailureContext {
  readonly ref: ObjectRef;
  readonly location?: Location;
  /** Takes the values of Secrets out of the server's words. */
  readonly redact?: (text: string) => string;
  /** Whether the object was live before; makes the remedy for an immutable field more certain. */
  readonly exists?: boolean;
}

/** Failures of the catalogue that may pass by themselves. */
const PASSING: ReadonlySet<FailureType> = new Set(['KindNotServed', 'ClusterUnavailable']);

/** Tells whether an error of the catalogue may pass by itself, so that it is to be thrown on and tried again. */
export function mayPass(error: SynclineError): boolean {
  return PASSING.has(error.type);
}

/**
 * The one place where an error of the cluster becomes a failure of the catalogue. Takes the error and the object it
 * concerns; answers what the user must mend, or undefined for what may pass by itself (no answer, 429, 5xx, a lost race, a
 * namespace on its way out, an abort): such an error is to be thrown on as it is, so that Temporal tries again.
 */
export function failureOf(error: unknown, context: FailureContext): Failure | undefined {
  if (error instanceof SynclineError) {
    return mayPass(error) ? undefined : { ...detailsOf(context), ...error.failures[0] };
  }
  if (!(error instanceof ApiError)) return undefined;
  const described = describe(error, context);
  return described === undefined ? undefined : { ...detailsOf(context), ...described };
}

type Described = Pick<Failure, 'type' | 'message' | 'remedy'>;

function detailsOf({ ref, location }: FailureContext): Pick<Failure, 'object' | 'location'> {
  return {
    object: describeRef(ref),
    ...(location === undefined ? {} : { location: `${location.file}:${String(location.line)}` }),
  };
}

function describe(error: ApiError, context: FailureContext): Described | undefined {
  switch (error.code) {
    case 401:
      return {
        type: 'Forbidden',
        message: wordsOf(error, context),
        remedy: "check the credentials of the worker's kubeconfig or service account",
      };
    case 403:
      return passesOnceMade(error) ? undefined : forbidden(error, context);
    case 404:
      // The transport's own word for a kind that discovery does not know (yet).
      return error.reason === 'KindNotServed' ? undefined : notFound(error, context);
    case 409:
      return hasCause(error, 'FieldManagerConflict') ? fieldConflict(error, context) : undefined;
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
      return { type: 'InvalidManifest', message: wordsOf(error, context) };
    case 422:
      return invalid(error, context);
    default:
      return undefined;
  }
}

function hasCause(error: ApiError, type: string): boolean {
  return error.causes.some((cause) => cause.type === type);
}

/**
 * Whether a 403 passes by itself: the namespace is still being deleted, or is so new that Kubernetes has not yet made its
 * default service account, without which it admits no Pod (that has no code, only these words).
 */
function passesOnceMade(error: ApiError): boolean {
  return hasCause(error, 'NamespaceTerminating') || error.message.includes('serviceaccount "default" not found');
}

/** RBAC, quotas and Pod Security all answer 403 with the reason Forbidden: only the words tell whether a permission is missing. */
function forbidden(error: ApiError, context: FailureContext): Described {
  return { type: 'Forbidden', message: wordsOf(error, context), ...remedyOfRefusal(error) };
}

/** What helps against a 403, where that is a missing permission. */
export function remedyOfRefusal({ message }: ApiError): Pick<Failure, 'remedy'> {
  const rule = missingRuleIn(message);
  if (rule !== undefined) return { remedy: `${grantFor(rule)}, then sync again` };
  if (!message.includes('forbidden: User')) return {};
  return { remedy: 'grant that verb to the account that the message names, then sync again' };
}

function notFound(error: ApiError, context: FailureContext): Described {
  const { namespace } = context.ref;
  // A write of a namespaced object is answered 404 where its namespace does not exist; what a webhook misses reads the same.
  if (namespace === undefined || !error.message.includes(`namespaces "${namespace}" not found`)) {
    return { type: 'ApplyFailed', message: wordsOf(error, context) };
  }
  return {
    type: 'NamespaceNotFound',
    message: `${describeRef(context.ref)} has no place to go: namespace ${namespace} does not exist`,
    remedy: `create it (kubectl create namespace ${namespace}), add it to the manifests, or use --create-namespace`,
  };
}

function fieldConflict(error: ApiError, context: FailureContext): Described {
  const fields = new Map<string, string[]>();
  for (const cause of error.causes) {
    const manager = managerOfCause(cause) ?? 'another manager';
    fields.set(manager, [...(fields.get(manager) ?? []), cause.field]);
  }
  const owners = [...fields].map(([manager, owned]) => `${manager} owns ${listed(owned)}`).join('; ');
  return {
    type: 'FieldConflict',
    message: `${describeRef(context.ref)} is not applied because other managers own fields it sets: ${owners}`,
    remedy:
      'take those fields out of the manifest, take them over with --force-conflicts, or leave them as they are with --ignore-differences and --sync-option RespectIgnoreDifferences=true',
  };
}

function listed(fields: readonly string[]): string {
  const shown = fields.slice(0, 5).join(', ');
  return fields.length > 5 ? `${shown} and ${String(fields.length - 5)} more` : shown;
}

function invalid(error: ApiError, context: FailureContext): Described {
  const unchangeable = error.causes.filter((cause) => context.exists !== false && isImmutable(cause));
  if (unchangeable.length === 0) return { type: 'InvalidManifest', message: wordsOf(error, context) };
  const fields = [...new Set(unchangeable.map((cause) => cause.field))];
  const title = describeRef(context.ref);
  return {
    type: 'InvalidManifest',
    message: `${title} can't be changed: ${listed(fields)} ${fields.length === 1 ? 'is' : 'are'} immutable once it exists`,
    remedy: `delete the live object (kubectl delete ${kubectlName(context.ref)}) so that the sync makes it anew, or give it a new name`,
  };
}

/**
 * Kubernetes has no code of its own for an immutable field. It says `FieldValueForbidden` (StatefulSet, PVC, immutable
 * ConfigMap; in the words it uses of updates) or `FieldValueInvalid` with one of a few sentences.
 */
function isImmutable(cause: ApiError['causes'][number]): boolean {
  return /immutable|may not change once set|may not be changed|updates to \S+ .*are forbidden|^FieldValueForbidden$/.test(
    cause.message,
  );
}

function kubectlName(ref: ObjectRef): string {
  const place = ref.namespace === undefined ? '' : `-n ${ref.namespace} `;
  return `${place}${ref.kind.toLowerCase()} ${ref.name}`;
}

/** The longest text of the server that is passed on: the API server prints whole Go structures into some of its errors. */
const MOST_WORDS = 600;

function wordsOf(error: ApiError, context: FailureContext): string {
  // Redacted before it is cut: half a Secret would not be recognised.
  const words = context.redact?.(error.message) ?? error.message;
  if (words.length <= MOST_WORDS) return words;
  return `${words.slice(0, MOST_WORDS / 2)} … ${words.slice(-MOST_WORDS / 2)}`;
}
