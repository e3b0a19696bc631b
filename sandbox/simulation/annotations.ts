/** What every annotation of the sandbox starts with. */
export const PREFIX = 'sandbox.syncline.dev/';

/** The annotations by which a manifest chooses what its pods do; `docs` of each in `sandbox/README.md`. */
export const ANNOTATION = {
  succeedAfter: `${PREFIX}succeed-after`,
  exitCode: `${PREFIX}exit-code`,
  failAfter: `${PREFIX}fail-after`,
  failTimes: `${PREFIX}fail-times`,
  /** Written by the sandbox: which pod of its controller this is, counted from 1. */
  attempt: `${PREFIX}attempt`,
  hang: `${PREFIX}hang`,
  oom: `${PREFIX}oom`,
  pending: `${PREFIX}pending`,
  pendingMessage: `${PREFIX}pending-message`,
  readyAfter: `${PREFIX}ready-after`,
  restartAfter: `${PREFIX}restart-after`,
  stopAfter: `${PREFIX}stop-after`,
  terminationMessage: `${PREFIX}termination-message`,
  log: `${PREFIX}log`,
  logInterval: `${PREFIX}log-interval`,
} as const;

const UNITS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Reads a Go duration ("1m30s", "200ms") as kwok does; `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return total;
}

const DURATIONS = [
  ANNOTATION.succeedAfter,
  ANNOTATION.failAfter,
  ANNOTATION.readyAfter,
  ANNOTATION.restartAfter,
  ANNOTATION.stopAfter,
  ANNOTATION.logInterval,
];
const NUMBERS = [ANNOTATION.exitCode, ANNOTATION.failTimes, ANNOTATION.attempt];
const SWITCHES = [ANNOTATION.hang, ANNOTATION.oom];
const KNOWN = new Set<string>(Object.values(ANNOTATION));

/** Says what is wrong with the sandbox's annotations on an object; nothing when all are well. */
export function annotationFaults(annotations: Readonly<Record<string, string>>): readonly string[] {
  const faults: string[] = [];
  for (const [name, value] of Object.entries(annotations)) {
    if (!name.startsWith(PREFIX)) continue;
    const fault = faultOf(name, value);
    if (fault !== undefined) faults.push(`${name}: ${fault}`);
  }
  return faults;
}

function faultOf(name: string, value: string): string | undefined {
  if (!KNOWN.has(name)) return `no such annotation; there are ${[...KNOWN].map(shortName).join(', ')}`;
  const isOneOf = (names: readonly string[]): boolean => names.includes(name);
  if (isOneOf(DURATIONS) && parseDuration(value) === undefined)
    return `"${value}" is not a duration such as 2s or 200ms`;
  if (isOneOf(NUMBERS) && !/^\d{1,6}$/.test(value)) return `"${value}" is not a whole number`;
  if (isOneOf(SWITCHES) && value !== 'true' && value !== 'false') return `"${value}" is neither "true" nor "false"`;
  return undefined;
}

function shortName(name: string): string {
  return name.slice(PREFIX.length);
}
