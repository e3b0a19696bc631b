import { describe, expect, it } from 'vitest';
import { applySegment } from '../../activities/apply/apply-segment.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import type { PruneTarget } from '../../core/plan/prunes.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { ApiError } from '../../kubernetes/errors.ts';
import { plannedSync, RUN } from '../support/planned-sync.ts';
import { activityRuntime } from '../support/runtime.ts';

const OWNED = { annotations: { 'syncline.dev/owner': 'shop/shop' } };
const LEAVING = { ...OWNED, deletionTimestamp: '2026-01-01T00:00:00Z' };
const kept = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: kept }\n';

/** Prunes live ConfigMaps by their metadata; answers what came of it, and the deletes that were sent. */
async function pruned(live: Readonly<Record<string, KubernetesObject>>, refusal?: Error) {
  const targets = Object.keys(live).map<PruneTarget>((name) => ({
    ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
    uid: `uid-of-${name}`,
    wave: 0,
    pruneLast: false,
  }));
  const sent: string[] = [];
  const script: Partial<Cluster> = {
    get: async ({ name }) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'shop', uid: `uid-of-${name}`, ...live[name] },
    }),
    delete: async ({ name }, { uid, propagation }) => {
      if (refusal !== undefined) throw refusal;
      sent.push(`${name} ${uid ?? ''} ${propagation}`);
      return true;
    },
  };
  const { scope, deps } = await plannedSync(kept, script, targets);
  const input = { scope, phase: 'Sync', wave: 0, segment: 0 } as const;
  return { answer: await applySegment(input, activityRuntime({ run: RUN }), deps), sent };
}

describe('pruning a segment', () => {
  it('comes before the applies of its wave, and deletes the very objects that were planned in the foreground [argo 2.4.prunes]', async () => {
    const { answer, sent } = await pruned({ one: OWNED, two: OWNED });
    expect(answer).toEqual({ kind: 'done', applied: 0, unchanged: 0, pruned: 2 });
    expect(sent).toEqual(['one uid-of-one Foreground', 'two uid-of-two Foreground']);
  });

  it('does not delete again what is on its way out already [argo 2.4.prunes]', async () => {
    const { answer, sent } = await pruned({ leaving: LEAVING, one: OWNED });
    expect(answer).toMatchObject({ kind: 'done' });
    expect(sent).toEqual(['one uid-of-one Foreground']);
  });

  it('that the API server refuses is a failure with its words [argo 5.8]', async () => {
    const refusal = new ApiError('no delete for you', {
      code: 403,
      reason: 'Forbidden',
      causes: [],
      retryAfterSeconds: undefined,
    });
    const { answer } = await pruned({ one: OWNED }, refusal);
    expect(answer).toMatchObject({
      kind: 'failed',
      failures: [
        { type: 'Forbidden', object: 'ConfigMap shop/one', message: expect.stringContaining('no delete') as string },
      ],
    });
  });
});
