import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Json } from '../json.ts';
import { resolvePlainScalar } from './scalars.ts';
import { taggedScalar } from './tags.ts';

/** Something in a YAML document that can't be taken over into a Kubernetes object. */
export interface Problem {
  /** A clause that goes on after "line N:". Names keys, never values. */
  readonly message: string;
  readonly remedy?: string;
  /** Offset in the file's text. */
  readonly offset: number;
}

/** A YAML document as JSON. */
export interface Conversion {
  readonly value: Json;
  readonly problems: readonly Problem[];
  /** Offset in the file's text at which an object of `value` begins; undefined for anything that isn't one of them. */
  readonly offsetOf: (object: Json | undefined) => number | undefined;
}

/** Nodes that aliases may add to one document; go-yaml's own limit lets 99 % of 400,000 through, which no manifest needs. */
const MAX_ALIASED_NODES = 100_000;
/** Levels of nesting; the deepest built-in schemas (CRDs aside) stay below 20. */
const MAX_DEPTH = 250;

interface Walk {
  readonly anchors: Map<string, Node>;
  readonly open: Set<Node>;
  readonly offsets: WeakMap<object, number>;
  readonly problems: Problem[];
  aliased: number;
  depth: number;
}

/**
 * Turns a composed YAML document (schema `failsafe`) into JSON the way Kubernetes does: sigs.k8s.io/yaml on go-yaml v2.
 * Duplicate keys, aliases that grow without bounds, unknown tags and numbers that JSON can't hold are problems.
 */
export function convertDocument(document: Document.Parsed): Conversion {
  const walk: Walk = {
    anchors: new Map(),
    open: new Set(),
    offsets: new WeakMap(),
    problems: [],
    aliased: 0,
    depth: 0,
  };
  const value = convertNode(document.contents, walk);
  const offsetOf = (object: Json | undefined): number | undefined =>
    typeof object === 'object' && object !== null ? walk.offsets.get(object) : undefined;
  return { value, problems: walk.problems, offsetOf };
}

function convertNode(node: Node | null, walk: Walk): Json {
  if (node === null || exhausted(walk)) return null;
  if (walk.open.size > 0) walk.aliased++;
  if (exhausted(walk))
    return report(walk, node, 'the document grows without bounds through its aliases', 'write it out');
  if (walk.depth >= MAX_DEPTH) return report(walk, node, `the document is nested more than ${MAX_DEPTH} levels deep`);
  if (isAlias(node)) return convertAlias(node, walk);
  if (isScalar(node)) return convertScalar(remember(node, walk), walk);
  walk.depth++;
  const value = isMap(node) ? convertMap(remember(node, walk), walk) : convertSeq(remember(node, walk), walk);
  walk.depth--;
  walk.offsets.set(value as object, offsetOf(node));
  return value;
}

function convertAlias(alias: Alias, walk: Walk): Json {
  const target = anchored(alias, walk);
  if (target === undefined) return null;
  if (walk.open.has(target)) return report(walk, alias, `the anchor ${alias.source} contains itself`);
  walk.open.add(target);
  const value = convertNode(target, walk);
  walk.open.delete(target);
  return value;
}

function convertScalar(scalar: Scalar, walk: Walk): Json {
  const text = textOf(scalar);
  const resolved =
    scalar.tag !== undefined
      ? taggedScalar(scalar.tag, text)
      : scalar.type === 'PLAIN'
        ? resolvePlainScalar(text)
        : { value: text };
  if (resolved.problem !== undefined)
    return report(walk, scalar, resolved.problem, 'quote the value to make it a string');
  return resolved.value;
}

function convertSeq(seq: YAMLSeq, walk: Walk): Json {
  checkTag(seq, 'seq', walk);
  return (seq.items as readonly (Node | null)[]).map((item) => convertNode(item, walk));
}

function convertMap(map: YAMLMap, walk: Walk): Json {
  checkTag(map, 'map', walk);
  const entries = new Map<string, Json>();
  const written = new Set<string>();
  for (const pair of map.items as readonly Pair<Node, Node | null>[]) {
    if (isMergeKey(pair.key)) {
      // go-yaml v2 merges where the key stands, so that what comes later wins.
      for (const [key, value] of mergedEntries(pair, walk)) entries.set(key, value);
      continue;
    }
    const key = keyOf(pair.key, walk);
    const value = convertNode(pair.value, walk);
    if (key === undefined) continue;
    if (written.has(key))
      report(walk, pair.key, `the key ${JSON.stringify(key)} is written twice`, 'keep one of the two');
    written.add(key);
    entries.set(key, value);
  }
  // fromEntries defines own properties, so that a key named __proto__ stays a key.
  return Object.fromEntries(entries);
}

function mergedEntries(pair: Pair<Node, Node | null>, walk: Walk): readonly [string, Json][] {
  const sources = isSeq(pair.value) ? (pair.value.items as Node[]).toReversed() : [pair.value];
  return sources.flatMap((source) => {
    const value = convertNode(source, walk);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.entries(value as object) as [string, Json][];
    report(walk, source ?? pair.key, 'the merge key << needs a mapping, or a list of mappings');
    return [];
  });
}

/** Keys become strings as sigs.k8s.io/yaml makes them: `on` is "true", 0777 is "511". Floats are refused: 1.10 would be "1.1". */
function keyOf(node: Node, walk: Walk): string | undefined {
  const remedy = 'quote the key';
  const target = isAlias(node) ? anchored(node, walk) : node;
  if (target === undefined) return undefined;
  if (!isScalar(target)) {
    report(walk, node, 'a mapping or list is used as a key', 'quote the value if it is a template such as {{ … }}');
    return undefined;
  }
  if (target === node) remember(target, walk);
  const text = textOf(target);
  if (target.type !== 'PLAIN') return text;
  const { type, value, problem } = resolvePlainScalar(text);
  if (type === 'null' || type === 'float' || problem !== undefined) {
    report(walk, node, `the key ${JSON.stringify(text)} is read as a ${type === 'null' ? 'null' : 'number'}`, remedy);
    return undefined;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The text of a scalar, without quotes and escapes; `value` would be a date or bytes for a few explicit tags. */
function textOf({ source, value }: Scalar): string {
  return source ?? (typeof value === 'string' ? value : '');
}

function anchored(alias: Alias, walk: Walk): Node | undefined {
  const target = walk.anchors.get(alias.source);
  if (target === undefined) report(walk, alias, `the alias *${alias.source} names no anchor that stands before it`);
  return target;
}

function remember<N extends Scalar | YAMLMap | YAMLSeq>(node: N, walk: Walk): N {
  if (node.anchor !== undefined && walk.open.size === 0) walk.anchors.set(node.anchor, node);
  return node;
}

function isMergeKey(node: Node): boolean {
  return isScalar(node) && node.value === '<<' && node.type === 'PLAIN';
}

function checkTag(node: YAMLMap | YAMLSeq, expected: 'map' | 'seq', walk: Walk): void {
  if (node.tag !== undefined && node.tag !== `tag:yaml.org,2002:${expected}`)
    report(walk, node, `the tag ${node.tag} is not known`);
}

function exhausted(walk: Walk): boolean {
  return walk.aliased > MAX_ALIASED_NODES;
}

function report(walk: Walk, node: Node, message: string, remedy?: string): null {
  walk.problems.push({ message, offset: offsetOf(node), ...(remedy === undefined ? {} : { remedy }) });
  return null;
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
