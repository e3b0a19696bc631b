import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { failure } from '../core/failures.ts';
import type { ReadChecks } from '../core/health/argo-config-map.ts';
import { checksOfConfigMap } from '../core/health/argo-config-map.ts';
import type { Json } from '../core/json.ts';
import { isJsonObject, stringAt } from '../core/json.ts';
import { readDocuments } from '../core/manifests/documents.ts';
import type { KubernetesObject } from '../core/objects.ts';
import { checksOfFolder } from './folder.ts';

/** Where health checks are read from. */
export type CheckSource =
  /** A folder like Argo CD's `resource_customizations`, or a file with a ConfigMap like `argocd-cm`. */
  | { readonly kind: 'path'; readonly path: string }
  /** Such a ConfigMap in the cluster whose objects are judged. */
  | { readonly kind: 'configMap'; readonly namespace: string; readonly name: string };

const CONFIG_MAP = 'configmap:';

/** Reads a source as people write it: `configmap:NAMESPACE/NAME`, or a path. Throws `InvalidRequest` for anything else. */
export function parseCheckSource(text: string): CheckSource {
  if (!text.startsWith(CONFIG_MAP)) {
    if (text !== '') return { kind: 'path', path: text };
    throw failure('InvalidRequest', 'health checks need a place: DIR, FILE or configmap:NAMESPACE/NAME');
  }
  const [namespace = '', name = '', ...rest] = text.slice(CONFIG_MAP.length).split('/');
  if (namespace === '' || name === '' || rest.length > 0) {
    throw failure('InvalidRequest', `${text} names no ConfigMap`, {
      remedy: 'write configmap:NAMESPACE/NAME, e.g. configmap:argocd/argocd-cm',
    });
  }
  return { kind: 'configMap', namespace, name };
}

/** A source's checks, and whether a wildcard of theirs covers group and kind at once. */
export interface PathChecks extends ReadChecks {
  readonly acrossSlash: boolean;
}

/** Reads the checks of a path. Throws `InvalidRequest` where it can't be read or holds none that could be meant. */
export async function readPathChecks(path: string, signal: AbortSignal): Promise<PathChecks> {
  try {
    const found: Stats = await stat(path);
    if (!found.isDirectory()) return { ...checksOfFile(path, await readFile(path, 'utf8')), acrossSlash: true };
    const checks = await checksOfFolder(path, signal);
    if (checks.length > 0) return { checks, warnings: [], acrossSlash: false };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const why = error.code === 'ENOENT' ? 'there is no such folder or file' : error.message;
    throw failure('InvalidRequest', `health checks can't be read from ${path}: ${why}`, {}, { cause: error });
  }
  throw failure('InvalidRequest', `the folder ${path} holds no health checks`, {
    remedy: 'lay it out as <group>/<kind>/health.lua, as Argo CD does',
  });
}

function checksOfFile(path: string, text: string): ReadChecks {
  const { documents, failures } = readDocuments(path, text);
  const read = documents.flatMap(({ value, line }) =>
    isConfigMap(value) ? [checksOfConfigMap(value, `${path}:${String(line)}`)] : [],
  );
  if (read.length === 0) {
    const why = failures[0] === undefined ? '' : `: ${failures[0].message}`;
    throw failure('InvalidRequest', `${path} holds no ConfigMap with health checks${why}`);
  }
  return { checks: read.flatMap(({ checks }) => checks), warnings: read.flatMap(({ warnings }) => warnings) };
}

function isConfigMap(value: Json): value is KubernetesObject {
  return isJsonObject(value) && stringAt(value, 'apiVersion') === 'v1' && stringAt(value, 'kind') === 'ConfigMap';
}
