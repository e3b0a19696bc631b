import { z } from 'zod';

const meta = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  annotations: z.record(z.string(), z.string()).default({}),
  ownerReferences: z.array(z.object({ uid: z.string(), controller: z.boolean().optional() })).default([]),
  deletionTimestamp: z.string().optional(),
});

const containerState = z.object({
  running: z.object({ startedAt: z.string().nullish() }).optional(),
  terminated: z.object({ startedAt: z.string().nullish(), finishedAt: z.string().nullish() }).optional(),
  waiting: z.object({ reason: z.string().optional() }).optional(),
});

const containerStatus = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: containerState.default({}),
  lastState: containerState.default({}),
});

/** What the sandbox reads of a Pod. */
export const podSchema = z.object({
  metadata: meta,
  spec: z.object({
    nodeName: z.string().optional(),
    restartPolicy: z.string().default('Always'),
    containers: z.array(z.object({ name: z.string(), image: z.string().default('') })),
    initContainers: z.array(z.object({ name: z.string(), image: z.string().default('') })).default([]),
  }),
  status: z
    .object({
      phase: z.string().default('Pending'),
      containerStatuses: z.array(containerStatus).default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
});

/** What the sandbox reads of a PersistentVolumeClaim. */
export const claimSchema = z.object({
  metadata: meta,
  spec: z.object({
    storageClassName: z.string().optional(),
    volumeName: z.string().optional(),
    accessModes: z.array(z.string()).default([]),
    volumeMode: z.string().optional(),
    resources: z.object({ requests: z.record(z.string(), z.string()).default({}) }).prefault({}),
  }),
});

/** What the sandbox reads of a Service or an Ingress. */
export const exposedSchema = z.object({
  metadata: meta,
  spec: z.object({ type: z.string().optional() }).prefault({}),
  status: z.object({ loadBalancer: z.object({ ingress: z.array(z.unknown()).default([]) }).prefault({}) }).prefault({}),
});

/** A Pod, as far as the sandbox reads it. */
export type Pod = z.infer<typeof podSchema>;
/** The status of one container of a Pod. */
export type ContainerStatus = z.infer<typeof containerStatus>;
/** A PersistentVolumeClaim, as far as the sandbox reads it. */
export type Claim = z.infer<typeof claimSchema>;
/** A Service or an Ingress, as far as the sandbox reads it. */
export type Exposed = z.infer<typeof exposedSchema>;
