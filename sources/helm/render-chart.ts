import { failure } from '../../core/failures.ts';
import type { Boundary } from '../boundary.ts';
import { enclosingRepository } from '../boundary.ts';
import { networkEnvironment } from '../environment.ts';
import { withScratch } from '../scratch.ts';
import type { HelmOptions, SourceOptions } from '../source-options.ts';
import type { SourceFile } from '../source-text.ts';
import { decodeText } from '../source-text.ts';
import { withinTime } from '../time-limit.ts';
import { findTool, runTool } from '../tool.ts';
import { helmArguments } from './arguments.ts';
import { chartFailure } from './chart-failure.ts';
import { checkNamedFiles, refuseLeavingLinks } from './chart-files.ts';
import { registryLogin } from './registry-login.ts';
import { splitTemplates } from './templates.ts';

/** A chart to render. */
export interface Chart {
  /** What Helm is given: a path, an address, or a name in a repository. */
  readonly reference: string;
  /** The source, as messages call it. */
  readonly named: string;
  /** The chart's folder, links resolved; absent where it is packaged or elsewhere. */
  readonly folder?: string;
  /** The checkout it lies in: relative files of the flags are then the chart's, and may not leave it. */
  readonly checkout?: Boundary;
}

/**
 * Renders a chart with `helm template`: CRDs first, Helm's hooks with their annotations, no access to a cluster, and
 * without plugins, post-renderers and configuration of the user's. Throws `InvalidManifest` with Helm's words and the place
 * they name when it does not render.
 */
export async function renderChart(
  chart: Chart,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const helm = await forTarget(options.helm ?? {}, signal);
  const base = chart.checkout === undefined ? process.cwd() : (chart.folder ?? chart.checkout.root);
  await checkNamedFiles(helm, base, chart.checkout);
  if (chart.folder !== undefined) {
    const boundary = chart.checkout ??
      (await enclosingRepository(chart.folder)) ?? { root: chart.folder, named: chart.named };
    await refuseLeavingLinks(chart.folder, chart.named, boundary);
  }
  const file = await findTool('helm', options, signal);
  const env = options.env ?? process.env;
  return withScratch(async (scratch) => {
    const run = {
      file,
      args: helmArguments(chart.reference, helm),
      cwd: base,
      env: {
        ...networkEnvironment(env, scratch),
        ...(chart.reference.startsWith('oci://') ? registryLogin(env) : {}),
      },
      source: chart.named,
      scratch: chart.checkout?.root ?? scratch,
    } as const;
    const part = { source: chart.named, done: 'rendered', timeoutMs: options.timeoutMs } as const;
    const end = await withinTime(part, signal, (limited) => runTool(run, limited));
    if (end.kind === 'failed') throw chartFailure(chart.named, end.words);
    const files = splitTemplates(decodeText(end.stdout, chart.named));
    if (files.length > 0) return files;
    throw failure('InvalidManifest', `${chart.named} holds no manifests: the chart renders to nothing.`, {
      remedy: 'Look at the conditions in its templates and the values they depend on.',
    });
  });
}

/** The options with what the target is and serves, where there is one and no other version is asked for. */
async function forTarget(options: HelmOptions, signal: AbortSignal): Promise<HelmOptions> {
  if (options.target === undefined || options.kubeVersion !== undefined) return options;
  const { kubeVersion, apiVersions } = await options.target(signal);
  return { ...options, kubeVersion, apiVersions: [...apiVersions, ...(options.apiVersions ?? [])] };
}
