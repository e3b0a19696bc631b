import type { JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';

/** What a field of a message may hold: a text, `true` or `false`, a length or a point of time in ms, an object. */
export type FieldKind = 'text' | 'flag' | 'milliseconds' | 'object';

/** What a message of one verb may say: its fields, and an example of it as JSON. */
export interface MessageShape {
  readonly verb: string;
  readonly fields: Readonly<Record<string, FieldKind>>;
  readonly example: string;
}

/** A message, read. */
export interface Message {
  /** The fields that can be right. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What is wrong with it, as a clause; absent where nothing is. */
  readonly fault?: string;
}

/** A message whose bytes say nothing: no JSON, or of an encoding that nobody knows. */
export const UNREADABLE: unique symbol = Symbol('unreadable');

/** What a person has to say fits in here. Texts are kept with the sync, and Temporal limits the size of what it keeps. */
const MOST_CHARACTERS = 2_000;

/** A hundred years: a length of time beyond it is a slip, and a point of time beyond 2100 too. */
const MOST_MS = { length: 100 * 365 * 86_400_000, point: Date.UTC(2100) } as const;

/** Fields that may be left blank, which says as little as leaving them out: what is missing is asked for by who needs it. */
const MAY_BE_BLANK: ReadonlySet<string> = new Set(['by', 'reason']);

/**
 * Reads a message. Messages come from anyone, Temporal's UI among them, and are typed by hand: none at all, or `null`, is one without
 * fields. A field that nobody knows, or that holds what it can't, is a fault, since what is left would mean something else than was asked.
 */
export function readMessage({ verb, fields: known, example }: MessageShape, sent: unknown): Message {
  if (sent === undefined || sent === null) return { fields: {} };
  if (sent === UNREADABLE)
    return { fields: {}, fault: `what was sent can't be read: ${verb} takes JSON such as ${example}` };
  if (!isRecord(sent)) return { fields: {}, fault: `${verb} takes an object such as ${example}, not ${nameOf(sent)}` };
  const given = Object.entries(sent).filter(([, value]) => value !== undefined && value !== null);
  const faults = given.flatMap(([name, value]) => faultOf(verb, known, name, value) ?? []);
  const right = given.filter(
    ([name, value]) =>
      faultOf(verb, known, name, value) === undefined && !(typeof value === 'string' && isBlank(value)),
  );
  const [fault] = faults;
  return { fields: Object.fromEntries(right), ...(fault === undefined ? {} : { fault }) };
}

/** A field that holds a text; undefined for one that is left out, or blank. */
export function textIn({ fields }: Message, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

/** A field that holds a number; undefined for one that is left out. */
export function numberIn({ fields }: Message, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

function faultOf(verb: string, known: MessageShape['fields'], name: string, value: unknown): string | undefined {
  const kind = Object.hasOwn(known, name) ? known[name] : undefined;
  if (kind === undefined)
    return `${verb} has no field ${quoted(name)}: it takes ${Object.keys(known).map(quoted).join(', ')}`;
  const field = `${quoted(name)} of ${verb}`;
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? faultOfText(field, name, value) : mustBe(field, 'a text', value);
    case 'flag':
      return typeof value === 'boolean' ? undefined : mustBe(field, '`true` or `false`', value);
    case 'milliseconds':
      return typeof value === 'number'
        ? faultOfTime(field, name, value)
        : mustBe(field, 'a number of milliseconds', value);
    case 'object':
      return isRecord(value) ? undefined : mustBe(field, 'an object', value);
  }
}

function faultOfText(field: string, name: string, value: string): string | undefined {
  if (isBlank(value)) return MAY_BE_BLANK.has(name) ? undefined : `${field} is empty`;
  if (value.length <= MOST_CHARACTERS) return undefined;
  return `${field} has ${String(value.length)} characters, and at most ${String(MOST_CHARACTERS)} are taken`;
}

function faultOfTime(field: string, name: string, value: number): string | undefined {
  const most = name === 'at' ? MOST_MS.point : MOST_MS.length;
  return value >= 0 && value <= most ? undefined : `${field} can't be ${String(value)}: it is a number of milliseconds`;
}

function mustBe(field: string, kind: string, value: unknown): string {
  return `${field} must be ${kind}, not ${nameOf(value)}`;
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'boolean') return `\`${String(value)}\``;
  if (typeof value === 'number') return 'a number';
  return isRecord(value) ? 'an object' : 'bytes';
}

/** Names come from the message itself, and may be as long as anything. */
function quoted(name: string): string {
  return `\`${name.length > 50 ? `${name.slice(0, 50)}…` : name}\``;
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** Bytes are objects, too, and no fields. */
function isRecord(value: unknown): value is JsonObject {
  return isJsonObject(value) && !ArrayBuffer.isView(value);
}
