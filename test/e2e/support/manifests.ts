import type { KubernetesObject } from '../../../core/objects.ts';
import type { JsonObject } from '../../../core/json.ts';

/** How a hook or a resource is placed and what its pods do in the sandbox. */
export interface Placement {
  readonly hook?: string;
  readonly wave?: number;
  readonly policy?: string;
  /** Annotations as they are. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations of the sandbox for the pods, without their prefix: `{ 'succeed-after': '2s' }`. */
  readonly pods?: Readonly<Record<string, string>>;
  /** Fields of the spec, laid over the default ones. */
  readonly spec?: JsonObject;
}

/** Objects as one text. JSON is YAML. */
export function yamlOf(...objects: readonly KubernetesObject[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

/** Builds a ConfigMap. */
export function configMap(
  name: string,
  placement: Placement = {},
  data: JsonObject = { key: 'value' },
): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations: annotationsOf(placement) }, data };
}

/** Builds a Secret. */
export function secret(name: string, stringData: JsonObject, placement: Placement = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, annotations: annotationsOf(placement) }, stringData };
}

/** Builds a Service. */
export function service(name: string, placement: Placement = {}): KubernetesObject {
  const spec = { selector: { app: name }, ports: [{ port: 80 }], ...placement.spec };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, annotations: annotationsOf(placement) }, spec };
}

/** Builds a Job whose pod is not tried again. */
export function job(name: string, placement: Placement = {}): KubernetesObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations: annotationsOf(placement) },
    spec: {
      backoffLimit: 0,
      template: { metadata: { annotations: podAnnotations(placement) }, spec: podSpec() },
      ...placement.spec,
    },
  };
}

/** Builds a Pod that ends. */
export function pod(name: string, placement: Placement = {}): KubernetesObject {
  const annotations = { ...annotationsOf(placement), ...podAnnotations(placement) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, annotations }, spec: { ...podSpec(), ...placement.spec } };
}

/** Builds a Deployment of one replica. */
export function deployment(name: string, placement: Placement = {}): KubernetesObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations: annotationsOf(placement) },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: podAnnotations(placement) },
        spec: { containers: [{ name: 'main', image: 'busybox:1.37' }] },
      },
      ...placement.spec,
    },
  };
}

function podSpec(): JsonObject {
  const container = { name: 'main', image: 'busybox:1.37', command: ['sh', '-c', 'true'] };
  return { restartPolicy: 'Never', containers: [container] };
}

function annotationsOf({ hook, wave, policy, annotations }: Placement): JsonObject {
  return {
    ...(hook === undefined ? {} : { 'argocd.argoproj.io/hook': hook }),
    ...(wave === undefined ? {} : { 'argocd.argoproj.io/sync-wave': String(wave) }),
    ...(policy === undefined ? {} : { 'argocd.argoproj.io/hook-delete-policy': policy }),
    ...annotations,
  };
}

function podAnnotations({ pods = {} }: Placement): JsonObject {
  return Object.fromEntries(Object.entries(pods).map(([name, value]) => [`sandbox.syncline.dev/${name}`, value]));
}
