import type { Section } from './row.ts';
import { differs, notApplicable, same } from './row.ts';

/** What is said of the health of live objects. */
export const HEALTH: Section = {
  id: '4',
  title: 'Health',
  rows: [
    same('deleting', 'What is being deleted is Progressing, unless only the hook finalizer holds it'),
    same('order', 'A configured Lua check goes before a bundled one, and that before the built-in rule'),
    same('old-versions', 'Versions of built-in kinds that are no longer served can’t be judged'),
    differs('no-rule', 'A kind without a check is healthy at once', 'judged by its conditions, where it has any'),
    same('Deployment', 'By paused, observedGeneration, the progress deadline, and updated, old and available replicas'),
    same('StatefulSet', 'By observedGeneration, ready and updated replicas, partition and revisions; never Degraded'),
    same('DaemonSet', 'By observedGeneration, updated and available pods; never Degraded'),
    same('ReplicaSet', 'By observedGeneration, ReplicaFailure and available replicas'),
    same('Job', 'By its conditions: Failed is Degraded, Suspended Suspended, Complete Healthy'),
    differs('Job-resumed', 'A Job that was resumed and still runs is Healthy', 'Progressing'),
    same('Pod', 'One that runs on by its readiness and restarts, one that ends by its phase'),
    differs(
      'PersistentVolumeClaim',
      'Bound is Healthy, Pending Progressing, Lost Degraded; a claim that waits for its first consumer stalls a wave',
      'the same, but such a claim stalls nothing',
    ),
    same('Service', 'One of type LoadBalancer until it has an address'),
    same('Ingress', 'Until it has an address'),
    same('HorizontalPodAutoscaler', 'By its conditions, in v1 those of its annotation'),
    same('APIService', 'Healthy when Available'),
    same('Workflow', 'By the phase of an Argo Workflow'),
    same('Application', 'An Argo CD Application has none'),
    same('CustomResourceDefinition', 'By names accepted, schema, established; terminating is Progressing'),
    same('CronJob', 'Suspended is Healthy; the last run decides'),
    same('PodDisruptionBudget', 'Degraded by a false condition other than InsufficientPods'),
    same('Lua', 'Custom checks in Lua, each with its expected results'),
    same('Lua-wildcard', 'A group or kind `_` in a check’s place matches any'),
    differs(
      'Lua-nil',
      'A check that answers nothing: a hook succeeds, a resource waits for ever',
      'the same, up to a deadline',
    ),
    same('Lua-invalid', 'A status that is not known is Unknown'),
    notApplicable(
      'aggregate',
      'An application is as its worst resource: Healthy, Suspended, Progressing, Missing, Degraded, Unknown',
      'a sync waits for what it applies; an application has no health of its own',
    ),
    notApplicable(
      'aggregate-missing',
      'A missing resource does not count unless all are missing',
      'a resource that a sync has applied and that is missing fails it',
    ),
  ],
};
