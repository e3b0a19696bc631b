import { ANNOTATION } from './annotations.ts';
import { ADDRESSES, HEAD, IDENTITY, INIT_CONTAINERS, INITIALIZED, READY } from './template-parts.ts';

/*
 * Go templates of the status that kwok writes, in the form a kubelet would. Each is rendered to YAML with the pod
 * as the dot, and sent as a strategic merge patch: conditions merge by type, container statuses are replaced.
 */

/** The containers run; ready at once unless `ready-after` says when. */
export const STARTED = `${HEAD}
{{ $waits := hasKey $annotations "${ANNOTATION.readyAfter}" }}
phase: Running
${ADDRESSES}
conditions:
${INITIALIZED}
{{ if $waits }}
${READY('False', 'ContainersNotReady')}
{{ else }}
${READY('True', '')}
{{ end }}
${INIT_CONTAINERS}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
${IDENTITY('0')}
  ready: {{ not $waits }}
  started: true
  state: {running: {startedAt: {{ $now | Quote }}}}
{{ end }}
`;

/** The containers became ready. */
export const READY_NOW = `${HEAD}
conditions:
${READY('True', '')}
containerStatuses:
{{ range .status.containerStatuses }}
- {{ toJson ( merge ( dict "ready" true ) ( omit . "ready" ) ) }}
{{ end }}
`;

/** How one container that ran has ended: the first container decides, its companions end well. */
const TERMINATED = `{{ $first := eq $index 0 }}
{{ $code := 0 }}{{ $reason := "Completed" }}
{{ if and $fails $first }}
{{ $code = int ( or ( index $annotations "${ANNOTATION.exitCode}" ) "1" ) }}{{ $reason = "Error" }}
{{ if eq ( or ( index $annotations "${ANNOTATION.oom}" ) "" ) "true" }}{{ $code = 137 }}{{ $reason = "OOMKilled" }}{{ end }}
{{ end }}
{{ $started := $now }}{{ with .state.running }}{{ $started = .startedAt }}{{ end }}
{{ $end := dict "exitCode" $code "reason" $reason "startedAt" $started "finishedAt" $now "containerID" .containerID }}
{{ with index $annotations "${ANNOTATION.terminationMessage}" }}
{{ if $first }}{{ $_ := set $end "message" . }}{{ end }}
{{ end }}
`;

/** Sidecars end with the pod; what ended before stays as it is. */
const SIDECARS_END = `{{ if .status.initContainerStatuses }}
initContainerStatuses:
{{ range .status.initContainerStatuses }}
{{ if .state.running }}
{{ $end := dict "exitCode" 0 "reason" "Completed" "startedAt" .state.running.startedAt "finishedAt" $now "containerID" .containerID }}
- {{ toJson ( merge ( dict "ready" false "started" false "state" ( dict "terminated" $end ) ) ( omit . "ready" "started" "state" ) ) }}
{{ else }}
- {{ toJson . }}
{{ end }}
{{ end }}
{{ end }}
`;

const COMPLETE = (phase: 'Succeeded' | 'Failed', condition: string): string => `${HEAD}
{{ $fails := ${phase === 'Failed'} }}
phase: ${phase}
conditions:
${READY('False', condition)}
${SIDECARS_END}
containerStatuses:
{{ range $index, $_ := .status.containerStatuses }}
${TERMINATED}
- {{ toJson ( merge ( dict "ready" false "started" false "state" ( dict "terminated" $end ) ) ( omit . "ready" "started" "state" ) ) }}
{{ end }}
`;

/** All containers ended well. */
export const SUCCEEDED = COMPLETE('Succeeded', 'PodCompleted');

/** The first container failed, and the pod's policy is to leave it at that. */
export const FAILED = COMPLETE('Failed', 'PodFailed');

