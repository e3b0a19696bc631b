import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkEnvironment, pick } from '../environment.ts';

/** The user's ways to prove to a server who they are, and to know the server. */
const CREDENTIALS = [
  ...['SSH_AUTH_SOCK', 'SSH_ASKPASS', 'GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_ASKPASS'],
  ...['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'SYNCLINE_GIT_TOKEN', 'SYNCLINE_GIT_USERNAME'],
];

/**
 * Answers git's questions from the environment, so that no file and no command line holds the token; and for the host that
 * was named alone, so that a redirect gets no token for another.
 */
const ASKPASS = `#!/bin/sh
case "$1" in
  *"//$SYNCLINE_GIT_HOST'"* | *"@$SYNCLINE_GIT_HOST'"*) ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*) printf '%s\\n' "\${SYNCLINE_GIT_USERNAME:-syncline}" ;;
  *) printf '%s\\n' "$SYNCLINE_GIT_TOKEN" ;;
esac
`;

/**
 * The environment of git for a repository: no configuration of the user's or the system's, no prompt, and the credentials
 * of the environment. A token of `SYNCLINE_GIT_TOKEN` is given to the URL's own host when that asks.
 */
export async function gitEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  url: string,
  scratch: string,
): Promise<Readonly<Record<string, string>>> {
  const askpass = join(scratch, 'askpass');
  const hasToken = (env['SYNCLINE_GIT_TOKEN'] ?? '') !== '';
  if (hasToken) await writeFile(askpass, ASKPASS, { mode: 0o700 });
  return {
    ...networkEnvironment(env, scratch),
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=20',
    ...pick(env, CREDENTIALS),
    ...(hasToken ? { GIT_ASKPASS: askpass, SYNCLINE_GIT_HOST: hostOf(url) } : {}),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_INDEX_FILE: join(scratch, 'index'),
  };
}

function hostOf(url: string): string {
  return /^https?:\/\/([^/]+)/i.exec(url)?.[1] ?? '';
}
