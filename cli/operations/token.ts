import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Role } from '../../api/access/roles.ts';
import { ROLES } from '../../api/access/roles.ts';
import type { StoredToken } from '../../api/access/token.ts';
import { newToken } from '../../api/access/token.ts';
import { failure } from '../../core/failures.ts';
import type { Console } from '../console.ts';
import { EXIT } from '../exit-codes.ts';
import type { Registration } from '../registration.ts';
import { renderTable } from '../render/table.ts';
import { dayAndTime } from '../render/times.ts';
import type { OutputFlags } from '../settings.ts';
import { withOutput } from '../settings.ts';
import { withoutServer } from '../flags/server-flags.ts';
import type { TokenFlags } from './token-flags.ts';
import { tokensOf, withTokens } from './token-flags.ts';

type CreateFlags = TokenFlags &
  OutputFlags & {
    readonly subject: string;
    readonly role: readonly Role[];
    readonly app: readonly string[];
    readonly expires?: number;
  };

/** `syncline token create`, `list` and `revoke`: who may use `syncline server`. */
export function registerToken(registration: Registration): void {
  const token = registration.program.command('token').description('make, list and revoke the tokens of a server');
  registerCreate(registration, token);
  const { console, end } = registration;
  withoutServer(
    withOutput(withTokens(token.command('list').description('list the tokens; their secrets are stored nowhere'))),
  ).action(async (flags: TokenFlags & OutputFlags) => {
    const tokens = await tokensOf(flags, console).read();
    const shown = tokens.map(({ digest: _, ...told }) => told);
    if (flags.output === 'json') console.print(JSON.stringify({ version: 1, tokens: shown }, undefined, 2));
    else if (tokens.length === 0) console.tell('there are no tokens');
    else console.print(asTable(tokens, console.now()));
    end(EXIT.succeeded);
  });
  withoutServer(
    withTokens(token.command('revoke <id>').description('revoke a token: it is refused from the next request on')),
  ).action(async (id: string, flags: TokenFlags) => {
    await revoke(id, flags, console);
    end(EXIT.succeeded);
  });
}

function registerCreate({ console, end }: Registration, token: Command): void {
  const command = token
    .command('create')
    .description('make a token and print it, once')
    .requiredOption('--subject <name>', 'who uses it, for the record: a person or a pipeline', subjectFlag)
    .addOption(new Option('--role <role>', `${ROLES.join(', ')}; repeatable`).argParser(roleFlag).makeOptionMandatory())
    .requiredOption('--app <glob>', 'the applications it is for: shop, team-*, prod/shop-* or *; repeatable', collected)
    .option('--expires <duration>', 'how long it is good, e.g. 90d or 12h (else for ever)', lifeFlag);
  withoutServer(withOutput(withTokens(command))).action(async (flags: CreateFlags) => {
    const now = console.now();
    const { text, stored } = newToken(
      {
        ...{ subject: flags.subject, roles: flags.role, applications: flags.app },
        ...(flags.expires === undefined ? {} : { expiresAt: now + flags.expires }),
      },
      now,
    );
    await tokensOf(flags, console).change((tokens) => [...tokens, stored]);
    if (flags.output === 'json')
      console.print(JSON.stringify({ version: 1, id: stored.id, token: text }, undefined, 2));
    else console.print(text);
    console.tell(`token ${stored.id} of ${stored.subject}; it is shown only now`);
    end(EXIT.succeeded);
  });
}

async function revoke(id: string, flags: TokenFlags, console: Console): Promise<void> {
  const store = tokensOf(flags, console);
  await store.change((tokens) => {
    if (!tokens.some((token) => token.id === id)) {
      throw failure('InvalidRequest', `there is no token ${id} in ${store.description}`, {
        remedy: 'see `syncline token list`',
      });
    }
    return tokens.map((token) => (token.id === id ? { ...token, revokedAt: token.revokedAt ?? console.now() } : token));
  });
  console.print(`token ${id} is revoked`);
}

function asTable(tokens: readonly StoredToken[], now: number): string {
  const titles = ['ID', 'SUBJECT', 'ROLES', 'APPLICATIONS', 'CREATED', 'STATE'];
  const rows = tokens.map((token) => [
    token.id,
    token.subject,
    token.roles.join(', '),
    token.applications.join(', '),
    dayAndTime(token.createdAt),
    stateOf(token, now),
  ]);
  return renderTable(
    titles.map((title) => ({ title })),
    rows,
  );
}

function stateOf({ revokedAt, expiresAt }: StoredToken, now: number): string {
  if (revokedAt !== undefined) return `revoked ${dayAndTime(revokedAt)}`;
  if (expiresAt === undefined) return 'good';
  return expiresAt <= now ? `expired ${dayAndTime(expiresAt)}` : `good until ${dayAndTime(expiresAt)}`;
}

function roleFlag(text: string, before: readonly Role[] | undefined): readonly Role[] {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw new InvalidArgumentError(`Give one of ${ROLES.join(', ')}.`);
  return [...(before ?? []), role];
}

function collected(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function subjectFlag(text: string): string {
  if (!/^[\w.@+-]{1,100}$/.test(text)) throw new InvalidArgumentError('Give at most 100 letters, digits and ._@+-.');
  return text;
}

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 };

function lifeFlag(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([dhm])$/.exec(text) ?? [];
  const life = Number(count) * (UNITS[unit] ?? 0);
  if (life === 0) throw new InvalidArgumentError('Give a duration such as 90d, 12h or 30m.');
  return life;
}
