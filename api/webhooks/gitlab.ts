import { z } from 'zod';
import type { Told } from './told-push.ts';
import { COMMIT, isNoCommit, nameIn, pathsOf, refOf } from './told-push.ts';

const files = z.array(z.string()).default([]);

/** The part of GitLab's push and tag events that matters (https://docs.gitlab.com/user/project/integrations/webhook_events/). */
export const gitLabPush = z.looseObject({
  ref: z.string(),
  before: z.string(),
  after: z.string().regex(COMMIT),
  checkout_sha: z.string().regex(COMMIT).nullish(),
  user_username: z.string().optional(),
  user_name: z.string().optional(),
  total_commits_count: z.number().default(0),
  commits: z.array(z.looseObject({ added: files, removed: files, modified: files })).default([]),
  project: z.looseObject({
    git_http_url: z.string(),
    git_ssh_url: z.string().optional(),
    default_branch: z.string().nullish(),
  }),
});

/** Reads what GitLab tells. */
export function toldByGitLab(body: z.output<typeof gitLabPush>): Told {
  const { before, after, checkout_sha: checkedOut, project, commits } = body;
  const ref = refOf(body.ref);
  if (ref === undefined) return { kind: 'nothing', why: `${body.ref} is neither a branch nor a tag` };
  if (isNoCommit(after)) return { kind: 'nothing', why: `${ref.kind} ${ref.name} was deleted` };
  // It tells of the newest 20 commits, whatever their number.
  const isWhole = !isNoCommit(before) && commits.length > 0 && commits.length === body.total_commits_count;
  const { git_http_url: http, git_ssh_url: ssh, default_branch: defaultBranch } = project;
  return {
    kind: 'push',
    push: {
      ref,
      commit: checkedOut ?? after,
      repositories: [http, ...(ssh === undefined ? [] : [ssh])],
      by: nameIn(body.user_username ?? body.user_name ?? 'somebody'),
      ...(typeof defaultBranch === 'string' ? { defaultBranch } : {}),
      ...(isWhole ? { paths: pathsOf(commits) } : {}),
    },
  };
}
