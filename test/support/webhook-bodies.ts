import { createHmac } from 'node:crypto';

/** Secrets that the senders of these tests share with a server. */
export const WEBHOOK_SECRETS = {
  github: 'secret-of-github-in-tests',
  gitlab: 'secret-of-gitlab-in-tests',
  generic: `whsec_${Buffer.alloc(32, 5).toString('base64')}`,
} as const;

/** What of a push differs from test to test. */
export interface ToldPush {
  readonly commit?: string;
  readonly before?: string;
  readonly ref?: string;
  readonly by?: string;
  /** Address without `.git`. */
  readonly repository?: string;
  readonly changed?: readonly string[];
}

export const SOME_COMMIT = 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7';
export const EARLIER_COMMIT = '95790bf891e76fee5e1747ab589903a6a1f80f22';
export const NO_COMMIT = '0'.repeat(40);

/** A body of GitHub's `push` event, with the fields that its documentation lists. */
export function gitHubBody(push: ToldPush = {}, change: object = {}): object {
  const { commit = SOME_COMMIT, before = EARLIER_COMMIT, ref = 'refs/heads/main', by = 'alice' } = push;
  const { repository = 'https://github.com/acme/shop', changed = ['deploy/app.yaml'] } = push;
  const person = { name: by, email: `${by}@example.com`, username: by };
  const head = {
    ...{
      id: commit,
      tree_id: EARLIER_COMMIT,
      distinct: true,
      message: 'Update shop',
      url: `${repository}/commit/${commit}`,
    },
    ...{ timestamp: '2026-06-01T13:59:58+02:00', author: person, committer: person },
    ...{ added: [], removed: [], modified: changed },
  };
  return {
    ...{ ref, before, after: commit, base_ref: null, created: false, deleted: false, forced: false },
    repository: {
      ...{ id: 35_129_377, node_id: 'R_kgDOABCDEF', name: 'shop', full_name: 'acme/shop', private: false },
      ...{ html_url: repository, clone_url: `${repository}.git`, git_url: `git://${repository.slice(8)}.git` },
      ...{ ssh_url: `git@${repository.replace(/^https?:\/\//, '').replace('/', ':')}.git`, fork: false },
      ...{ default_branch: 'main', pushed_at: 1_780_315_200, visibility: 'public' },
    },
    pusher: { name: by, email: `${by}@example.com` },
    sender: { login: by, id: 6_752_317, type: 'User', site_admin: false },
    compare: `${repository}/compare/${before.slice(0, 12)}...${commit.slice(0, 12)}`,
    commits: [head],
    head_commit: head,
    ...change,
  };
}

/** A body of GitLab's push event, with the fields that its documentation lists. */
export function gitLabBody(push: ToldPush = {}, change: object = {}): object {
  const { commit = SOME_COMMIT, before = EARLIER_COMMIT, ref = 'refs/heads/main', by = 'jsmith' } = push;
  const { repository = 'https://gitlab.example.com/acme/shop', changed = ['deploy/app.yaml'] } = push;
  return {
    ...{ object_kind: 'push', event_name: 'push', before, after: commit, ref, ref_protected: true },
    ...{ checkout_sha: commit, user_id: 4, user_name: 'John Smith', user_username: by, project_id: 15 },
    project: {
      ...{ id: 15, name: 'shop', web_url: repository, namespace: 'acme', visibility_level: 0 },
      ...{ git_ssh_url: 'git@gitlab.example.com:acme/shop.git', git_http_url: `${repository}.git` },
      ...{ path_with_namespace: 'acme/shop', default_branch: 'main' },
    },
    commits: [
      {
        ...{ id: commit, message: 'Update shop', timestamp: '2026-06-01T13:59:58+02:00' },
        ...{ added: [], modified: changed, removed: [], author: { name: 'John Smith', email: 'john@example.com' } },
      },
    ],
    total_commits_count: 1,
    ...change,
  };
}

/** A body of the sender that is no forge. */
export function genericBody(push: ToldPush = {}, change: object = {}): object {
  const { commit = SOME_COMMIT, ref = 'refs/heads/main', by = 'ci' } = push;
  const { repository = 'https://git.example.com/acme/shop', changed } = push;
  return { repository, ref, commit, by, ...(changed === undefined ? {} : { paths: changed }), ...change };
}

/** The headers with which GitHub sends a body. */
export function gitHubHeaders(text: string, event = 'push', secret: string = WEBHOOK_SECRETS.github) {
  return {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/044aadd',
    'x-github-event': event,
    'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-github-hook-id': '292430182',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`,
  };
}

/** The headers with which GitLab sends a body. */
export function gitLabHeaders(event = 'Push Hook', delivery = 'f5e5f430-f57b-4e6e-9fac-d9128cd7232f') {
  return {
    'content-type': 'application/json',
    'x-gitlab-event': event,
    'x-gitlab-token': WEBHOOK_SECRETS.gitlab,
    'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e',
    'idempotency-key': delivery,
  };
}

/** The headers of a Standard Webhook; `at` is ms since 1970. */
export function standardHeaders(text: string, at: number, id = 'build-7') {
  const time = String(Math.floor(at / 1000));
  const key = Buffer.from(WEBHOOK_SECRETS.generic.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${time}.${text}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': time,
    'webhook-signature': `v1,${signature}`,
  };
}
