import { editDistance } from './edit-distance.ts';
import { listed } from './listed.ts';
import type { ObjectRef } from './objects.ts';
import { groupOf } from './objects.ts';

/** Names objects as Argo CD's `--resource` does. */
export interface Reference {
  /** The API group, empty for the core group; absent: any group. */
  readonly group?: string;
  readonly kind: string;
  /** Absent: any namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/** How a reference is written, for messages. */
export const REFERENCE_GRAMMAR = 'GROUP:KIND:[NAMESPACE/]NAME';

const FORM = /^([^\s:/!]*):([^\s:/]+):(?:([^\s:/]+)\/)?([^\s/]+)$/;

/** Reads `GROUP:KIND:[NAMESPACE/]NAME`, the group of the core API being empty; undefined for anything else. */
export function parseReference(text: string): Reference | undefined {
  const [, group, kind, namespace, name] = FORM.exec(text.trim()) ?? [];
  if (group === undefined || kind === undefined || name === undefined) return undefined;
  return { group, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

const SHORT_FORM = /^([A-Za-z][-A-Za-z0-9]*)\/([^\s/*]+)$/;

/** Reads a reference to one object: `KIND/NAME` of whatever group, or the long form without a star; undefined for anything else. */
export function parseSingleReference(text: string): Reference | undefined {
  const [, kind, name] = SHORT_FORM.exec(text.trim()) ?? [];
  if (kind !== undefined && name !== undefined) return { kind, name };
  const reference = parseReference(text);
  return reference === undefined || isPattern(reference) ? undefined : reference;
}

/**
 * Tells whether a reference names an object; `*` in a part stands for any text. Argo CD, in whose `Compare` a star only
 * fills a whole part, understands every other reference alike.
 */
export function refersTo(reference: Reference, ref: ObjectRef): boolean {
  return (
    fits(reference.group ?? '*', groupOf(ref.apiVersion)) &&
    fits(reference.kind, ref.kind) &&
    fits(reference.namespace ?? '*', ref.namespace ?? '') &&
    fits(reference.name, ref.name)
  );
}

/** Whether a reference has a star, and so may name several objects. */
export function isPattern({ group, kind, namespace, name }: Reference): boolean {
  return [group, kind, namespace, name].some((part) => part?.includes('*') === true);
}

/** An object as a reference names it, without its namespace: `apps:Deployment:web`. */
export function referenceTo(ref: ObjectRef): string {
  return `${groupOf(ref.apiVersion)}:${ref.kind}:${ref.name}`;
}

/** A reference as it is written. */
export function describeReference({ group, kind, namespace, name }: Reference): string {
  if (group === undefined) return `${kind}/${name}`;
  return `${group}:${kind}:${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** The objects whose references are nearest to a text, for messages; empty where there is no object. */
export function nearestReferences(text: string, refs: readonly ObjectRef[]): string {
  const names = [...new Set(refs.map(referenceTo))];
  const near = names
    .map((name) => ({ name, distance: editDistance(name.toLowerCase(), text.toLowerCase()) }))
    .toSorted((one, other) => one.distance - other.distance);
  return listed(near.map(({ name }) => name));
}

function fits(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const literals = pattern.split(/\*+/).map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`).test(text);
}
