/** What helps, by Kubernetes' reason. One line each, beginning with a verb. */
const REMEDIES: Readonly<Record<string, string>> = {
  Unschedulable: 'lower resources.requests, relax node selectors and tolerations, or add a node',
  ErrImagePull: "check the image's name and tag, the registry and imagePullSecrets",
  ImagePullBackOff: "check the image's name and tag, the registry and imagePullSecrets",
  RegistryUnavailable: "check that the nodes reach the image's registry",
  ErrImageNeverPull: 'load the image onto the node, or change imagePullPolicy from Never',
  InvalidImageName: "correct the image's name in the manifest and sync again",
  CreateContainerConfigError:
    "create the ConfigMap, Secret or key that the message names, in an earlier wave; if it names none, correct the container's securityContext",
  CreateContainerError: "read the message; often the container's command or a volume mount is wrong",
  RunContainerError: "check the container's command and its volume mounts, then sync again",
  CrashLoopBackOff: "read the container's log for why it ends; a change of the manifest needs a new sync",
  StartError: "check the container's command: it can't be executed",
  ContainerCannotRun: "check the container's command: it can't be executed",
  OOMKilled: "raise the container's resources.limits.memory and sync again",
  Error: "read the container's log for why it ended",
  Evicted: 'set resources.requests to what the pod needs, so that its node is not overcommitted, and sync again',
  EvictionByEvictionAPI: 'sync again; the pod was moved off its node',
  PreemptionByScheduler: 'give the pod a priorityClassName, or sync again when the cluster is less busy',
  DeadlineExceeded: 'raise spec.activeDeadlineSeconds, or find out from the log what took so long',
  BackoffLimitExceeded: "read the log of the hook's last pod, correct the cause, then sync again",
  PodFailurePolicy: "read the log of the hook's last pod; spec.podFailurePolicy ended the Job at that exit code",
  MaxFailedIndexesExceeded: 'read the logs of the failed indexes, correct the cause, then sync again',
  FailedIndexes: 'read the logs of the failed indexes, correct the cause, then sync again',
  FailedMount: "create the volume's ConfigMap, Secret or claim, in an earlier wave",
  FailedMapVolume: 'check that the volume is free and reachable from the node',
  FailedCreatePodSandBox: "read the message; the node's network plugin or container runtime has failed",
  FailedAttachVolume: 'check that the volume is free and reachable from the node',
  FailedCreate: 'read the message; often a ResourceQuota or an admission policy refuses the pod',
  ProgressDeadlineExceeded: "look at the Deployment's pods for what keeps them from becoming available",
};

/** Problems that pass without a new sync once their cause is gone: Kubernetes tries again. */
const PASSING: ReadonlySet<string> = new Set([
  'Unschedulable',
  'ErrImagePull',
  'ImagePullBackOff',
  'RegistryUnavailable',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'FailedMount',
  'FailedAttachVolume',
  'FailedMapVolume',
  'FailedCreatePodSandBox',
  'FailedCreate',
]);

/**
 * One line telling what helps against a problem, by its reason; undefined where nothing better than its message is known.
 * While it is waited for, the line says where the sync goes on by itself; once it is over, that it takes a new sync.
 */
export function remedyFor(
  problem: { readonly reason: string },
  moment: 'waiting' | 'over' = 'waiting',
): string | undefined {
  if (!Object.hasOwn(REMEDIES, problem.reason)) return undefined;
  const remedy = REMEDIES[problem.reason];
  if (remedy === undefined || !PASSING.has(problem.reason)) return remedy;
  return moment === 'waiting' ? `${remedy}; the sync goes on by itself` : `${remedy}; then sync again`;
}
