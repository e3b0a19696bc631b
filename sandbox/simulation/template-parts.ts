/* The pieces that the templates of `pod-templates.ts` have in common. */

/** How the head of each template reads annotations: a pod may have none. */
export const HEAD = `{{ $now := Now }}
{{ $annotations := or .metadata.annotations dict }}
{{ $uid := or .metadata.uid "" }}
`;

/** The conditions that say whether the pod is ready. */
export const READY = (status: 'True' | 'False', reason: string): string => `- type: Ready
  status: "${status}"
  reason: "${reason}"
  lastTransitionTime: {{ $now | Quote }}
- type: ContainersReady
  status: "${status}"
  reason: "${reason}"
  lastTransitionTime: {{ $now | Quote }}
`;

/** The conditions of a pod whose containers may start. */
export const INITIALIZED = `- type: Initialized
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
- type: PodReadyToStartContainers
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
`;

/** Where the pod is. */
export const ADDRESSES = `hostIP: 127.0.0.1
hostIPs: [{ip: 127.0.0.1}]
{{ $ip := PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) $uid ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ $ip | Quote }}
podIPs: [{ip: {{ $ip | Quote }}}]
startTime: {{ $now | Quote }}
`;

/** What identifies one run of a container, given how often it was restarted. */
export const IDENTITY = (restarts: string): string => `  image: {{ .image | Quote }}
  imageID: {{ printf "sandbox://sha256:%s" ( .image | sha256sum ) | Quote }}
  containerID: {{ printf "sandbox://%s" ( printf "%s/%s/%v" $uid .name ${restarts} | sha256sum ) | Quote }}
  restartCount: {{ ${restarts} }}
`;

/** Init containers have ended at once; sidecars among them run. */
export const INIT_CONTAINERS = `{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
${IDENTITY('0')}
{{ if eq ( or .restartPolicy "" ) "Always" }}
  ready: true
  started: true
  state: {running: {startedAt: {{ $now | Quote }}}}
{{ else }}
  ready: true
  started: false
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}
{{ end }}
{{ end }}
{{ end }}
`;
