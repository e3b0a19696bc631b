import type { KubernetesObject } from '../../../core/objects.ts';
import type { Manifest } from '../../../core/manifests/manifest.ts';

/** What a test cares about in a manifest; the rest is a Job named `migrate` at `app.yaml:7`. */
export interface ManifestTraits {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly line?: number;
  readonly spec?: KubernetesObject;
}

/** A manifest with the given traits. */
export function aManifest(traits: ManifestTraits = {}): Manifest {
  const { apiVersion = 'batch/v1', kind = 'Job', annotations, labels, namespace, generateName, spec } = traits;
  const name = traits.name ?? (generateName === undefined ? 'migrate' : undefined);
  return {
    object: {
      apiVersion,
      kind,
      metadata: {
        ...(name === undefined ? {} : { name }),
        ...(generateName === undefined ? {} : { generateName }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(annotations === undefined ? {} : { annotations }),
        ...(labels === undefined ? {} : { labels }),
      },
      ...(spec === undefined ? {} : { spec }),
    },
    location: { file: 'app.yaml', line: traits.line ?? 7 },
  };
}

/** A Job that Argo CD's annotation makes a hook of these types. */
export function aHook(hook: string, traits: ManifestTraits = {}): Manifest {
  return aManifest({ ...traits, annotations: { 'argocd.argoproj.io/hook': hook, ...traits.annotations } });
}
