import { readApplicationSyncOptions } from '../annotations/sync-options.ts';
import type { Failure } from '../failures.ts';
import { readIgnoreRules } from '../ignored/read-rules.ts';
import type { Json, JsonObject } from '../json.ts';
import { isJsonObject, stringAt } from '../json.ts';
import { parseWindow } from '../windows/window.ts';
import type { ApplicationDefinition } from './application.ts';

/** What was read: the definition counts only where there is no failure. */
export interface ReadDefinition {
  readonly definition?: ApplicationDefinition;
  readonly failures: readonly Failure[];
}

/** Says what is wrong with a value; nothing where it is right. */
type Check = (value: Json | undefined, place: string) => readonly string[];

const text: Check = (value, place) => (typeof value === 'string' && value !== '' ? [] : [`${place}: is no text`]);
const flag: Check = (value, place) => (typeof value === 'boolean' ? [] : [`${place}: is neither true nor false`]);
const count: Check = (value, place) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? [] : [`${place}: is no whole number from 0`];
const texts: Check = (value, place) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? [] : [`${place}: is no list of texts`];
const textMap: Check = (value, place) =>
  isJsonObject(value) && Object.values(value).every((item) => typeof item === 'string')
    ? []
    : [`${place}: is no map of texts`];
const oneOf =
  (...values: readonly string[]): Check =>
  (value, place) =>
    typeof value === 'string' && values.includes(value) ? [] : [`${place}: is none of ${values.join(', ')}`];

function fields(table: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, place) => {
    if (!isJsonObject(value)) return [`${place}: is no map`];
    return [
      ...required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${place}.${name}: is missing`),
      ...Object.entries(value).flatMap(([name, item]) => {
        const check = Object.hasOwn(table, name) ? table[name] : undefined;
        return check === undefined
          ? [`${place}.${name}: there is no such field; there are ${Object.keys(table).join(', ')}`]
          : check(item, `${place}.${name}`);
      }),
    ];
  };
}

const SOURCE = fields(
  {
    location: text,
    type: oneOf('directory', 'helm', 'kustomize'),
    directory: fields({ include: texts, exclude: texts }),
    helm: fields({
      ...{ releaseName: text, kubeVersion: text, repository: text, version: text },
      ...{ values: texts, set: texts, setString: texts, setFile: texts, apiVersions: texts },
    }),
    kustomize: fields({ allowRemote: flag }),
    git: fields({ ref: text, path: text }),
    timeoutMs: count,
  },
  ['location'],
);

const syncOptions: Check = (value, place) => {
  if (textMap(value, place).length > 0 || !isJsonObject(value)) return textMap(value, place);
  const items = Object.entries(value).map(([name, item]) => `${name}=${typeof item === 'string' ? item : ''}`);
  return readApplicationSyncOptions(place, items).findings.map(({ message }) => message);
};

const ignoreDifferences: Check = (value, place) =>
  readIgnoreRules(value ?? null, place).failures.map(({ message }) => message);

const OPTIONS = fields({
  ...{ prune: flag, allowEmpty: flag, maxPrune: count, wait: flag, lenient: flag, forceConflicts: flag },
  ...{ validate: flag, syncFailOnAbort: flag, adopt: flag },
  ...{ timeoutMs: count, stuckPodGraceMs: count, approvalTimeoutMs: count, holdForMs: count, retryPauseMs: count },
  onFailure: oneOf('fail', 'hold', 'rollback'),
  namespaceMetadata: fields({ labels: textMap, annotations: textMap }, ['labels', 'annotations']),
  ...{ syncOptions, ignoreDifferences, as: fields({ user: text, groups: texts }, ['user']) },
});

const ON_PUSH = fields({
  branch: (value, place) => (value === true ? [] : text(value, place)),
  ...{ tags: text, paths: texts, ifRunning: oneOf('queue', 'supersede') },
});

const windows: Check = (value, place) =>
  Array.isArray(value)
    ? (value as readonly Json[]).flatMap((item, index) => windowProblem(item, `${place}[${String(index)}]`))
    : [`${place}: is no list of windows`];

function windowProblem(value: Json, place: string): readonly string[] {
  const window = parseWindow(typeof value === 'string' ? value : '');
  return 'problem' in window ? [`${place}: ${window.problem}`] : [];
}

const DEFINITION = fields(
  {
    version: (value, place) => (value === 1 ? [] : [`${place}: is ${JSON.stringify(value)}; this Syncline knows 1`]),
    application: text,
    namespace: text,
    createNamespace: flag,
    source: SOURCE,
    options: OPTIONS,
    onPush: ON_PUSH,
    windows,
  },
  ['version', 'application', 'namespace', 'source'],
);

/** Credentials in an address would be readable for everybody who may read the definition. */
const CREDENTIALS = /^[a-z+]+:\/\/[^/@]*:[^/@]*@/i;

/**
 * Reads a definition strictly: a field or value that there is not, and credentials in an address, are failures
 * (`InvalidRequest`). `place` begins each place that a failure names.
 */
export function readDefinition(value: Json, place: string): ReadDefinition {
  const problems = [...DEFINITION(value, place), ...(isJsonObject(value) ? credentialProblems(value, place) : [])];
  if (problems.length > 0) return { failures: problems.map((message) => ({ type: 'InvalidRequest', message })) };
  return { definition: value as unknown as ApplicationDefinition, failures: [] };
}

function credentialProblems(value: JsonObject, place: string): readonly string[] {
  const paths = [
    ['source', 'location'],
    ['source', 'helm', 'repository'],
  ] as const;
  return paths
    .filter((path) => CREDENTIALS.test(stringAt(value, ...path) ?? ''))
    .map(
      (path) => `${place}.${path.join('.')}: holds credentials, which anybody could read; put them in the environment`,
    );
}
