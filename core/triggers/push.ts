/** Who tells of pushes: the forges whose webhooks are known, and anything else that can sign a request. */
export const SENDERS = ['github', 'gitlab', 'generic'] as const;

/** One of the senders. */
export type Sender = (typeof SENDERS)[number];

/** A push to a git repository, as a webhook has told of it. Plain data, without anything secret. */
export interface Push {
  readonly sender: Sender;
  /** Names the delivery: the same text for one that is sent again. Letters and digits. */
  readonly id: string;
  /** The addresses under which the repository can be cloned. */
  readonly repositories: readonly string[];
  readonly ref: { readonly kind: 'branch' | 'tag'; readonly name: string };
  /** All digits of the commit that the ref names now. */
  readonly commit: string;
  /** The repository's default branch, where the sender tells it. */
  readonly defaultBranch?: string;
  /** Who has pushed, as the sender calls them. */
  readonly by: string;
  /** The files that were changed; absent where the sender does not tell all of them. */
  readonly paths?: readonly string[];
}

/** A push in words: `branch main at 3f9a1c2, pushed by github:alice`. */
export function describePush({ ref, commit, sender, by }: Push): string {
  return `${ref.kind} ${ref.name} at ${commit.slice(0, 7)}, pushed by ${sender}:${by}`;
}
