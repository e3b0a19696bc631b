import { describeApiServer } from '../fakes/api-server/contract.ts';
import { modelApiServer } from '../fakes/api-server/model-api-server.ts';
import { auditOf } from './cluster/audit.ts';
import { clusterPort } from './cluster/port.ts';
import { atOnce } from './engine/call.ts';
import { randomOf } from './engine/random.ts';
import { schedulerOf } from './engine/scheduler.ts';

describeApiServer('the model', async () => {
  const random = randomOf(1);
  const scheduler = schedulerOf(random, { persistence: 0, haste: 0 }, 0);
  const server = modelApiServer(() => scheduler.now());
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'contract' } });
  const audit = auditOf({ now: () => scheduler.now(), tell: () => undefined, valueOf: () => undefined });
  const cluster = clusterPort({ server, scheduler, random, call: atOnce, audit, isTooLate: () => false });
  return { cluster, namespace: 'contract' };
});
