import type { KubernetesObject } from '../core/objects.ts';
import type { Manifest } from '../core/manifests/manifest.ts';

/** ConfigMaps by count, each in a wave. */
export function configMaps(count: number, waves: number, namespace: string): readonly KubernetesObject[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `config-${String(index).padStart(4, '0')}`,
      namespace,
      annotations: { 'argocd.argoproj.io/sync-wave': String(index % waves) },
    },
    data: { key: `value ${String(index)}`, text: 'x'.repeat(200) },
  }));
}

/** A hook Job that takes a given time in the sandbox. */
export function hookJob(name: string, phase: string, wave: number, namespace: string, takes: string): KubernetesObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      annotations: { 'argocd.argoproj.io/hook': phase, 'argocd.argoproj.io/sync-wave': String(wave) },
    },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { annotations: { 'sandbox.syncline.dev/succeed-after': takes } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'bench' }] },
      },
    },
  };
}

/** Objects as manifests of a bundle. */
export function manifestsOf(objects: readonly KubernetesObject[]): readonly Manifest[] {
  return objects.map((object, index) => ({ object, location: { file: 'bench.yaml', line: index + 1 } }));
}
