import type { Path } from '../../core/ignored/paths.ts';
import { jqPaths } from '../../core/ignored/paths.ts';
import type { Json } from '../../core/json.ts';
import { runningThread } from '../running-thread.ts';
import { turns } from '../turns.ts';
import type { PathsAnswer, PathsRequest } from './protocol.ts';

/** The most time one expression may take for one object, ms; Argo CD gives it as much. */
const MOST_TIME_MS = 1_000;

/** What an expression finds, or what is wrong with it in jq's words. */
export type FoundPaths =
  { readonly kind: 'paths'; readonly paths: readonly Path[] } | { readonly kind: 'wrong'; readonly why: string };

/** Evaluates jq path expressions in a thread of their own, with a limit of time. */
export interface PathFinder {
  /** The paths that an expression finds in a value: none where it can't be evaluated for it. Never throws for what an expression does. */
  find(expression: string, value: Json): Promise<FoundPaths>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** Makes a finder. Its thread starts with the first expression. */
export function createPathFinder(timeLimitMs = MOST_TIME_MS): PathFinder {
  const thread = runningThread<PathsRequest, PathsAnswer>(import.meta.url, {});
  const queue = turns();
  let ids = 0;

  async function find(request: PathsRequest): Promise<FoundPaths> {
    const outcome = await thread.ask(request, timeLimitMs);
    if (outcome.kind === 'late') return { kind: 'wrong', why: `it runs longer than ${String(timeLimitMs / 1000)} s` };
    if (outcome.kind === 'broken') return { kind: 'wrong', why: `it has broken its sandbox: ${outcome.why}` };
    switch (outcome.answer.kind) {
      case 'paths':
        return { kind: 'paths', paths: jqPaths(outcome.answer.paths) };
      case 'inapplicable':
        return { kind: 'paths', paths: [] };
      case 'wrong':
        return outcome.answer;
    }
  }

  return {
    find(expression, value) {
      ids += 1;
      const request = { id: ids, expression, value };
      return queue.take(() => find(request));
    },
    close: () => queue.take(() => thread.end()),
  };
}
