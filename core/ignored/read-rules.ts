import type { Failure } from '../failures.ts';
import type { Json, JsonObject } from '../json.ts';
import { isJsonObject, stringAt, valueAt } from '../json.ts';
import { pointerPath } from './paths.ts';
import type { IgnoreRule } from './rules.ts';

/** What was read of rules: they count only where there is no failure. */
export interface ReadRules {
  readonly rules: readonly IgnoreRule[];
  readonly failures: readonly Failure[];
}

const TEXTS = ['group', 'kind', 'name', 'namespace'] as const;
const LISTS = ['jsonPointers', 'jqPathExpressions', 'managedFieldsManagers'] as const;
const FIELDS: readonly string[] = [...TEXTS, ...LISTS];

/**
 * Reads rules as JSON: a list of them, or an Argo CD Application, of which `spec.ignoreDifferences` is read. `source` begins each
 * place that a failure (`InvalidRequest`) names: a file, or the name of an option.
 */
export function readIgnoreRules(value: Json, source: string): ReadRules {
  const list = stringAt(value, 'kind') === 'Application' ? (valueAt(value, 'spec', 'ignoreDifferences') ?? []) : value;
  if (!Array.isArray(list)) {
    const message = `${source} holds no list of rules and no Application with spec.ignoreDifferences.`;
    return { rules: [], failures: [{ type: 'InvalidRequest', message }] };
  }
  const read = (list as readonly Json[]).map((rule, index) =>
    readRule(rule, `${source}: ignoreDifferences[${String(index)}]`),
  );
  return { rules: read.flatMap(({ rules }) => rules), failures: read.flatMap(({ failures }) => failures) };
}

function readRule(value: Json, place: string): ReadRules {
  const wrong = (problem: string): Failure => ({ type: 'InvalidRequest', message: `${place}${problem}.` });
  if (!isJsonObject(value)) return { rules: [], failures: [wrong(' is no map')] };
  const failures = [
    ...Object.keys(value)
      .filter((field) => !FIELDS.includes(field))
      .map((field) => wrong(`, ${field}: no rule has this field`)),
    ...TEXTS.filter((field) => !isAbsent(value[field]) && typeof value[field] !== 'string').map((field) =>
      wrong(`, ${field}: is no text`),
    ),
    ...LISTS.filter((field) => !isAbsent(value[field]) && texts(value[field]) === undefined).map((field) =>
      wrong(`, ${field}: is no list of texts`),
    ),
    ...((stringAt(value, 'kind') ?? '') === '' ? [wrong(', kind: is missing')] : []),
    ...(texts(value['jsonPointers']) ?? [])
      .filter((pointer) => pointerPath(pointer) === undefined)
      .map((pointer) =>
        wrong(`, jsonPointers: ${JSON.stringify(pointer)} is no JSON pointer to a field, such as /spec/replicas`),
      ),
    ...(LISTS.every((field) => isAbsent(value[field]) || texts(value[field])?.length === 0)
      ? [wrong(` names no fields: it needs one of ${LISTS.join(', ')}`)]
      : []),
  ];
  return failures.length > 0 ? { rules: [], failures } : { rules: [ruleOf(value)], failures };
}

/** An empty name or namespace stands for any, as in Argo CD. */
function ruleOf(value: JsonObject): IgnoreRule {
  const told = (['name', 'namespace'] as const).flatMap((field): [string, string][] => {
    const text = stringAt(value, field) ?? '';
    return text === '' ? [] : [[field, text]];
  });
  const lists = LISTS.flatMap((field): [string, readonly string[]][] => {
    const list = texts(value[field]) ?? [];
    return list.length === 0 ? [] : [[field, list]];
  });
  const subject = { group: stringAt(value, 'group') ?? '', kind: stringAt(value, 'kind') ?? '' };
  return { ...subject, ...Object.fromEntries(told), ...Object.fromEntries(lists) };
}

function texts(value: Json | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = (value as readonly Json[]).filter((item) => typeof item === 'string');
  return list.length === value.length ? list : undefined;
}

function isAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null;
}
