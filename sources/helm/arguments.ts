import type { HelmOptions } from '../source-options.ts';

/** What Helm calls a release that nobody named. */
const DEFAULT_RELEASE = 'release-name';

/**
 * The arguments of `helm template` for a chart: a path, an `oci://` or `https://` address, or a name in the repository of
 * the options. Values are given as `--flag=value`, so that none is taken for a flag.
 */
export function helmArguments(chart: string, options: HelmOptions): readonly string[] {
  return [
    'template',
    options.releaseName ?? DEFAULT_RELEASE,
    chart,
    `--namespace=${options.namespace ?? 'default'}`,
    '--include-crds',
    ...flag('repo', options.repository),
    ...flag('version', options.version),
    ...flag('kube-version', options.kubeVersion),
    ...flags('api-versions', options.apiVersions),
    ...flags('values', options.values?.map(oneItem)),
    ...flags('set', options.set),
    ...flags('set-string', options.setString),
    ...flags('set-file', options.setFile),
  ];
}

/** The paths that `--set-file` values name: `a=x.txt,b.c=y.txt`, with a backslash before a comma that is no separator. */
export function setFilePaths(values: readonly string[]): readonly string[] {
  return values.flatMap((value) =>
    (value.match(/(?:\\.|[^,\\])+/g) ?? []).flatMap((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1 ? [] : [pair.slice(equals + 1).replace(/\\(.)/g, '$1')];
    }),
  );
}

/** A path as an item of the list, separated by commas and quoted as in CSV, that Helm takes `--values` for. */
function oneItem(path: string): string {
  return /[,"]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path;
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}

function flags(name: string, values: readonly string[] | undefined): readonly string[] {
  return (values ?? []).map((value) => `--${name}=${value}`);
}
