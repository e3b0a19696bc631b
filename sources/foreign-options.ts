import { failure } from '../core/failures.ts';
import type { SourceOptions } from './source-options.ts';
import type { PathKind } from './told-apart.ts';

/** What a source can be, for the options that go with it. */
type SourceKind = PathKind | 'stdin';

const WORDS: Readonly<Record<SourceKind, string>> = {
  stdin: 'standard input',
  file: 'a file of manifests',
  directory: 'a folder of manifests',
  helm: 'a Helm chart',
  kustomize: 'a Kustomize overlay',
};

/**
 * Throws `InvalidRequest` for an option that says how something else would be read: it would be without effect, and its
 * user would not know. The release's name and namespace and the cluster's versions go with every source.
 */
export function refuseForeign(kind: SourceKind, options: SourceOptions, fromGit = false): void {
  const { directory = {}, helm = {}, kustomize = {}, git = {} } = options;
  const given: readonly (readonly [string, boolean, boolean])[] = [
    ['--include', (directory.include ?? []).length > 0, kind === 'directory'],
    ['--exclude', (directory.exclude ?? []).length > 0, kind === 'directory'],
    ['--values', (helm.values ?? []).length > 0, kind === 'helm'],
    ['--set', (helm.set ?? []).length > 0, kind === 'helm'],
    ['--set-string', (helm.setString ?? []).length > 0, kind === 'helm'],
    ['--set-file', (helm.setFile ?? []).length > 0, kind === 'helm'],
    ['--version', helm.version !== undefined, kind === 'helm'],
    ['--allow-remote', kustomize.allowRemote === true, kind === 'kustomize'],
    ['--ref', git.ref !== undefined, fromGit],
    ['--path', git.path !== undefined, fromGit],
    ['--source-type', options.type !== undefined, kind !== 'stdin'],
  ];
  const foreign = given.find(([, isGiven, fits]) => isGiven && !fits);
  if (foreign === undefined) return;
  throw failure('InvalidRequest', `${foreign[0]} has no meaning here: the source is ${WORDS[kind]}.`, {
    remedy: 'Leave it out, or name the source it belongs to.',
  });
}
