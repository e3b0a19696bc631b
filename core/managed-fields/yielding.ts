/** Managers whose fields a sync takes over unasked, by what their names begin with. */
const YIELDING: readonly RegExp[] = [
  /^kubectl($|-)/,
  /^helm($|-)/,
  /^argocd-(application-)?controller$/,
  /^syncline$/,
  /^before-first-apply$/,
];

/**
 * Tells whether a field manager gives way to an application's manifests: kubectl, since what a person edited by hand is
 * repaired; Helm and Argo CD, since an application that moves from there brings its fields along; `syncline`, the
 * manager of hooks that were created rather than applied; and `before-first-apply`, the API server's word for fields of
 * which it knows no manager, as of an object that another application has let go of. Every other manager
 * (a controller, another application) is a conflict for people to settle.
 */
export function yieldsToManifests(manager: string): boolean {
  return YIELDING.some((pattern) => pattern.test(manager));
}
