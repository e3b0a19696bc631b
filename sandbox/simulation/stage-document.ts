/** One condition of a stage's selector: a jq expression and what its values must be. */
export type Condition =
  | { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'Exists' | 'DoesNotExist' };

/** The names that kwok knows a resource by. */
export interface StageResource {
  readonly apiGroup: string;
  readonly kind: string;
}

/** A patch of the status by a template. */
export function statusPatch(template: string): unknown {
  return { subresource: 'status', root: 'status', type: 'strategic', template };
}

/** A Stage as kwok reads it. */
export function stageDocument(
  resource: StageResource,
  name: string,
  when: readonly Condition[],
  rest: Readonly<Record<string, unknown>>,
): unknown {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: resource, selector: { matchExpressions: when }, ...rest },
  };
}
