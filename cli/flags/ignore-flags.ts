import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { failure } from '../../core/failures.ts';
import { readIgnoreRules } from '../../core/ignored/read-rules.ts';
import { readDocuments } from '../../core/manifests/documents.ts';
import type { SyncOptions } from '../../core/sync/request.ts';
import { refuse } from '../../core/plan/offline-plan.ts';

/** Where the rules of ignored fields stand. */
export interface IgnoreFlags {
  readonly ignoreDifferences?: string;
}

/** What a request says of ignored fields. */
export type Ignored = Pick<SyncOptions, 'ignoreDifferences'>;

/** Adds the flag that names the rules of ignored fields. */
export function withIgnored(command: Command): Command {
  return command.option(
    '--ignore-differences <file>',
    'rules of fields that may differ: a list, or an Argo CD Application with spec.ignoreDifferences',
  );
}

/** The rules of the file that the flags name. Throws `InvalidRequest`, with every mistake, where they can't be read. */
export async function ignoredOf({ ignoreDifferences: file }: IgnoreFlags): Promise<Ignored> {
  if (file === undefined) return {};
  const { documents, failures } = readDocuments(file, await textOf(file));
  refuse(failures);
  const [document, ...others] = documents;
  if (document === undefined || others.length > 0) {
    throw failure(
      'InvalidRequest',
      `${file} holds ${String(documents.length)} documents, where one of rules is expected.`,
    );
  }
  const read = readIgnoreRules(document.value, file);
  refuse(read.failures);
  return { ignoreDifferences: read.rules };
}

/** The flag as it would be typed. */
export function ignoreWords({ ignoreDifferences: file }: IgnoreFlags): readonly string[] {
  return file === undefined ? [] : [`--ignore-differences ${file}`];
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw failure(
      'InvalidRequest',
      `the rules of ignored fields can't be read from ${file}: ${why}`,
      {},
      { cause: error },
    );
  }
}
