import { groupOf } from '../objects.ts';
import { stringAt } from '../json.ts';
import type { Manifest } from './manifest.ts';

/** Tells whether objects of a kind live in a namespace; undefined when it is not known. */
export type ScopeOf = (apiVersion: string, kind: string) => boolean | undefined;

/** The cluster-scoped kinds that Kubernetes itself serves, by group. */
const CLUSTER_SCOPED: Readonly<Record<string, readonly string[]>> = {
  '': ['Namespace', 'Node', 'PersistentVolume', 'ComponentStatus'],
  'admissionregistration.k8s.io': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'authentication.k8s.io': ['TokenReview', 'SelfSubjectReview'],
  'authorization.k8s.io': ['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'internal.apiserver.k8s.io': ['StorageVersion'],
  'networking.k8s.io': ['IngressClass', 'IPAddress', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  policy: ['PodSecurityPolicy'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'DeviceTaintRule', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
  'storagemigration.k8s.io': ['StorageVersionMigration'],
};

/** Groups whose other kinds are all namespaced. */
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  ...Object.keys(CLUSTER_SCOPED),
  'apps',
  'autoscaling',
  'batch',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
]);

/** The scope of a kind that Kubernetes itself serves; undefined for any other. */
export function builtInScope(apiVersion: string, kind: string): boolean | undefined {
  const group = groupOf(apiVersion);
  if (CLUSTER_SCOPED[group]?.includes(kind) === true) return false;
  return BUILT_IN_GROUPS.has(group) ? true : undefined;
}

/** The scopes that are known without a cluster: of built-in kinds, and of kinds whose CRD is among the manifests. */
export function offlineScopes(manifests: readonly Manifest[]): ScopeOf {
  const declared = new Map<string, boolean>();
  for (const { object } of manifests) {
    const kind = stringAt(object, 'spec', 'names', 'kind');
    if (object.kind !== 'CustomResourceDefinition' || kind === undefined) continue;
    declared.set(
      `${stringAt(object, 'spec', 'group') ?? ''}/${kind}`,
      object.spec !== undefined && scopeIn(object.spec),
    );
  }
  return (apiVersion, kind) => builtInScope(apiVersion, kind) ?? declared.get(`${groupOf(apiVersion)}/${kind}`);
}

function scopeIn(spec: Manifest['object'][string]): boolean {
  return stringAt(spec, 'scope') !== 'Cluster';
}

/**
 * The namespace an object belongs to: none for cluster-scoped kinds, else the one it names, else the given one.
 * Kinds of unknown scope are taken as namespaced until discovery knows better.
 */
export function effectiveNamespace(
  ref: { readonly apiVersion: string; readonly kind: string; readonly namespace?: string },
  namespace: string | undefined,
  scopeOf: ScopeOf,
): string | undefined {
  return scopeOf(ref.apiVersion, ref.kind) === false ? undefined : (ref.namespace ?? namespace);
}
