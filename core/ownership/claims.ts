import { OWNER_ANNOTATION } from '../markers.ts';
import { fieldEntries } from '../managed-fields/entries.ts';
import type { KubernetesObject } from '../objects.ts';
import { annotationsOf, groupOf, labelsOf, refOf } from '../objects.ts';

/** Whose a live object is, where it is somebody else's. */
export type Claim =
  /** Another application of Syncline's, as `<namespace of its record>/<name>`. */
  | { readonly by: 'syncline'; readonly owner: string }
  /** An application of Argo CD's. */
  | { readonly by: 'argo-cd'; readonly application: string }
  /** A release of Helm's, as `<namespace>/<name>`. */
  | { readonly by: 'helm'; readonly release: string };

const TRACKING_ID = 'argocd.argoproj.io/tracking-id';
const INSTANCE_LABEL = 'app.kubernetes.io/instance';
const RELEASE_NAME = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';
const ARGO_MANAGERS: ReadonlySet<string> = new Set(['argocd-controller', 'argocd-application-controller']);

/**
 * Who else claims a live object: another application of Syncline's by its annotation, Argo CD by its tracking annotation
 * (or by its instance label, which many tools set, where Argo CD has written the object), a Helm release by Helm's
 * annotations. What our own annotation names as ours is nobody else's. `owner` is what `ownerOf` makes of our application.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
 */
export function claimOn(live: KubernetesObject, owner: string): Claim | undefined {
  const annotations = annotationsOf(live);
  const marked = annotations[OWNER_ANNOTATION];
  if (marked !== undefined) return marked === owner ? undefined : { by: 'syncline', owner: marked };
  const application = trackedBy(live);
  if (application !== undefined) return { by: 'argo-cd', application };
  const name = annotations[RELEASE_NAME];
  if (name === undefined) return undefined;
  return { by: 'helm', release: `${annotations[RELEASE_NAMESPACE] ?? ''}/${name}` };
}

/** Whether a live object carries the mark of any application of Syncline's. */
export function isMarked(live: KubernetesObject): boolean {
  return annotationsOf(live)[OWNER_ANNOTATION] !== undefined;
}

/** A claim as people read it, such as `application shop/web`. */
export function describeClaim(claim: Claim): string {
  switch (claim.by) {
    case 'syncline':
      return `application ${claim.owner}`;
    case 'argo-cd':
      return `Argo CD's application ${claim.application}`;
    case 'helm':
      return `Helm's release ${claim.release}`;
  }
}

function trackedBy(live: KubernetesObject): string | undefined {
  const [application, ...rest] = (annotationsOf(live)[TRACKING_ID] ?? '').split(':');
  if (application !== undefined && application !== '' && rest.join(':') === trackingTail(live)) return application;
  const instance = labelsOf(live)[INSTANCE_LABEL];
  const byArgo = fieldEntries(live).some(({ manager }) => ARGO_MANAGERS.has(manager));
  return instance !== undefined && instance !== '' && byArgo ? instance : undefined;
}

/** What follows the application in the tracking annotation of an object; one that was copied along names another. */
function trackingTail(live: KubernetesObject): string {
  const { apiVersion, kind, namespace, name } = refOf(live);
  return `${groupOf(apiVersion)}/${kind}:${namespace ?? ''}/${name}`;
}
