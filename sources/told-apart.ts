import { readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { failure } from '../core/failures.ts';
import type { SourceType } from '../core/application/application.ts';

/** What a path turned out to be. */
export type PathKind = SourceType | 'file';

/** A tool that renders a folder, told by a file the folder holds. */
export interface Renderer {
  readonly type: Exclude<SourceType, 'directory'>;
  /** What such a folder is called. */
  readonly what: string;
}

const HELM: Renderer = { type: 'helm', what: 'a Helm chart' };
const KUSTOMIZE: Renderer = { type: 'kustomize', what: 'a Kustomize overlay' };

/** Files that make a folder the input of a renderer; names as Helm and Kustomize look for them. */
const RENDERERS: ReadonlyMap<string, Renderer> = new Map([
  ['Chart.yaml', HELM],
  ['kustomization.yaml', KUSTOMIZE],
  ['kustomization.yml', KUSTOMIZE],
  ['Kustomization', KUSTOMIZE],
]);

/** The renderer of a folder that holds a file of this name. */
export function rendererOf(fileName: string): Renderer | undefined {
  return RENDERERS.get(fileName);
}

/** Whether a file is a packaged chart, by its name. */
export function isPackagedChart(name: string): boolean {
  return /\.(tgz|tar\.gz)$/.test(name);
}

/**
 * Tells what a folder or file is: by `type` where it is given, else by the files it holds. `named` is what messages call
 * it. Throws `InvalidRequest` when it could be two things or is not what it was said to be, and the file system's error
 * when it can't be looked at.
 */
export async function tellApart(path: string, named: string, type: SourceType | undefined): Promise<PathKind> {
  const isFolder = (await stat(path)).isDirectory();
  if (!isFolder) return tellFileApart(path, named, type);
  if (type === 'directory') return type;
  const entries = await readdir(path);
  const found = new Set(entries.flatMap((name) => rendererOf(name)?.type ?? []));
  if (type !== undefined && !found.has(type)) {
    throw failure(
      'InvalidRequest',
      `${named} is not of type ${type}: it holds no ${type === 'helm' ? 'Chart.yaml' : 'kustomization.yaml'}.`,
      {
        remedy: 'Name the folder that holds it, or leave --source-type out.',
      },
    );
  }
  if (type !== undefined) return type;
  const [only, other] = found;
  if (other !== undefined) {
    throw failure('InvalidRequest', `${named} is a Helm chart and a Kustomize overlay at once.`, {
      remedy: 'Say which with --source-type helm or --source-type kustomize.',
    });
  }
  return only ?? 'directory';
}

function tellFileApart(path: string, named: string, type: SourceType | undefined): PathKind {
  if (isPackagedChart(path) && (type === undefined || type === 'helm')) return 'helm';
  if (type !== undefined) {
    throw failure('InvalidRequest', `${named} is not of type ${type}: it is a file.`, {
      remedy: 'Name a folder, or leave --source-type out.',
    });
  }
  const renderer = rendererOf(basename(path));
  if (renderer === undefined) return 'file';
  throw failure('InvalidRequest', `${named} is no manifest: it makes its folder ${renderer.what}.`, {
    remedy: 'Name the folder instead.',
  });
}
