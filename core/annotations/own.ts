import { REFERENCE_GRAMMAR, parseSingleReference } from '../reference.ts';
import type { Reference } from '../reference.ts';
import { parseDuration } from './duration.ts';
import type { Finding } from './findings.ts';
import { itemsOf, notAllowed } from './findings.ts';
import type { Annotations } from './keys.ts';
import { OWN_PREFIX } from './keys.ts';

/** What Syncline's own annotations say of an object. */
export interface OwnAnnotations {
  /** `syncline.dev/timeout` in ms. */
  readonly timeoutMs?: number;
  /** `syncline.dev/keep`: never prune it. */
  readonly keep: boolean;
  /** `syncline.dev/approval: required`: nothing of its wave is done before a person approves. */
  readonly approval: boolean;
  /** `syncline.dev/depends-on`: what must be healthy, or have succeeded, before it; absent where there is nothing. */
  readonly dependsOn?: readonly Reference[];
  /** `syncline.dev/retries`: how often a hook is tried again after a failure; absent for never. */
  readonly retries?: number;
}

const NAMES = ['timeout', 'keep', 'approval', 'depends-on', 'retries'] as const;
/** The most retries that an annotation may ask for. */
const MOST_RETRIES = 100;
/** Asks for a person's approval before anything of the object's wave is done. */
export const APPROVAL_ANNOTATION = `${OWN_PREFIX}approval`;
const KNOWN: readonly string[] = NAMES.map((name) => OWN_PREFIX + name);

/** Reads the annotations under `syncline.dev/`. A name that is not known, and a value that does not fit, are errors. */
export function readOwnAnnotations(annotations: Annotations): {
  readonly own: OwnAnnotations;
  readonly findings: readonly Finding[];
} {
  const timeout = annotations[`${OWN_PREFIX}timeout`];
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
  const keep = annotations[`${OWN_PREFIX}keep`];
  const approval = annotations[APPROVAL_ANNOTATION];
  const { references, findings: referenceFindings } = readDependencies(annotations);
  const { retries, findings: retryFindings } = readRetries(annotations);
  return {
    own: {
      keep: keep === 'true',
      approval: approval === 'required',
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(references.length === 0 ? {} : { dependsOn: references }),
      ...(retries === 0 ? {} : { retries }),
    },
    findings: [
      ...nameFindings(annotations),
      ...(timeout !== undefined && timeoutMs === undefined ? [wrongTimeout(timeout)] : []),
      ...(keep === undefined || keep === 'true' || keep === 'false'
        ? []
        : [notAllowed('error', `${OWN_PREFIX}keep`, keep, ['true', 'false'])]),
      ...(approval === undefined || approval === 'required'
        ? []
        : [notAllowed('error', APPROVAL_ANNOTATION, approval, ['required'])]),
      ...referenceFindings,
      ...retryFindings,
    ],
  };
}

function readRetries(annotations: Annotations): { readonly retries: number; readonly findings: readonly Finding[] } {
  const key = `${OWN_PREFIX}retries`;
  const text = annotations[key];
  if (text === undefined) return { retries: 0, findings: [] };
  const retries = /^[0-9]{1,3}$/.test(text) ? Number(text) : Infinity;
  if (retries <= MOST_RETRIES) return { retries, findings: [] };
  const allowed = `a whole number from 0 to ${String(MOST_RETRIES)}`;
  const message = `${key} has the value ${JSON.stringify(text)}; allowed is ${allowed}`;
  return { retries: 0, findings: [{ severity: 'error', message }] };
}

function readDependencies(annotations: Annotations): {
  readonly references: readonly Reference[];
  readonly findings: readonly Finding[];
} {
  const key = `${OWN_PREFIX}depends-on`;
  const text = annotations[key];
  if (text === undefined) return { references: [], findings: [] };
  const items = itemsOf(text);
  const wrong = items.length === 0 ? [text] : items.filter((item) => parseSingleReference(item) === undefined);
  return {
    references: items.flatMap((item) => parseSingleReference(item) ?? []),
    findings: wrong.map((item) => ({
      severity: 'error',
      message: `${key} has the value ${JSON.stringify(item)}; allowed are KIND/NAME and ${REFERENCE_GRAMMAR}, joined by commas`,
    })),
  };
}

function nameFindings(annotations: Annotations): readonly Finding[] {
  const names = Object.keys(annotations).filter((key) => key.startsWith(OWN_PREFIX));
  return names.flatMap((key): Finding[] => {
    if (KNOWN.includes(key)) return [];
    return [{ severity: 'error', message: `${key} is no annotation of Syncline; known are ${KNOWN.join(', ')}` }];
  });
}

function wrongTimeout(value: string): Finding {
  return {
    severity: 'error',
    message: `${OWN_PREFIX}timeout has the value ${JSON.stringify(value)}; allowed is a duration such as 90s, 30m or 1h30m`,
  };
}
