/** Annotation keys of Argo CD that are read. */
export const ARGO_KEYS = {
  hook: 'argocd.argoproj.io/hook',
  deletePolicy: 'argocd.argoproj.io/hook-delete-policy',
  wave: 'argocd.argoproj.io/sync-wave',
  syncOptions: 'argocd.argoproj.io/sync-options',
  compareOptions: 'argocd.argoproj.io/compare-options',
  ignoreHealthcheck: 'argocd.argoproj.io/ignore-healthcheck',
  ignoreRestartPolicy: 'argocd.argoproj.io/ignore-restart-policy',
} as const;

/** Annotation keys of Helm that are read. */
export const HELM_KEYS = {
  hook: 'helm.sh/hook',
  deletePolicy: 'helm.sh/hook-delete-policy',
  weight: 'helm.sh/hook-weight',
  resourcePolicy: 'helm.sh/resource-policy',
} as const;

/** The prefix of our own annotations. */
export const OWN_PREFIX = 'syncline.dev/';

/** The annotations of an object, as key and value. */
export type Annotations = Readonly<Record<string, string>>;
