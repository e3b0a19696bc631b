import type { Failure } from '../core/failures.ts';
import { failure } from '../core/failures.ts';
import { managedPaths } from '../core/ignored/managed-paths.ts';
import type { Path } from '../core/ignored/paths.ts';
import { pointerPath, withoutPaths } from '../core/ignored/paths.ts';
import type { IgnoreRule } from '../core/ignored/rules.ts';
import { rulesFor } from '../core/ignored/rules.ts';
import { isJsonObject } from '../core/json.ts';
import type { KubernetesObject, ObjectRef } from '../core/objects.ts';
import type { PathFinder } from '../threads/jq/path-finder.ts';
import { createPathFinder } from '../threads/jq/path-finder.ts';

/** The fields of objects that a sync's comparisons leave out. */
export interface IgnoredFields {
  /** What is wrong with the rules, whatever objects there are: each expression that jq can't read. */
  problems(): Promise<readonly Failure[]>;
  /**
   * An object without its ignored fields. `live` is the live object of its name, which says what managers own. Throws
   * `InvalidRequest` for an expression that takes too long.
   */
  without(object: KubernetesObject, ref: ObjectRef, live: KubernetesObject): Promise<KubernetesObject>;
  /** Ends the thread that evaluates expressions. */
  close(): Promise<void>;
}

/** Opens the rules of a request. jq is started with the first expression, so rules without any cost nothing. */
export function openIgnoredFields(rules: readonly IgnoreRule[]): IgnoredFields {
  const finder = createPathFinder();
  return {
    async problems() {
      const found = await Promise.all(rules.map((rule) => problemsOf(finder, rule, rules.indexOf(rule))));
      return found.flat();
    },
    async without(object, ref, live) {
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
      const rest = withoutPaths(object, paths);
      return isJsonObject(rest) ? rest : {};
    },
    close: () => finder.close(),
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
