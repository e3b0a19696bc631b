import type { CheckSet, CustomCheck } from '../core/health/custom-checks.ts';
import { checkFor, healthOfWords } from '../core/health/custom-checks.ts';
import type { Health } from '../core/health/health.ts';
import { stringAt } from '../core/json.ts';
import type { KubernetesObject } from '../core/objects.ts';
import type { LuaSandbox } from './lua/sandbox.ts';
import { withoutSecretValues } from './secret-values.ts';

/** What configured checks say of objects. */
export interface CustomHealth {
  /** What the check for the object's kind says; undefined where none is configured. Never throws for what a script does. */
  healthOf(object: KubernetesObject, signal: AbortSignal): Promise<Health | undefined>;
  /** Whether a check is configured for a kind. */
  has(apiVersion: string, kind: string): boolean;
}

/** A script that asks for the time may say something else of the same object a moment later. */
const ASKS_TIME = /\bos\b/;

/** The longest message that is passed on. */
const MOST_WORDS = 1_000;

/** The checks that are configured at this moment. */
export interface CurrentChecks {
  /** As they were last read. */
  sets(): readonly CheckSet[];
  /** Reads them again where that is due. */
  refresh(signal: AbortSignal): Promise<void>;
}

/**
 * Judges objects by the checks that are configured at the moment. What a script says of one object, as it stood at one moment,
 * is kept for as long as that object is.
 */
export function customHealth(sandbox: LuaSandbox, current: CurrentChecks): CustomHealth {
  const known = new WeakMap<KubernetesObject, { readonly code: string; readonly health: Promise<Health> }>();
  const find = (apiVersion: string, kind: string) => checkFor(current.sets(), apiVersion, kind);
  return {
    has: (apiVersion, kind) => find(apiVersion, kind) !== undefined,
    async healthOf(object, signal) {
      await current.refresh(signal);
      const check = find(stringAt(object, 'apiVersion') ?? '', stringAt(object, 'kind') ?? '');
      if (check === undefined) return undefined;
      const before = known.get(object);
      if (before?.code === check.code) return before.health;
      const health = evaluated(sandbox, check, object);
      if (!ASKS_TIME.test(check.code)) known.set(object, { code: check.code, health });
      return health;
    },
  };
}

async function evaluated(sandbox: LuaSandbox, check: CustomCheck, object: KubernetesObject): Promise<Health> {
  const answer = await sandbox.evaluate(check.code, withoutSecretValues(object));
  switch (answer.kind) {
    case 'health':
      return healthOfWords(answer.status, answer.message.slice(0, MOST_WORDS));
    case 'blank':
      return { status: '', message: `its health check (${check.place}) says nothing of it yet` };
    case 'error':
      return { status: 'Unknown', message: describeError(check, answer) };
  }
}

/** The failure of a script in words, with its place: `its health check fails (checks/a.io/B/health.lua, line 3): …`. */
export function describeError(check: CustomCheck, error: { readonly message: string; readonly line: number }): string {
  const line = error.line > 0 ? `, line ${String(error.line)}` : '';
  return `its health check fails (${check.place}${line}): ${error.message.slice(0, MOST_WORDS)}`;
}
