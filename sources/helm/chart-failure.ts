import type { SynclineError } from '../../core/failures.ts';
import { failure } from '../../core/failures.ts';

/** Helm's words for what a person can mend, and how. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /missing in charts\/ directory|dependency update/,
    'Run `helm dependency build` in the chart and keep charts/ with it: dependencies are not fetched while rendering.',
  ],
  [/incompatible with Kubernetes|requires kubeVersion/, 'Name the version of the cluster with --kube-version.'],
  [
    /nil pointer|values don't meet the specification|is required|execution error|wrong type for value/,
    'Give the value with --values or --set, or correct the template.',
  ],
  [
    /basic credential not found|\b401\b|\b403\b|unauthorized|denied/i,
    'Log in with `helm registry login`, as an account that may read the chart.',
  ],
  [
    /(?:https?|oci):\/\/|not found in .*repositor|no chart version|looks like .* is not a valid chart repository/,
    'Check the address, the name and the version, and that this user may read it.',
  ],
];

const DEFAULT_REMEDY = 'Correct the template or the values; `helm template` with the same flags shows the same.';

/** The places Helm names: `at (chart/templates/a.yaml:3:4)`, `chart/templates/a.yaml:3:4`, `error on chart/templates/a.yaml: …`. */
const PLACE = /([\w.+-]+(?:\/[\w.+-]+)+):(\d+)/;
const YAML_PLACE = /(?:YAML parse error|error) on ([\w./+-]+):[\s\S]*?line (\d+)/;

/** The failure of a chart that did not render: Helm's own words, the place they name, and what helps. */
export function chartFailure(source: string, words: string): SynclineError {
  const said = words.replace(/^Error: /, '').replace(/\n+Use --debug flag[\s\S]*$/, '');
  const [, file, line] = YAML_PLACE.exec(said) ?? PLACE.exec(said) ?? [];
  const remedy = REMEDIES.find(([pattern]) => pattern.test(said))?.[1] ?? DEFAULT_REMEDY;
  return failure('InvalidManifest', `${source} can't be rendered. Helm says: ${said}`, {
    remedy,
    ...(file === undefined || line === undefined ? {} : { location: `${file}:${line}` }),
  });
}
