import { z } from 'zod';

/** What the owner can ask of a supervisor once the sandbox runs. */
const ACTIONS = ['stop-temporal', 'start-temporal', 'stop-api-server', 'start-api-server', 'stop'] as const;

/** What the supervisor is to start. */
const settingsSchema = z.object({
  stateDir: z.string(),
  keepState: z.boolean(),
  /** Whether the sandbox goes on when its owner has ended. */
  detach: z.boolean(),
  kubernetes: z
    .object({
      etcd: z.string(),
      'kube-apiserver': z.string(),
      'kube-controller-manager': z.string(),
      'kube-scheduler': z.string(),
      kwok: z.string(),
    })
    .optional(),
  /** Whether the audit log has the bodies of writes to workloads. */
  auditBodies: z.boolean().optional(),
  temporal: z.object({ temporal: z.string(), dynamicConfig: z.array(z.string()).optional() }).optional(),
});

/** Messages from the owner to the supervisor. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), settings: settingsSchema }),
  z.object({ kind: z.literal('request'), id: z.number(), action: z.enum(ACTIONS) }),
]);

/** Where everything of a sandbox is; the fields of a part that was not asked for are empty. */
const descriptionSchema = z.object({
  stateDir: z.string(),
  /** The kubeconfig of `admin`. */
  kubeconfigPath: z.string(),
  contextName: z.string(),
  apiServer: z.string(),
  auditLogPath: z.string(),
  kubeconfigs: z.object({
    admin: z.string(),
    syncline: z.string(),
    sandbox: z.string(),
    kwok: z.string(),
    controllerManager: z.string(),
    scheduler: z.string(),
  }),
  temporalAddress: z.string(),
  temporalNamespace: z.string(),
  temporalUiUrl: z.string(),
  /** What Syncline's worker and command line need in their environment to use this sandbox. */
  env: z.record(z.string(), z.string()),
});

/** Messages from the supervisor to its owner. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), text: z.string() }),
  z.object({ kind: z.literal('ready'), description: descriptionSchema, pids: z.record(z.string(), z.number()) }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
  z.object({
    kind: z.literal('done'),
    id: z.number(),
    error: z.string().optional(),
    pids: z.record(z.string(), z.number()),
  }),
]);

/** What the supervisor is to start. */
export type SupervisorSettings = z.infer<typeof settingsSchema>;
/** Something the owner can ask for once the sandbox runs. */
export type SupervisorAction = (typeof ACTIONS)[number];
/** A message from the owner to the supervisor. */
export type Order = z.infer<typeof orderSchema>;
/** A message from the supervisor to its owner. */
export type Report = z.infer<typeof reportSchema>;
/** Where everything of a sandbox is. */
export type SandboxDescription = z.infer<typeof descriptionSchema>;
