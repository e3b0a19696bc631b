import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { globPattern } from '../../core/glob.ts';
import type { Push, Sender } from '../../core/triggers/push.ts';
import { repositoryName } from '../../core/triggers/repository-name.ts';
import { ProblemError } from '../problem.ts';
import type { Route, Service } from '../route.ts';
import { readBody, route } from '../route.ts';
import { heard } from '../../client/http/schemas/answers.ts';
import { genericPush, toldByGeneric } from '../webhooks/generic.ts';
import { gitHubPush, toldByGitHub } from '../webhooks/github.ts';
import { gitLabPush, toldByGitLab } from '../webhooks/gitlab.ts';
import type { Told } from '../webhooks/told-push.ts';
import type { Verified } from '../webhooks/verification.ts';
import { verify } from '../webhooks/verification.ts';

/** How a sender is heard. */
interface Hearing {
  readonly sender: Sender;
  readonly operation: string;
  readonly summary: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly received: z.ZodType;
  /** Reads a body that is genuine. Throws a `ProblemError` for one that can't be read. */
  readonly told: (request: FastifyRequest, body: unknown) => Told;
}

const HEARINGS: readonly Hearing[] = [
  {
    sender: 'github',
    operation: 'hearGitHub',
    summary: 'Take a webhook of GitHub: a push starts the applications that listen to it',
    headers: {
      'X-Hub-Signature-256': '`sha256=` and the HMAC of the body.',
      'X-GitHub-Event': '`push` starts syncs, `ping` is answered, all others are left alone.',
    },
    received: gitHubPush,
    told: ({ headers }, body) => {
      const event = headers['x-github-event'];
      if (event === 'ping') return { kind: 'nothing', why: 'pong' };
      if (event !== 'push') return { kind: 'nothing', why: 'only pushes start syncs' };
      return toldByGitHub(readBody(gitHubPush, body));
    },
  },
  {
    sender: 'gitlab',
    operation: 'hearGitLab',
    summary: 'Take a webhook of GitLab: a push starts the applications that listen to it',
    headers: {
      'X-Gitlab-Token': 'The secret; or the headers of a signing token, as for `generic`.',
      'X-Gitlab-Event': '`Push Hook` and `Tag Push Hook` start syncs, all others are left alone.',
    },
    received: gitLabPush,
    told: ({ headers }, body) => {
      const event = headers['x-gitlab-event'];
      if (event !== 'Push Hook' && event !== 'Tag Push Hook')
        return { kind: 'nothing', why: 'only pushes start syncs' };
      return toldByGitLab(readBody(gitLabPush, body));
    },
  },
  {
    sender: 'generic',
    operation: 'hearAny',
    summary: 'Take a push that anything tells of which can sign a request',
    headers: {
      'webhook-id': 'Names the delivery: sent again it starts nothing.',
      'webhook-timestamp': 'Seconds since 1970, at most 5 minutes off.',
      'webhook-signature': '`v1,` and the HMAC of ID, time and body, as Standard Webhooks have it.',
    },
    received: genericPush,
    told: (_, body) => toldByGeneric(readBody(genericPush, body)),
  },
];

/** The routes that webhooks are sent to. Who sends is known by a signature, not by a token. */
export const WEBHOOKS: readonly Route[] = HEARINGS.map(({ sender, operation, summary, headers, received, told }) =>
  route({
    ...{ operation, summary, headers, received },
    method: 'POST',
    path: `/v1/webhooks/${sender}`,
    access: 'signed',
    answer: { kind: 'json', status: 200, schema: heard, description: 'What is done about it.' },
    problems: [403, 404, 413, 415, 422],
    handle: async ({ request, signal }, service) => {
      const verified = await genuine(sender, request, service);
      const heardOf = told(request, parsed(request));
      if (heardOf.kind === 'nothing') {
        request.log.info({ sender, reason: heardOf.why }, 'a webhook starts nothing');
        return { version: 1, result: 'ignored', reason: heardOf.why };
      }
      return handOver({ ...heardOf.push, sender, id: verified.id }, verified, service, request, signal);
    },
  }),
);

type Genuine = Extract<Verified, { readonly kind: 'genuine' }>;

/** Throws a `ProblemError` unless the request was made by who shares a secret with this server. */
async function genuine(sender: Sender, request: FastifyRequest, { webhooks, now }: Service): Promise<Genuine> {
  const secrets = (await webhooks?.secretsOf(sender)) ?? [];
  if (secrets.length === 0) throw new ProblemError('NotFound', `this server takes no webhooks of ${sender}`);
  const verified = verify(sender, { headers: request.headers, body: bytesOf(request) }, secrets, now());
  if (verified.kind === 'genuine') return verified;
  request.log.warn({ sender, ip: request.ip, kind: verified.kind }, 'a webhook was refused');
  throw new ProblemError(
    'BadSignature',
    verified.kind === 'stale'
      ? 'the delivery was signed more than 5 minutes ago, or will be'
      : 'the delivery is not signed with a secret that is known here',
    { remedy: 'give sender and server the same secret, and both the right time' },
  );
}

function bytesOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

function parsed(request: FastifyRequest): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(request))) as unknown;
  } catch {
    throw new ProblemError('MalformedRequest', 'the body is not JSON');
  }
}

/** Hands a push to Temporal, as far as its secret speaks for the repository. */
async function handOver(
  push: Push,
  { secret }: Genuine,
  { client, webhooks }: Service,
  request: FastifyRequest,
  signal: AbortSignal,
): Promise<z.output<typeof heard>> {
  const globs = secret.repositories.map((glob) => globPattern(glob.toLowerCase(), true));
  const repositories = push.repositories.filter((address) => globs.some((glob) => glob.test(repositoryName(address))));
  if (repositories.length === 0) {
    throw new ProblemError('NotAllowed', 'the secret is not for that repository', {
      remedy: 'name it among the `repositories` of the secret',
    });
  }
  const { workflowId, isNew } = await client.pushed({ ...push, repositories }, webhooks?.clusters ?? [], { signal });
  const { sender, by, commit, ref } = push;
  request.log.info({ sender, by, commit, ref: ref.name, workflowId, isNew }, 'a push was taken');
  return { version: 1, result: isNew ? 'accepted' : 'known', workflowId };
}
