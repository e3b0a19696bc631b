import { describe, expect, it } from 'vitest';
import { applySegment } from '../../activities/apply/apply-segment.ts';
import type { KubernetesObject } from '../../core/objects.ts';
import { describeRef, refOf } from '../../core/objects.ts';
import type { Cluster } from '../../kubernetes/cluster.ts';
import { ApiError, ConnectionError } from '../../kubernetes/errors.ts';
import { plannedSync, RUN } from '../support/planned-sync.ts';
import { activityRuntime } from '../support/runtime.ts';

const yaml = `
apiVersion: v1
kind: Secret
metadata: { name: s }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: a }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: b }
---
apiVersion: v1
kind: Service
metadata: { name: web }
`;

const segment = { phase: 'Sync', wave: 0, segment: 0 } as const;

function refusing(code: number): ApiError {
  return new ApiError('said', { code, reason: '', causes: [], retryAfterSeconds: undefined });
}

/** Applies that are counted, and answered as `answer` says. */
function applies(answer: (title: string) => KubernetesObject | undefined): { seen: string[]; apply: Cluster['apply'] } {
  const seen: string[] = [];
  return {
    seen,
    apply: async (object) => {
      const title = describeRef(refOf(object));
      seen.push(title);
      return answer(title) ?? object;
    },
  };
}

describe('applying a segment', () => {
  it('applies kind after kind with the application as field manager [argo 2.4.kinds]', async () => {
    const options: unknown[] = [];
    const { seen, apply } = applies(() => undefined);
    const recording: Cluster['apply'] = (object, given, signal) => {
      options.push(given);
      return apply(object, given, signal);
    };
    const { scope, deps } = await plannedSync(yaml, { apply: recording });
    const answer = await applySegment({ scope, ...segment }, activityRuntime({ run: RUN }), deps);
    expect(answer).toEqual({ kind: 'done', applied: 4, unchanged: 0, pruned: 0 });
    expect(seen).toEqual(['Secret shop/s', 'ConfigMap shop/a', 'ConfigMap shop/b', 'Service shop/web']);
    expect(options[0]).toEqual({ fieldManager: 'syncline:shop', force: false });
  });

  it.each<[string, Error]>([
    ['no answer', new ConnectionError('reset')],
    ['a server that is busy', refusing(429)],
    ['a server that is starting', refusing(503)],
  ])('throws %s on as it is, after the rest of its kind, so that it is tried again', async (_, error) => {
    const { seen, apply } = applies((title) => {
      if (title === 'ConfigMap shop/a') throw error;
      return undefined;
    });
    const { scope, deps } = await plannedSync(yaml, { apply });
    await expect(applySegment({ scope, ...segment }, activityRuntime({ run: RUN }), deps)).rejects.toBe(error);
    expect(seen).toEqual(['Secret shop/s', 'ConfigMap shop/a', 'ConfigMap shop/b']);
  });

  it('tries again what was applied to an object on its way out', async () => {
    const { apply } = applies((title) =>
      title === 'Service shop/web'
        ? { kind: 'Service', metadata: { name: 'web', deletionTimestamp: 'now' } }
        : undefined,
    );
    const { scope, deps } = await plannedSync(yaml, { apply });
    const applying = applySegment({ scope, ...segment }, activityRuntime({ run: RUN }), deps);
    await expect(applying).rejects.toMatchObject({ type: 'ClusterUnavailable' });
  });

  it('stops before the next kind when the record goes into other hands', async () => {
    const { seen, apply } = applies((title) => {
      if (title === 'Secret shop/s') sync.takeOver();
      return undefined;
    });
    const sync = await plannedSync(yaml, { apply });
    const answer = await applySegment({ scope: sync.scope, ...segment }, activityRuntime({ run: RUN }), sync.deps);
    expect(answer).toEqual({ kind: 'fenced' });
    expect(seen).toEqual(['Secret shop/s']);
  });

  it('begins no further object once its attempt is stopped', async () => {
    const runtime = activityRuntime({ run: RUN });
    const { seen, apply } = applies(() => {
      runtime.stop('left');
      return undefined;
    });
    const { scope, deps } = await plannedSync(yaml, { apply });
    await expect(applySegment({ scope, ...segment }, runtime, deps)).rejects.toThrow('stopped: left');
    expect(seen).toEqual(['Secret shop/s']);
  });

  it('refuses a segment the plan does not have', async () => {
    const { scope, deps } = await plannedSync(yaml, {});
    const applying = applySegment({ scope, ...segment, segment: 7 }, activityRuntime({ run: RUN }), deps);
    await expect(applying).rejects.toMatchObject({ type: 'InvalidRequest' });
  });
});
