const RESUMES = 'the sync goes on by itself';

/** What helps, by Kubernetes' reason. One line each, beginning with a verb. */
const REMEDIES: Readonly<Record<string, string>> = {
  Unschedulable: `lower resources.requests, relax node selectors and tolerations, or add a node; ${RESUMES}`,
  ErrImagePull: `check the image's name and tag, the registry and imagePullSecrets; ${RESUMES} once it can be pulled`,
  ImagePullBackOff: `check the image's name and tag, the registry and imagePullSecrets; ${RESUMES} once it can be pulled`,
  RegistryUnavailable: `check that the nodes reach the image's registry; ${RESUMES} once it can be pulled`,
  ErrImageNeverPull: `load the image onto the node, or change imagePullPolicy from Never; ${RESUMES}`,
  InvalidImageName: "correct the image's name in the manifest and sync again",
  CreateContainerConfigError: `create the ConfigMap, Secret or key that the container names, in an earlier wave; ${RESUMES}`,
  CreateContainerError: "read the message; often the container's command or a volume mount is wrong",
  RunContainerError: "check the container's command and its volume mounts, then sync again",
  CrashLoopBackOff: "read the container's log for why it ends; a change of the manifest needs a new sync",
  StartError: "check the container's command: it can't be executed",
  ContainerCannotRun: "check the container's command: it can't be executed",
  OOMKilled: "raise the container's resources.limits.memory and sync again",
  Error: "read the container's log for why it ended",
  Evicted: 'set resources.requests to what the pod needs, so that its node is not overcommitted, and retry',
  EvictionByEvictionAPI: 'retry; the pod was moved off its node',
  PreemptionByScheduler: 'give the pod a priorityClassName, or retry when the cluster is less busy',
  DeadlineExceeded: 'raise spec.activeDeadlineSeconds, or find out from the log what took so long',
  BackoffLimitExceeded: "read the log of the hook's last pod, correct the cause, then retry",
  PodFailurePolicy: "read the log of the hook's last pod; spec.podFailurePolicy ended the Job at that exit code",
  MaxFailedIndexesExceeded: 'read the logs of the failed indexes, correct the cause, then retry',
  FailedIndexes: 'read the logs of the failed indexes, correct the cause, then retry',
  FailedMount: `create the volume's ConfigMap, Secret or claim, in an earlier wave; ${RESUMES}`,
  FailedAttachVolume: `check that the volume is free and reachable from the node; ${RESUMES}`,
  FailedCreate: `read the message; often a ResourceQuota or an admission policy refuses the pod; ${RESUMES}`,
  ProgressDeadlineExceeded: "look at the Deployment's pods for what keeps them from becoming available",
};

/** One line telling what helps against a problem, by its reason; undefined where nothing better than its message is known. */
export function remedyFor(problem: { readonly reason: string }): string | undefined {
  return Object.hasOwn(REMEDIES, problem.reason) ? REMEDIES[problem.reason] : undefined;
}
