import type { Sending } from '../core/apply/write-mode.ts';
import type { Failure } from '../core/failures.ts';
import { failure } from '../core/failures.ts';
import { withLiveKept } from '../core/ignored/live-kept.ts';
import { managedPaths } from '../core/ignored/managed-paths.ts';
import type { Path } from '../core/ignored/paths.ts';
import { pointerPath, withoutPaths } from '../core/ignored/paths.ts';
import type { IgnoreRule } from '../core/ignored/rules.ts';
import { rulesFor } from '../core/ignored/rules.ts';
import { isJsonObject } from '../core/json.ts';
import { fieldManagerOf } from '../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../core/objects.ts';
import { refOf } from '../core/objects.ts';
import type { SyncRequest } from '../core/sync/request.ts';
import type { PathFinder } from '../threads/jq/path-finder.ts';

/** The fields of objects that a sync's comparisons leave out, and that it leaves as they are where its request says so. */
export interface IgnoredFields {
  /** What is wrong with the rules, whatever objects there are: each expression that jq can't read. */
  problems(): Promise<readonly Failure[]>;
  /**
   * An object without its ignored fields. `live` is the live object of its name, which says what managers own. Throws
   * `InvalidRequest` for an expression that takes too long.
   */
  without(object: KubernetesObject, ref: ObjectRef, live: KubernetesObject): Promise<KubernetesObject>;
  /** Whether a sync leaves ignored fields of an object as they are (`RespectIgnoreDifferences=true`). */
  keeps(ref: ObjectRef): boolean;
  /**
   * An object as it is sent so that the fields that are to be kept have the values they have in a live one. Throws as
   * `without` does.
   */
  kept(object: KubernetesObject, live: KubernetesObject, sending: Sending): Promise<KubernetesObject>;
}

/** Opens the rules of a request. Their expressions are evaluated by `finder`. */
export function openIgnoredFields({ application, options }: SyncRequest, finder: PathFinder): IgnoredFields {
  const rules = options.ignoreDifferences ?? [];
  async function pathsIn(object: KubernetesObject, ref: ObjectRef, live: KubernetesObject): Promise<readonly Path[]> {
    const paths: Path[] = [];
    for (const rule of rulesFor(rules, ref)) {
      paths.push(...(rule.jsonPointers ?? []).map(pointerPath).filter((path) => path !== undefined));
      paths.push(...managedPaths(live, rule.managedFieldsManagers ?? [], object));
      for (const expression of rule.jqPathExpressions ?? []) {
        const found = await finder.find(expression, object);
        if (found.kind === 'wrong') throw failureOf(rule, rules.indexOf(rule), expression, found.why);
        paths.push(...found.paths);
      }
    }
    return paths;
  }
  const isRespected = options.syncOptions?.RespectIgnoreDifferences === 'true';
  const keeps = (ref: ObjectRef) => isRespected && rulesFor(rules, ref).length > 0;
  return {
    async problems() {
      const found = await Promise.all(rules.map((rule) => problemsOf(finder, rule, rules.indexOf(rule))));
      return found.flat();
    },
    async without(object, ref, live) {
      const rest = withoutPaths(object, await pathsIn(object, ref, live));
      return isJsonObject(rest) ? rest : {};
    },
    keeps,
    async kept(object, live, sending) {
      const ref = refOf(object);
      if (!keeps(ref)) return object;
      const paths = await pathsIn(live, ref, live);
      return withLiveKept(object, { live, paths, fieldManager: fieldManagerOf(application) }, sending);
    },
  };
}

async function problemsOf(finder: PathFinder, rule: IgnoreRule, index: number): Promise<readonly Failure[]> {
  const answers = await Promise.all(
    (rule.jqPathExpressions ?? []).map(async (expression) => {
      const found = await finder.find(expression, {});
      return found.kind === 'wrong' ? failureOf(rule, index, expression, found.why).failures : [];
    }),
  );
  return answers.flat();
}

function failureOf({ group, kind }: IgnoreRule, index: number, expression: string, why: string) {
  const subject = group === '' ? kind : `${group}/${kind}`;
  const message = `ignoreDifferences[${String(index)}] (${subject}): the jq path expression ${JSON.stringify(expression)} can't be evaluated: ${why}.`;
  return failure('InvalidRequest', message, { remedy: 'try it with: jq "path(EXPRESSION)"' });
}
