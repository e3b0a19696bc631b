import type { KubernetesObject } from '../objects.ts';
import { annotationsOf } from '../objects.ts';
import type { Finding } from './findings.ts';
import { itemsOf, notAllowed } from './findings.ts';
import { readHookTypes } from './hook-types.ts';
import type { Annotations } from './keys.ts';
import { ARGO_KEYS } from './keys.ts';

/**
 * Argo CD's compare options, with their values. `ServerSideDiff` and `IncludeMutationWebhook` have nothing to choose here: a
 * comparison is always made by the API server, webhooks included.
 */
const OPTIONS: readonly string[] = [
  'IgnoreExtraneous',
  'ServerSideDiff=true',
  'ServerSideDiff=false',
  'IncludeMutationWebhook=true',
];

/** Reads `argocd.argoproj.io/compare-options`, a comma-separated list. An option that there is not is a mistake. */
export function readCompareOptions(annotations: Annotations): {
  readonly ignoreExtraneous: boolean;
  readonly findings: readonly Finding[];
} {
  const items = itemsOf(annotations[ARGO_KEYS.compareOptions] ?? '');
  const known = items.filter((item) => OPTIONS.includes(item));
  return {
    ignoreExtraneous: known.includes('IgnoreExtraneous'),
    findings: [
      ...items
        .filter((item) => !known.includes(item))
        .map((item) => notAllowed('mistake', ARGO_KEYS.compareOptions, item, OPTIONS)),
      ...(known.includes('ServerSideDiff=false') ? [ALWAYS_BY_SERVER] : []),
    ],
  };
}

const ALWAYS_BY_SERVER: Finding = {
  severity: 'notice',
  message: `${ARGO_KEYS.compareOptions} has ServerSideDiff=false, which has no effect: the API server always compares`,
};

/** Whether a live object that the manifests don't have makes its application differ from them; hooks never do. */
export function countsAsExtra(live: KubernetesObject): boolean {
  const annotations = annotationsOf(live);
  return readHookTypes(annotations).types.kind === 'resource' && !readCompareOptions(annotations).ignoreExtraneous;
}
