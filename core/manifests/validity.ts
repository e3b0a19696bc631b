import type { Failure } from '../failures.ts';
import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { describeRef, refOf } from '../objects.ts';
import { TEMPLATE_REMEDY } from './documents.ts';
import type { Candidate } from './lists.ts';
import type { Location } from './manifest.ts';
import { generateNameProblem, nameProblem, namespaceProblem } from './names.ts';
import { abridged, utf8Length } from './text-size.ts';

const API_VERSION = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const KIND = /^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$/;
/** Kubernetes' TotalAnnotationSizeLimitB. */
const STEERING_PREFIXES = ['argocd.argoproj.io/', 'helm.sh/', 'syncline.dev/'];
const MAX_ANNOTATION_BYTES = 256 * 1024;

/** A complaint about an object: what is wrong, and what helps. */
interface Complaint {
  readonly message: string;
  readonly remedy?: string;
}

/**
 * Checks what every Kubernetes object must have: apiVersion, kind, a valid name, string labels and annotations within
 * the size limit. Answers every `InvalidManifest` failure found; none means the object may be sent to a cluster.
 */
export function validityFailures({ value, location }: Candidate): readonly Failure[] {
  if (!isJsonObject(value)) {
    const found = Array.isArray(value) ? 'a list' : `a ${typeof value}`;
    const complaint = {
      message: `The document is ${found}, not an object.`,
      remedy: 'write one object a document, apart by ---',
    };
    return [failureOf(complaint, undefined, location)];
  }
  const complaints = [...typeComplaints(value), ...(claimsAType(value) ? metadataComplaints(value) : [])];
  return complaints.map((complaint) => failureOf(complaint, subjectOf(value), location));
}

function typeComplaints(object: JsonObject): readonly Complaint[] {
  if (!claimsAType(object)) {
    const remedy = 'add apiVersion and kind, or leave the file out if it is no manifest';
    return [{ message: 'The document has neither apiVersion nor kind, so it is no Kubernetes object.', remedy }];
  }
  return [
    ...fieldComplaints('apiVersion', object.apiVersion, API_VERSION, 'add it, e.g. apiVersion: apps/v1'),
    ...fieldComplaints('kind', object.kind, KIND, 'add it, e.g. kind: Deployment'),
  ];
}

function claimsAType({ apiVersion, kind }: JsonObject): boolean {
  return (apiVersion ?? '') !== '' || (kind ?? '') !== '';
}

function fieldComplaints(field: string, value: Json | undefined, form: RegExp, remedy: string): readonly Complaint[] {
  if (value === undefined || value === null || value === '')
    return [{ message: `The object has no ${field}.`, remedy }];
  if (typeof value !== 'string') return [notAString(`The ${field}`, field, value)];
  if (!form.test(value)) return [withTemplateRemedy(value, `The ${field} is not a valid one.`, remedy)];
  return [];
}

function metadataComplaints(object: JsonObject): readonly Complaint[] {
  const metadata = object.metadata ?? null;
  if (metadata !== null && !isJsonObject(metadata)) return [{ message: 'The metadata is not a mapping.' }];
  const fields = metadata ?? {};
  return [
    ...nameComplaints(object, fields),
    ...namespaceComplaints(fields.namespace),
    ...stringMapComplaints('label', fields.labels),
    ...stringMapComplaints('annotation', fields.annotations),
    ...annotationSizeComplaints(fields.annotations),
  ];
}

function nameComplaints(object: JsonObject, metadata: JsonObject): readonly Complaint[] {
  const { apiVersion, kind } = refOf(object);
  const { name, generateName } = metadata;
  const named = name !== undefined && name !== null && name !== '';
  const chosen = named ? name : generateName;
  const field = named ? 'name' : 'generateName';
  if (chosen === undefined || chosen === null || chosen === '') {
    return [
      {
        message: 'The object has no metadata.name.',
        remedy: 'add one (a hook may have metadata.generateName instead)',
      },
    ];
  }
  if (typeof chosen !== 'string') return [notAString(`The metadata.${field}`, field, chosen)];
  const problem = named ? nameProblem(apiVersion, kind, chosen) : generateNameProblem(apiVersion, kind, chosen);
  return problem === undefined
    ? []
    : [withTemplateRemedy(chosen, `The metadata.${field} ${problem}.`, `choose another ${field}`)];
}

function namespaceComplaints(namespace: Json | undefined): readonly Complaint[] {
  if (namespace === undefined || namespace === null || namespace === '') return [];
  if (typeof namespace !== 'string') return [notAString('The metadata.namespace', 'namespace', namespace)];
  const problem = namespaceProblem(namespace);
  return problem === undefined
    ? []
    : [withTemplateRemedy(namespace, `The metadata.namespace ${problem}.`, 'name an existing namespace')];
}

function stringMapComplaints(what: string, map: Json | undefined): readonly Complaint[] {
  if (map === undefined || map === null) return [];
  if (!isJsonObject(map))
    return [{ message: `The metadata.${what}s are not a mapping.`, remedy: 'write them as key: "value"' }];
  return Object.entries(map).flatMap(([key, value]) =>
    typeof value === 'string' || isHarmlessNull(key, value)
      ? []
      : [notAString(`The ${what} ${key}`, key, value ?? null)],
  );
}

/** Charts render empty values as null, which the API server takes; a null that was meant to steer a sync is a mistake. */
function isHarmlessNull(key: string, value: Json | undefined): boolean {
  return value === null && !STEERING_PREFIXES.some((prefix) => key.startsWith(prefix));
}

function annotationSizeComplaints(annotations: Json | undefined): readonly Complaint[] {
  if (!isJsonObject(annotations)) return [];
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + utf8Length(key) + (typeof value === 'string' ? utf8Length(value) : 0),
    0,
  );
  if (bytes <= MAX_ANNOTATION_BYTES) return [];
  return [
    {
      message: `The annotations have ${bytes} bytes; at most ${MAX_ANNOTATION_BYTES} (256 KiB) are allowed.`,
      remedy: 'move the data into a ConfigMap',
    },
  ];
}

function notAString(subject: string, key: string, value: Json): Complaint {
  if (typeof value === 'number' || typeof value === 'boolean') {
    const message = `${subject} must be a string, but is the ${typeof value} ${value}.`;
    const remedy = `quote it: ${key}: "${value}"`;
    return {
      message,
      remedy: typeof value === 'number' ? remedy : `${remedy}; yes, no, on, off, y and n are booleans too`,
    };
  }
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : 'a mapping';
  return { message: `${subject} must be a string, but is ${found}.`, remedy: `write a quoted string: ${key}: "…"` };
}

function withTemplateRemedy(value: string, message: string, remedy: string): Complaint {
  return { message, remedy: value.includes('{{') ? TEMPLATE_REMEDY : remedy };
}

function subjectOf(object: JsonObject): string | undefined {
  const written = refOf(object);
  const ref = { ...written, name: abridged(written.name) };
  if (ref.kind === '') return ref.name === '' ? undefined : ref.name;
  return ref.name === '' ? ref.kind : describeRef(ref);
}

function failureOf(complaint: Complaint, object: string | undefined, location: Location): Failure {
  return {
    type: 'InvalidManifest',
    message: object === undefined ? complaint.message : `${object}: ${complaint.message}`,
    location: `${location.file}:${location.line}`,
    ...(object === undefined ? {} : { object }),
    ...(complaint.remedy === undefined ? {} : { remedy: complaint.remedy }),
  };
}
