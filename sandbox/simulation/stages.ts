import { stringify } from 'yaml';
import { ANNOTATION } from './annotations.ts';
import { nodeStages } from './node-stages.ts';
import { stageDocument, statusPatch, type Condition } from './stage-document.ts';
import { CRASHED, FAILED, KILLED, READY_NOW, RESTARTED, STARTED, SUCCEEDED, WAITING } from './pod-templates.ts';

interface PodStage {
  readonly name: string;
  readonly when: readonly Condition[];
  readonly delay?: { readonly milliseconds: number; readonly annotation?: string };
  readonly next: { readonly status: string } | { readonly delete: true };
}

/** kwok's configuration: how the one node and the pods on it live. */
export function stagesDocument(kubeletPort: number): string {
  const documents = [...nodeStages(kubeletPort), ...POD_STAGES.map(podStage)];
  return documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}

const annotationKey = (name: string): string => `.metadata.annotations["${name}"]`;
const exists = (key: string): Condition => ({ key, operator: 'Exists' });
const missing = (key: string): Condition => ({ key, operator: 'DoesNotExist' });
const isIn = (key: string, ...values: readonly string[]): Condition => ({ key, operator: 'In', values });
const notIn = (key: string, ...values: readonly string[]): Condition => ({ key, operator: 'NotIn', values });

/**
 * What the running containers of a pod will do, as one jq expression: "run", "succeed", "fail", or "undecided"
 * while the sandbox has not counted the pod yet. The stages that end a pod exclude each other by its value.
 */
const OUTCOME = `
(.metadata.annotations // {}) as $a
| (.spec.restartPolicy // "Always") as $policy
| ([.status.containerStatuses[]?.restartCount] | max // 0) as $restarts
| if $a["${ANNOTATION.hang}"] == "true" then "run"
  elif $a["${ANNOTATION.failTimes}"] != null then
    (if $policy == "Never" then ($a["${ANNOTATION.attempt}"] // "0" | tonumber) else $restarts + 1 end) as $attempt
    | if $attempt == 0 then "undecided"
      elif $attempt <= ($a["${ANNOTATION.failTimes}"] | tonumber) then "fail"
      elif $policy == "Always" then "run"
      else "succeed" end
  elif ($a["${ANNOTATION.exitCode}"] // "0") != "0" or $a["${ANNOTATION.oom}"] == "true" then "fail"
  elif $policy == "Always" then "run"
  else "succeed" end`.trim();

const PHASE = '.status.phase';
const STATUSES = '.status.containerStatuses[0]';
const RUNNING = '.status.containerStatuses[].state.running';
const CRASH_LOOP = '.status.containerStatuses[0].state.waiting.reason';
const PENDING = annotationKey(ANNOTATION.pending);
const ALIVE = missing('.metadata.deletionTimestamp');
const DELETED = exists('.metadata.deletionTimestamp');

const POD_STAGES: readonly PodStage[] = [
  {
    name: 'pod-start',
    when: [ALIVE, isIn(PHASE, 'Pending'), missing(STATUSES), missing(PENDING)],
    delay: { milliseconds: 50 },
    next: { status: STARTED },
  },
  {
    name: 'pod-wait',
    when: [ALIVE, isIn(PHASE, 'Pending'), missing(STATUSES), exists(PENDING)],
    next: { status: WAITING },
  },
  {
    name: 'pod-ready',
    when: [
      ALIVE,
      isIn(PHASE, 'Running'),
      exists(RUNNING),
      exists(annotationKey(ANNOTATION.readyAfter)),
      isIn('.status.containerStatuses[].ready', 'false'),
      isIn(OUTCOME, 'run'),
    ],
    delay: { milliseconds: 100, annotation: ANNOTATION.readyAfter },
    next: { status: READY_NOW },
  },
  {
    name: 'pod-succeed',
    when: [ALIVE, isIn(PHASE, 'Running'), exists(RUNNING), isIn(OUTCOME, 'succeed')],
    delay: { milliseconds: 200, annotation: ANNOTATION.succeedAfter },
    next: { status: SUCCEEDED },
  },
  {
    name: 'pod-fail',
    when: [ALIVE, isIn(PHASE, 'Running'), exists(RUNNING), isIn(OUTCOME, 'fail'), isIn('.spec.restartPolicy', 'Never')],
    delay: { milliseconds: 200, annotation: ANNOTATION.failAfter },
    next: { status: FAILED },
  },
  {
    name: 'pod-crash',
    when: [
      ALIVE,
      isIn(PHASE, 'Running'),
      exists(`${STATUSES}.state.running`),
      isIn(OUTCOME, 'fail'),
      notIn('.spec.restartPolicy', 'Never'),
    ],
    delay: { milliseconds: 200, annotation: ANNOTATION.failAfter },
    next: { status: CRASHED },
  },
  {
    name: 'pod-restart',
    when: [ALIVE, isIn(PHASE, 'Running'), isIn(CRASH_LOOP, 'CrashLoopBackOff'), missing(PENDING)],
    delay: { milliseconds: 500, annotation: ANNOTATION.restartAfter },
    next: { status: RESTARTED },
  },
  {
    name: 'pod-terminate',
    when: [DELETED, isIn(PHASE, 'Pending', 'Running'), exists(STATUSES)],
    delay: { milliseconds: 0, annotation: ANNOTATION.stopAfter },
    next: { status: KILLED },
  },
  {
    // Finalizers are left alone: the Job controller counts a pod by its finalizer before it lets go of it.
    name: 'pod-delete',
    when: [
      DELETED,
      isIn(
        `if ${STATUSES} == null or ${PHASE} == "Succeeded" or ${PHASE} == "Failed" then "over" else "alive" end`,
        'over',
      ),
      notIn('.metadata.deletionGracePeriodSeconds | tostring', '0'),
    ],
    next: { delete: true },
  },
];

function podStage(stage: PodStage): unknown {
  return stageDocument({ apiGroup: 'v1', kind: 'Pod' }, stage.name, stage.when, {
    ...(stage.delay && {
      delay: {
        durationMilliseconds: stage.delay.milliseconds,
        ...(stage.delay.annotation !== undefined && {
          durationFrom: { expressionFrom: annotationKey(stage.delay.annotation) },
        }),
      },
    }),
    next: 'delete' in stage.next ? stage.next : { patches: [statusPatch(stage.next.status)] },
  });
}
