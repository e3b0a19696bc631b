import { failure } from '../core/failures.ts';
import { runBounded, type BoundedRun } from '../programs/bounded-run.ts';
import { BinariesMissing, findBinaries } from '../programs/ladder.ts';
import { findSystemProgram } from '../programs/system-program.ts';
import type { SourceOptions } from './source-options.ts';
import { SOURCE_LIMIT_BYTES, tooLarge } from './source-text.ts';

/** A program that fetches or renders. */
export type ToolName = 'helm' | 'kustomize' | 'git';

/** One run of a tool for a source. */
export interface ToolRun extends Omit<BoundedRun, 'maxOutputBytes' | 'maxMemoryBytes'> {
  /** The source, as messages call it. */
  readonly source: string;
  /** The folder whose path is taken out of what the tool says. */
  readonly scratch: string;
}

/** What came of it; a failed tool's own words are fit for a terminal. */
export type ToolEnd =
  { readonly kind: 'succeeded'; readonly stdout: Buffer } | { readonly kind: 'failed'; readonly words: string };

/** Several times what helm takes for a chart that renders to as much as a source may hold. */
const MEMORY_LIMIT_BYTES = 1024 * 1024 * 1024;

/** Enough for every message of a tool that somebody would read. */
const WORDS_LENGTH = 4000;

/** Finds a tool. Throws `InvalidRequest` that says what to install when it can't be had. */
export async function findTool(name: ToolName, options: SourceOptions, signal: AbortSignal): Promise<string> {
  const env = options.env ?? process.env;
  if (name === 'git') {
    const git = await findSystemProgram('git', 'SYNCLINE_GIT', env);
    if (git !== undefined) return git;
    throw failure('InvalidRequest', 'A git repository can’t be fetched: git is not installed.', {
      remedy: "Install the system's package git, or name a git with SYNCLINE_GIT.",
    });
  }
  try {
    return (await findBinaries([name], { env, signal, onProgress: options.onProgress }))[name];
  } catch (cause) {
    if (!(cause instanceof BinariesMissing)) throw cause;
    throw failure('InvalidRequest', cause.message, {}, { cause });
  }
}

/**
 * Runs a tool to its end, with what it prints held to the limit of a source. Throws `InvalidManifest` when it prints more, or
 * takes more memory than a source of that size can need, and the signal's reason when that aborts; the tool and all it started are gone by then.
 */
export async function runTool(run: ToolRun, signal: AbortSignal): Promise<ToolEnd> {
  const limits = { maxOutputBytes: SOURCE_LIMIT_BYTES, maxMemoryBytes: MEMORY_LIMIT_BYTES };
  const end = await runBounded({ ...run, ...limits }, signal);
  switch (end.kind) {
    case 'said-too-much':
      throw tooLarge(run.source);
    case 'grew-too-large':
      throw failure('InvalidManifest', `${run.source} can't be read: rendering it takes more than 1 GiB of memory.`, {
        remedy: 'Look for a template that repeats or joins without end, or split the source.',
      });
    case 'succeeded':
      return { kind: 'succeeded', stdout: end.stdout };
    case 'failed':
      return { kind: 'failed', words: plainWords(end.stderr, run.scratch) };
  }
}

/** What a program says, without paths of the scratch folder and without what a terminal would obey. */
function plainWords(text: string, scratch: string): string {
  const words = text
    .replaceAll(`${scratch}/`, '')
    .replace(/\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trim();
  return words.length <= WORDS_LENGTH ? words : `${words.slice(0, WORDS_LENGTH)} …`;
}
