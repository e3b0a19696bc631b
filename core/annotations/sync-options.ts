import type { Finding } from './findings.ts';
import { itemsOf, notAllowed } from './findings.ts';
import type { Annotations } from './keys.ts';
import { ARGO_KEYS } from './keys.ts';

const SWITCH = ['true', 'false'] as const;
const CONFIRMABLE = ['true', 'false', 'confirm'] as const;

/** Argo CD's sync options that an object may name, and that an application may set for all its objects, with their values. */
const FOR_OBJECTS = {
  Prune: CONFIRMABLE,
  PruneLast: SWITCH,
  Delete: CONFIRMABLE,
  Validate: SWITCH,
  SkipDryRunOnMissingResource: SWITCH,
  Replace: SWITCH,
  Force: SWITCH,
  ServerSideApply: SWITCH,
} as const;

/** Argo CD's sync options that only an application can set, with their values. */
const FOR_APPLICATIONS = {
  ApplyOutOfSyncOnly: SWITCH,
  CreateNamespace: SWITCH,
  PrunePropagationPolicy: ['foreground', 'background', 'orphan'],
  RespectIgnoreDifferences: SWITCH,
  FailOnSharedResource: SWITCH,
  ClientSideApplyMigration: SWITCH,
} as const;

const OPTIONS = { ...FOR_OBJECTS, ...FOR_APPLICATIONS };

type Values<Table extends Readonly<Record<string, readonly string[]>>> = {
  readonly [Name in keyof Table]?: Table[Name][number];
};

/** The sync options an object names; what is absent is not said. */
export type ObjectSyncOptions = Values<typeof FOR_OBJECTS>;

/** The sync options of an application; those that objects may name too hold for all objects that do not. */
export type ApplicationSyncOptions = Values<typeof OPTIONS>;

/**
 * Reads `argocd.argoproj.io/sync-options`, a comma-separated list of `Name=value`; without `=` the value is `true`, and of a
 * repeated option the first wins, as in Argo CD. A name or value that there is not is a mistake; an application's option
 * has no effect on an object.
 */
export function readSyncOptions(annotations: Annotations): {
  readonly options: ObjectSyncOptions;
  readonly findings: readonly Finding[];
} {
  const { options, findings } = readOptions(ARGO_KEYS.syncOptions, itemsOf(annotations[ARGO_KEYS.syncOptions] ?? ''));
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(FOR_OBJECTS, name));
  const clientSide = own.some(([name, value]) => name === 'ServerSideApply' && value === 'false');
  const idle = Object.keys(options).filter((name) => !Object.hasOwn(FOR_OBJECTS, name));
  return {
    options: Object.fromEntries(own),
    findings: [
      ...findings,
      ...(clientSide ? [CLIENT_SIDE] : []),
      ...idle.map((name): Finding => ({
        severity: 'notice',
        message: `${ARGO_KEYS.syncOptions} has ${name}, which is an option of applications and has no effect on an object`,
      })),
    ],
  };
}

/** Reads the sync options of an application, each as `Name=value`. `source` names where they stand, for messages. */
export function readApplicationSyncOptions(
  source: string,
  items: readonly string[],
): { readonly options: ApplicationSyncOptions; readonly findings: readonly Finding[] } {
  return readOptions(source, items);
}

/** The options that hold for an object: its own go before those of its application. */
export function effectiveSyncOptions(
  application: ApplicationSyncOptions | undefined,
  own: ObjectSyncOptions,
): ApplicationSyncOptions {
  return { ...application, ...own };
}

const CLIENT_SIDE: Finding = {
  severity: 'notice',
  message: `${ARGO_KEYS.syncOptions} has ServerSideApply=false, which has no effect: every object is applied server-side`,
};

function readOptions(
  source: string,
  items: readonly string[],
): { readonly options: ApplicationSyncOptions; readonly findings: readonly Finding[] } {
  const options = new Map<string, string>();
  const findings: Finding[] = [];
  for (const item of items) {
    const [name, value] = pairOf(item);
    const allowed: readonly string[] | undefined = Object.hasOwn(OPTIONS, name)
      ? OPTIONS[name as keyof typeof OPTIONS]
      : undefined;
    if (allowed === undefined) findings.push(notAllowed('mistake', source, name, Object.keys(OPTIONS)));
    else if (!allowed.includes(value)) findings.push(notAllowed('mistake', `${name} in ${source}`, value, allowed));
    else if (!options.has(name)) options.set(name, value);
  }
  return { options: Object.fromEntries(options), findings };
}

function pairOf(item: string): readonly [name: string, value: string] {
  const equals = item.indexOf('=');
  return equals < 0 ? [item, 'true'] : [item.slice(0, equals).trim(), item.slice(equals + 1).trim()];
}
