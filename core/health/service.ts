import { arrayAt, stringAt } from '../json.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Health } from './health.ts';

/** Health of a Service: a LoadBalancer waits for its address, every other type is Healthy. Mirrors `health_service.go`. */
export function serviceHealth(object: KubernetesObject): Health {
  if (stringAt(object, 'spec', 'type') !== 'LoadBalancer') return { status: 'Healthy', message: '' };
  return loadBalancerHealth(object);
}

/** Health of an Ingress: waits for a controller to give it an address. Mirrors Argo CD's `health_ingress.go`. */
export function ingressHealth(object: KubernetesObject): Health {
  return loadBalancerHealth(object);
}

function loadBalancerHealth(object: KubernetesObject): Health {
  const addresses = arrayAt(object, 'status', 'loadBalancer', 'ingress');
  if (addresses.length === 0) return { status: 'Progressing', message: 'waiting for a load balancer address' };
  const address = stringAt(addresses[0], 'ip') ?? stringAt(addresses[0], 'hostname');
  return { status: 'Healthy', message: address === undefined ? '' : `reachable at ${address}` };
}
