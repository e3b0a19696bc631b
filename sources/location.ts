import { failure, type SynclineError } from '../core/failures.ts';
import { readGitLocation, type GitLocation } from './git/git-location.ts';
import type { SourceOptions } from './source-options.ts';

/** Where a source is, as its text says. */
export type Location =
  | { readonly kind: 'stdin' }
  | { readonly kind: 'path'; readonly path: string }
  | GitLocation
  /** A chart that Helm fetches itself. */
  | { readonly kind: 'remote-chart'; readonly reference: string };

/**
 * Reads where a source is: `-`; with a chart repository in the options a chart's name; `oci://…` and `https://….tgz` for
 * charts; a git repository (`readGitLocation`); everything else is a path. Throws `InvalidRequest` for a text that could be
 * none of them, or that carries credentials.
 */
export function readLocation(text: string, options: SourceOptions): Location {
  if (text === '-') return { kind: 'stdin' };
  if (options.helm?.repository !== undefined)
    return { kind: 'remote-chart', reference: chartName(text, options.helm.repository) };
  if (/^oci:\/\//.test(text)) return { kind: 'remote-chart', reference: withoutCredentials(text) };
  const git = readGitLocation(text, options.git ?? {});
  if (git !== undefined) return git;
  if (/^https?:\/\/[^?#]+\.tgz$/.test(text)) return { kind: 'remote-chart', reference: withoutCredentials(text) };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw unknownAddress(text);
  return { kind: 'path', path: text };
}

function chartName(text: string, repository: string): string {
  withoutCredentials(repository);
  if (/^\w[\w.-]*$/.test(text)) return text;
  throw failure('InvalidRequest', `${JSON.stringify(text)} is no name of a chart in ${repository}.`, {
    remedy: 'Give the chart’s name alone with --repo, as in: syncline sync --repo https://charts.example.com redis.',
  });
}

function withoutCredentials(text: string): string {
  if (!/^\w+:\/\/[^/]*@/.test(text)) return text;
  throw failure('InvalidRequest', 'The address of a chart has a user or password in it.', {
    remedy: 'Take it out; log in to a registry with `helm registry login`.',
  });
}

function unknownAddress(text: string): SynclineError {
  const shown = text.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/s, '');
  return failure('InvalidRequest', `${shown} is no source that can be told by its address.`, {
    remedy: `Write git+${shown} for a git repository, --repo ${shown} NAME for a chart in a repository, or oci://… for one in a registry.`,
  });
}
