import { z } from 'zod';
import type { Told } from './told-push.ts';
import { COMMIT, isNoCommit, nameIn, pathsOf, refOf } from './told-push.ts';

const files = z.array(z.string()).default([]);

/** The part of GitHub's `push` event that matters (https://docs.github.com/en/webhooks/webhook-events-and-payloads#push). */
export const gitHubPush = z.looseObject({
  ref: z.string(),
  after: z.string().regex(COMMIT),
  created: z.boolean().default(false),
  deleted: z.boolean().default(false),
  forced: z.boolean().default(false),
  head_commit: z.looseObject({ id: z.string().regex(COMMIT) }).nullish(),
  commits: z.array(z.looseObject({ added: files, removed: files, modified: files })).default([]),
  repository: z.looseObject({
    clone_url: z.string(),
    ssh_url: z.string().optional(),
    default_branch: z.string().optional(),
  }),
  pusher: z.looseObject({ name: z.string() }),
  sender: z.looseObject({ login: z.string() }).optional(),
});

/** GitHub tells of no more commits than these. */
const MOST_COMMITS = 2_048;

/** Reads what GitHub tells. */
export function toldByGitHub(body: z.output<typeof gitHubPush>): Told {
  const { after, deleted, repository, head_commit: head, sender, pusher } = body;
  const ref = refOf(body.ref);
  if (ref === undefined) return { kind: 'nothing', why: `${body.ref} is neither a branch nor a tag` };
  if (deleted || isNoCommit(after)) return { kind: 'nothing', why: `${ref.kind} ${ref.name} was deleted` };
  const isWhole = !body.created && !body.forced && body.commits.length > 0 && body.commits.length < MOST_COMMITS;
  const { default_branch: defaultBranch, clone_url: clone, ssh_url: ssh } = repository;
  return {
    kind: 'push',
    push: {
      ref,
      // An annotated tag is an object of its own; its commit is told beside it.
      commit: head?.id ?? after,
      repositories: [clone, ...(ssh === undefined ? [] : [ssh])],
      by: nameIn(sender?.login ?? pusher.name),
      ...(defaultBranch === undefined ? {} : { defaultBranch }),
      ...(isWhole ? { paths: pathsOf(body.commits) } : {}),
    },
  };
}
