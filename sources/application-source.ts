import type { ApplicationSource } from '../core/application/application.ts';
import type { SourceOptions, Target } from './source-options.ts';

/** What a chart is told of where it is going. */
export interface Release {
  readonly application: string | undefined;
  readonly namespace: string | undefined;
  /** The cluster, where there is one to ask. */
  readonly target?: ((signal: AbortSignal) => Promise<Target>) | undefined;
}

/** How the source of an application is read: as it is kept, with what the release adds to it. */
export function optionsOfSource(
  { location: _, ...described }: ApplicationSource,
  { application, namespace, target }: Release,
): SourceOptions {
  const releaseName = described.helm?.releaseName ?? application;
  return {
    ...described,
    helm: {
      ...described.helm,
      ...(releaseName === undefined ? {} : { releaseName }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(target === undefined ? {} : { target }),
    },
  };
}

/** A cluster as a chart is told of it, by its version and the kinds that it serves. */
export function targetOf(
  version: string,
  kinds: readonly { readonly apiVersion: string; readonly kind: string }[],
): Target {
  const served = kinds.flatMap(({ apiVersion, kind }) => [apiVersion, `${apiVersion}/${kind}`]);
  return { kubeVersion: version, apiVersions: [...new Set(served)] };
}

/** A source in a git repository at one commit, in place of whatever ref it names. */
export function atCommit({ location, git, ...source }: ApplicationSource, commit: string): ApplicationSource {
  // A git location knows no option but its ref.
  return { ...source, location: location.replace(/\?.*$/s, ''), git: { ...git, ref: commit } };
}
