import { stringAt } from '../core/json.ts';
import type { Capabilities } from './cluster.ts';
import type { Discovery } from './discovery.ts';
import type { Transport } from './transport.ts';

/** Reads a cluster's version and all that it serves. */
export async function readCapabilities(
  transport: Transport,
  discovery: Discovery,
  signal: AbortSignal,
): Promise<Capabilities> {
  const subject = { action: 'read', object: 'the version of the cluster', secret: false };
  const [version, kinds] = await Promise.all([
    transport.json({ method: 'GET', path: '/version', accept: 'application/json', idempotent: true, subject }, signal),
    discovery.servedKinds(signal),
  ]);
  return { version: stringAt(version, 'gitVersion') ?? '', kinds };
}
