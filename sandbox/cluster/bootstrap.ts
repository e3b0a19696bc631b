import { z } from 'zod';
import { ApiRefusal, type ApiClient } from './api.ts';
import { waitFor } from '../processes/waiting.ts';
import { ANNOTATION } from '../simulation/annotations.ts';

/** The one simulated node. */
export const NODE_NAME = 'sandbox-node';
/** Who provisions the volumes of the sandbox's storage classes: its own volume controller. */
export const PROVISIONER = 'sandbox.syncline.dev/volumes';

const NODES = '/api/v1/nodes';
const CAPACITY = { cpu: '64', memory: '256Gi', pods: '1000', 'ephemeral-storage': '1Ti' };
/** A label no node has: with it the real scheduler itself finds, and says, that a pod fits nowhere. */
const IMPOSSIBLE_NODE = { 'sandbox.syncline.dev/unschedulable': 'true' };

const isUnschedulable = `has(object.metadata.annotations) && '${ANNOTATION.pending}' in object.metadata.annotations && object.metadata.annotations['${ANNOTATION.pending}'] == 'Unschedulable'`;
// A node selector is atomic to server-side apply, so the patch is a JSON patch and replaces the pod's own.
const selectorPatch = `[JSONPatch{op: 'add', path: '/spec/nodeSelector', value: {${Object.entries(IMPOSSIBLE_NODE)
  .map(([key, value]) => `'${key}': '${value}'`)
  .join(', ')}}}]`;

const OBJECTS: readonly { readonly path: string; readonly body: unknown }[] = [
  {
    path: NODES,
    body: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: NODE_NAME,
        labels: {
          'kubernetes.io/hostname': NODE_NAME,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'node-role.kubernetes.io/worker': '',
        },
      },
      status: { allocatable: CAPACITY, capacity: CAPACITY },
    },
  },
  storageClass('standard', 'Immediate', { 'storageclass.kubernetes.io/is-default-class': 'true' }),
  storageClass('wait-for-first-consumer', 'WaitForFirstConsumer', {}),
  {
    path: '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: 'sandbox-unschedulable' },
      spec: {
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        },
        matchConditions: [{ name: 'asked-for', expression: isUnschedulable }],
        mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: selectorPatch } }],
      },
    },
  },
  {
    path: '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings',
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: 'sandbox-unschedulable' },
      spec: { policyName: 'sandbox-unschedulable' },
    },
  },
];

function storageClass(name: string, mode: string, annotations: Readonly<Record<string, string>>) {
  return {
    path: '/apis/storage.k8s.io/v1/storageclasses',
    body: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name, annotations },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: mode,
    },
  };
}

/** Creates what a sandbox's cluster starts with: the node, storage classes, and the policy for Unschedulable pods. */
export async function createBaseObjects(api: ApiClient, signal: AbortSignal): Promise<void> {
  await Promise.all(
    OBJECTS.map(async ({ path, body }) => {
      const answer = await api.send({ method: 'POST', path, body, signal });
      // A kept state folder that is started again has them already.
      if (answer.status >= 400 && answer.status !== 409) {
        throw new ApiRefusal({ method: 'POST', path, signal }, answer);
      }
      if (answer.status === 409 && path === NODES) await declareUnready(api, signal);
    }),
  );
}

/** Makes kwok write the status of the node anew: its kubelet endpoint is on another port than last time. */
async function declareUnready(api: ApiClient, signal: AbortSignal): Promise<void> {
  await api.must({
    method: 'PATCH',
    path: `${NODES}/${NODE_NAME}/status`,
    contentType: 'application/strategic-merge-patch+json',
    body: { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
    signal,
  });
}

const nodeSchema = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});
const podSpecSchema = z.object({ spec: z.object({ nodeSelector: z.record(z.string(), z.string()) }) });

/** Waits until pods can be created and run: node ready, default service account there, policy in force. */
export async function waitUntilUsable(api: ApiClient, signal: AbortSignal): Promise<void> {
  const patience = { timeoutMs: 60_000, everyMs: 50, signal };
  const get = async (path: string): Promise<unknown> => api.must({ method: 'GET', path, signal });
  await Promise.all([
    waitFor('simulated node ready', patience, async () => {
      const { status } = nodeSchema.parse(await get(`${NODES}/${NODE_NAME}`));
      return status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') || undefined;
    }),
    waitFor('default service account', patience, () => get('/api/v1/namespaces/default/serviceaccounts/default')),
    waitFor('policy for unschedulable pods', patience, async () => {
      const path = '/api/v1/namespaces/default/pods?dryRun=All';
      const pod = await api.must({ method: 'POST', path, body: probePod(), signal });
      return podSpecSchema.safeParse(pod).success || undefined;
    }),
  ]);
}

function probePod(): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'sandbox-probe', annotations: { [ANNOTATION.pending]: 'Unschedulable' } },
    spec: { containers: [{ name: 'probe', image: 'none' }] },
  };
}
