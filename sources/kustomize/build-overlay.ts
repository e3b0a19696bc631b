import { failure, type SynclineError } from '../../core/failures.ts';
import type { Boundary } from '../boundary.ts';
import { enclosingRepository } from '../boundary.ts';
import { isolatedEnvironment, networkEnvironment } from '../environment.ts';
import { renderedName } from '../rendered-name.ts';
import { withScratch } from '../scratch.ts';
import type { SourceOptions } from '../source-options.ts';
import type { SourceFile } from '../source-text.ts';
import { decodeText } from '../source-text.ts';
import { withinTime } from '../time-limit.ts';
import { findTool, runTool } from '../tool.ts';
import { checkReach } from './overlay-files.ts';

/** An overlay to build. */
export interface Overlay {
  /** Its folder, links resolved. */
  readonly folder: string;
  /** The source, as messages call it. */
  readonly named: string;
  /** The checkout it lies in, which nothing it loads may leave. */
  readonly checkout?: Boundary;
}

/**
 * Builds an overlay with `kustomize build`: without plugins, functions and Helm, without a network unless that is allowed,
 * and with no file from outside the repository. Throws `InvalidManifest` with Kustomize's words when it does not build.
 */
export async function buildOverlay(
  overlay: Overlay,
  options: SourceOptions,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const allowRemote = options.kustomize?.allowRemote === true;
  const boundary = overlay.checkout ?? (await enclosingRepository(overlay.folder));
  await checkReach(overlay.folder, overlay.named, { boundary, allowRemote });
  const file = await findTool('kustomize', options, signal);
  return withScratch(async (scratch) => {
    const run = {
      file,
      args: ['build', overlay.folder],
      cwd: scratch,
      env: allowRemote ? networkEnvironment(options.env ?? process.env, scratch) : isolatedEnvironment(scratch),
      source: overlay.named,
      scratch: overlay.checkout?.root ?? scratch,
    } as const;
    const part = { source: overlay.named, done: 'rendered', timeoutMs: options.timeoutMs } as const;
    const end = await withinTime(part, signal, (limited) => runTool(run, limited));
    if (end.kind === 'failed') throw overlayFailure(overlay, end.words);
    const text = decodeText(end.stdout, overlay.named);
    if (text.trim() !== '') return [{ file: renderedName(overlay.named), text }];
    throw failure('InvalidManifest', `${overlay.named} holds no manifests: the overlay builds to nothing.`, {
      remedy: 'Look at the resources it lists.',
    });
  });
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /must specify --enable-helm/,
    'Sync the chart by itself, or keep its rendered manifests as a resource: charts are not rendered within an overlay.',
  ],
  [
    /--enable-exec|--enable-alpha-plugins|external plugins disabled/,
    'Do without plugins and functions: they would run code of the source.',
  ],
  [/is not in or below/, 'Move the file into the folder of the kustomization, or make a base of its folder.'],
];

/** The failure of an overlay that did not build: Kustomize's words, the file they name, and what helps. */
export function overlayFailure(overlay: Overlay, words: string): SynclineError {
  const said = words.replace(/^Error: /, '');
  const remedy =
    REMEDIES.find(([pattern]) => pattern.test(said))?.[1] ??
    'Correct the kustomization; `kustomize build` on it shows the same.';
  return failure('InvalidManifest', `${overlay.named} can't be rendered. Kustomize says: ${said}`, { remedy });
}
