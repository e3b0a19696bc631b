import type { Push } from '../../core/triggers/push.ts';

/** What a delivery tells: a push, or something that starts nothing. */
export type Told =
  | { readonly kind: 'push'; readonly push: Omit<Push, 'sender' | 'id'> }
  | { readonly kind: 'nothing'; readonly why: string };

/** A commit by all its digits. */
export const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Whether a commit's digits say that there is none: before a branch is made, and after it is deleted. */
export function isNoCommit(digits: string): boolean {
  return /^0+$/.test(digits);
}

/** The branch or tag of a ref; undefined for any other. */
export function refOf(ref: string): Push['ref'] | undefined {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  return { kind: kind === 'heads' ? 'branch' : 'tag', name };
}

/** A name as it stands in records: short, and of characters that no output takes for anything else. */
export function nameIn(text: string): string {
  return text.replaceAll(/[^\w.@+ -]/g, '_').slice(0, 100);
}

/** The files that commits have changed. */
export function pathsOf(
  commits: readonly {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly modified: readonly string[];
  }[],
): readonly string[] {
  return [...new Set(commits.flatMap(({ added, removed, modified }) => [...added, ...removed, ...modified]))];
}
