import type { ApiClient } from '../cluster/api.ts';
import { exposedSchema, type Exposed } from '../cluster/objects.ts';
import { watchCollection, type ObjectChange } from '../cluster/watch.ts';
import { ANNOTATION } from './annotations.ts';

/** From the range for documentation (RFC 5737): nothing answers there. */
const INGRESS_ADDRESS = { ip: '192.0.2.10' };

/**
 * Gives Services of type LoadBalancer and Ingresses an address, as a cloud and an ingress controller would, but
 * for those annotated `pending: "true"`. Resolves when the signal aborts.
 */
export async function exposeAddresses(api: ApiClient, signal: AbortSignal): Promise<void> {
  const watch = (root: string, resource: string, needsAddress: (object: Exposed) => boolean): Promise<void> =>
    watchCollection({
      api,
      path: `${root}/${resource}`,
      schema: exposedSchema,
      signal,
      onChange: (change: ObjectChange<Exposed>) => {
        const { object } = change;
        if (change.kind === 'gone' || !needsAddress(object) || isWithheld(object) || hasAddress(object)) return;
        const { namespace = '', name } = object.metadata;
        const path = `${root}/namespaces/${namespace}/${resource}/${name}/status`;
        const body = { status: { loadBalancer: { ingress: [INGRESS_ADDRESS] } } };
        // A refusal means that it has changed or gone; the watch tells.
        void api
          .send({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body, signal })
          .catch(() => undefined);
      },
    });
  await Promise.all([
    watch('/api/v1', 'services', ({ spec }) => spec.type === 'LoadBalancer'),
    watch('/apis/networking.k8s.io/v1', 'ingresses', () => true),
  ]);
}

function isWithheld(object: Exposed): boolean {
  return object.metadata.annotations[ANNOTATION.pending] === 'true';
}

function hasAddress(object: Exposed): boolean {
  return object.status.loadBalancer.ingress.length > 0;
}
