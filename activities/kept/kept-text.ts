import { stringAt } from '../../core/json.ts';
import { APPLICATION_LABEL, ROLE_LABEL } from '../../core/markers.ts';
import type { KubernetesObject, ObjectRef } from '../../core/objects.ts';
import { resourceVersionOf } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { wroteUnchanged } from './compare-and-swap.ts';

/** A text that Syncline keeps of an application in a ConfigMap of its own. */
export interface KeptText {
  readonly application: string;
  readonly namespace: string;
  readonly name: string;
  /** What it is: the value of its role label, and its key in the ConfigMap. */
  readonly role: string;
}

/** What keeps texts. */
export type KeepingCluster = Pick<Cluster, 'get' | 'create' | 'replace'>;

/** The reference of the ConfigMap. */
export function refOfKept({ namespace, name }: KeptText): ObjectRef {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name };
}

/** The text; undefined where there is none. */
export async function readKept(
  cluster: Pick<Cluster, 'get'>,
  kept: KeptText,
  signal: AbortSignal,
): Promise<string | undefined> {
  const stored = await cluster.get(refOfKept(kept), signal);
  return stored === undefined ? undefined : stringAt(stored, 'data', kept.role);
}

/**
 * Changes the text by compare-and-swap: `change` is asked again after each lost race, and answers undefined to leave it as
 * it is. Answers the text as it is afterwards.
 */
export async function changeKept(
  cluster: KeepingCluster,
  kept: KeptText,
  change: (text: string | undefined) => string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const stored = await cluster.get(refOfKept(kept), signal);
    const before = stored === undefined ? undefined : stringAt(stored, 'data', kept.role);
    const after = change(before);
    if (after === undefined || after === before) return before;
    if (await wroteUnchanged(cluster, objectOf(kept, after, stored), stored, signal)) return after;
  }
}

function objectOf(kept: KeptText, text: string, stored: KubernetesObject | undefined): KubernetesObject {
  const { apiVersion, kind, namespace, name } = refOfKept(kept);
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: {
        'app.kubernetes.io/managed-by': 'syncline',
        [ROLE_LABEL]: kept.role,
        [APPLICATION_LABEL]: kept.application,
      },
      ...(stored === undefined ? {} : { resourceVersion: resourceVersionOf(stored) }),
    },
    data: { [kept.role]: text },
  };
}