/** The first container failed and waits for its restart. */
export const CRASHED = `${HEAD}
{{ $fails := true }}
{{ $place := printf "%s_%s(%s)" .metadata.name .metadata.namespace $uid }}
conditions:
${READY('False', 'ContainersNotReady')}
containerStatuses:
{{ range $index, $_ := .status.containerStatuses }}
${TERMINATED}
{{ if $first }}
{{ $message := printf "back-off 10s restarting failed container=%s pod=%s" .name $place }}
{{ $waiting := dict "waiting" ( dict "reason" "CrashLoopBackOff" "message" $message ) }}
- {{ toJson ( merge ( dict "ready" false "started" false "state" $waiting "lastState" ( dict "terminated" $end ) ) ( omit . "ready" "started" "state" "lastState" ) ) }}
{{ else }}
- {{ toJson . }}
{{ end }}
{{ end }}
`;

/** The container that crashed runs again. */
export const RESTARTED = `${HEAD}
conditions:
${READY('True', '')}
containerStatuses:
{{ range .status.containerStatuses }}
{{ if .state.waiting }}
{{ $count := add1 .restartCount }}
{{ $id := printf "sandbox://%s" ( printf "%s/%s/%v" $uid .name $count | sha256sum ) }}
{{ $running := dict "running" ( dict "startedAt" $now ) }}
- {{ toJson ( merge ( dict "ready" true "started" true "restartCount" $count "containerID" $id "state" $running ) ( omit . "ready" "started" "state" "restartCount" "containerID" ) ) }}
{{ else }}
- {{ toJson . }}
{{ end }}
{{ end }}
`;

/** The pod was deleted while it ran: its containers end by SIGTERM. */
export const KILLED = `${HEAD}
phase: Failed
conditions:
${READY('False', 'PodFailed')}
${SIDECARS_END}
containerStatuses:
{{ range .status.containerStatuses }}
{{ if .state.running }}
{{ $end := dict "exitCode" 143 "reason" "Error" "startedAt" .state.running.startedAt "finishedAt" $now "containerID" .containerID }}
- {{ toJson ( merge ( dict "ready" false "started" false "state" ( dict "terminated" $end ) ) ( omit . "ready" "started" "state" ) ) }}
{{ else }}
- {{ toJson . }}
{{ end }}
{{ end }}
`;

/** The pod has a node, and its containers wait for the reason that `pending` names. */
export const WAITING = `${HEAD}
{{ $reason := index $annotations "${ANNOTATION.pending}" }}
{{ $crashes := eq $reason "CrashLoopBackOff" }}
{{ $place := printf "%s_%s(%s)" .metadata.name .metadata.namespace $uid }}
phase: {{ if $crashes }}Running{{ else }}Pending{{ end }}
${ADDRESSES}
conditions:
${INITIALIZED}
${READY('False', 'ContainersNotReady')}
${INIT_CONTAINERS}
containerStatuses:
{{ range .spec.containers }}
{{ $pull := printf "failed to pull and unpack image %q: failed to resolve reference %q: not found" .image .image }}
{{ $message := "" }}
{{ if eq $reason "ErrImagePull" }}{{ $message = $pull }}{{ end }}
{{ if eq $reason "ImagePullBackOff" }}{{ $message = printf "Back-off pulling image %q: ErrImagePull: %s" .image $pull }}{{ end }}
{{ if eq $reason "InvalidImageName" }}
{{ $message = printf "Failed to apply default image tag %q: couldn't parse image name %q: invalid reference format" .image .image }}
{{ end }}
{{ if eq $reason "CreateContainerConfigError" }}{{ $message = "configmap \\"missing\\" not found" }}{{ end }}
{{ if $crashes }}{{ $message = printf "back-off 5m0s restarting failed container=%s pod=%s" .name $place }}{{ end }}
{{ $message = or ( index $annotations "${ANNOTATION.pendingMessage}" ) $message }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: false
  started: false
  restartCount: {{ if $crashes }}5{{ else }}0{{ end }}
  state: {waiting: {reason: {{ $reason | Quote }}, message: {{ $message | Quote }}}}
{{ if $crashes }}
{{ $code := int ( or ( index $annotations "${ANNOTATION.exitCode}" ) "1" ) }}
  lastState: {terminated: {exitCode: {{ $code }}, reason: Error, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}
{{ end }}
{{ end }}
`;
