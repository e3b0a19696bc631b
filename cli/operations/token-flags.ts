import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { TokenStore } from '../../api/access/token-file.ts';
import { tokenFile } from '../../api/access/token-file.ts';
import { failure } from '../../core/failures.ts';
import type { Console } from '../console.ts';

/** Where the tokens of a server are. */
export interface TokenFlags {
  readonly tokens?: string;
}

/** Adds the flag that says where the tokens are. */
export function withTokens(command: Command): Command {
  return command.option(
    '--tokens <file>',
    'the file of the tokens, which only its user may read (SYNCLINE_TOKEN_FILE)',
  );
}

/** The tokens of the flags. Throws `InvalidRequest` where nothing says where they are. */
export function tokensOf({ tokens }: TokenFlags, { env }: Console): TokenStore {
  const path = tokens ?? env['SYNCLINE_TOKEN_FILE'];
  if (path !== undefined && path !== '') return tokenFile(resolve(path));
  throw failure('InvalidRequest', 'nothing says where the tokens are', {
    remedy: 'give --tokens FILE, or set SYNCLINE_TOKEN_FILE',
  });
}
