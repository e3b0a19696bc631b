import type { Phase } from '../phases.ts';

/** What makes the name of a hook with `generateName` unique. */
export interface HookNaming {
  readonly phase: Phase;
  readonly revision: string;
  readonly syncId: string;
  /** Syncline's own counter, from 1. */
  readonly attempt: number;
}

/** Names of Jobs and of the Pods made from them are DNS labels. */
const MAX_LENGTH = 63;

/**
 * The name of a hook that has only `metadata.generateName`: the prefix, the first 7 characters of the revision, the
 * phase, the sync and the attempt. The same input gives the same name, so that a hook is found again after a crash.
 * Where that is longer than 63 characters, the prefix is cut and a hash stands for the rest. Argo CD's form is
 * `<generateName><revision>-<phase>-<unix seconds>`.
 */
export function resolveHookName(generateName: string, naming: HookNaming): string {
  const phase = naming.phase.toLowerCase();
  const revision = naming.revision
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, 7);
  const parts = [...(revision === '' ? [] : [revision]), phase, naming.syncId, String(naming.attempt)];
  const whole = generateName + parts.join('-');
  if (whole.length <= MAX_LENGTH) return whole;
  const hash = fnv1a64(JSON.stringify([generateName, naming.revision, phase, naming.syncId, naming.attempt]));
  const tail = `${phase}-${hash}-${naming.attempt}`;
  const room = MAX_LENGTH - tail.length - 1;
  return `${generateName.slice(0, room).replace(/[-.]+$/, '')}-${tail}`;
}

/** FNV-1a over UTF-16 code units, 64 bits in base 36; core has no cryptography, and names need none. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(36);
}
