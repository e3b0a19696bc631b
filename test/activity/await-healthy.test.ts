import { describe, expect, it } from 'vitest';
import { awaitHealthy } from '../../activities/health/await-healthy.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { Cluster, LiveView } from '../../kubernetes/cluster.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { plannedSync, RUN } from '../support/planned-sync.ts';
import { activityRuntime } from '../support/runtime.ts';

const yaml = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { replicas: 1 }
`;

function deployment(generation: number, available: number, resourceVersion: string): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', uid: 'u1', generation, resourceVersion },
    spec: { replicas: 1 },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: available },
  };
}

const ready = deployment(1, 1, '1');
const stuck: KubernetesObject = {
  ...ready,
  status: { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: '' }] },
};

/** A view that shows one object after the other, a change each; it counts how often it was closed. */
function viewOf(...shown: readonly (KubernetesObject | undefined)[]) {
  let at = 0;
  const counts = { closed: 0 };
  const view: LiveView = {
    get: () => shown[Math.min(at, shown.length - 1)],
    all: () => [],
    changed: async (_, signal) => {
      await Promise.resolve();
      signal.throwIfAborted();
      at += 1;
    },
    close: () => (counts.closed += 1),
  };
  return { view, counts };
}

const input = { phase: 'Sync', wave: 0, deadlineMs: 60_000 } as const;

async function waited(script: Partial<Cluster>) {
  const { scope, deps } = await plannedSync(yaml, script);
  return awaitHealthy({ scope, ...input }, activityRuntime({ run: RUN }), deps);
}

describe('waiting for health with a view that is older than the apply', () => {
  it.each([
    ['healthy', ready],
    ['degraded', stuck],
  ])('does not believe the old state, which was %s [argo 2.3.wave-delay]', async (_, old) => {
    const { view, counts } = viewOf(old, deployment(2, 1, '2'), ready);
    const reads: KubernetesObject[] = [deployment(2, 1, '2'), ready];
    const answer = await waited({ view: async () => view, get: async () => reads.shift() });
    expect(answer).toEqual({ kind: 'healthy' });
    expect(reads).toEqual([]);
    expect(counts.closed).toBe(1);
  });

  it('does not believe that an object is missing which the server knows [argo 5.7]', async () => {
    const { view } = viewOf(undefined);
    const answer = await waited({ view: async () => view, get: async () => ready });
    expect(answer).toEqual({ kind: 'healthy' });
  });

  it('reads no object again once the view has caught up with it', async () => {
    const { view } = viewOf(deployment(1, 0, '1'), ready);
    let reads = 0;
    const get = async () => {
      reads += 1;
      return ready;
    };
    await waited({ view: async () => view, get });
    expect(reads).toBe(1);
  });

  it('says which objects may not be watched', async () => {
    const { view, counts } = viewOf(deployment(1, 0, '1'));
    const denied = new ApiError('no watch', {
      code: 403,
      reason: 'Forbidden',
      causes: [],
      retryAfterSeconds: undefined,
    });
    const broken: LiveView = { ...view, changed: () => Promise.reject(denied) };
    await expect(waited({ view: async () => broken })).rejects.toBe(denied);
    expect(counts.closed).toBe(1);
  });
});
