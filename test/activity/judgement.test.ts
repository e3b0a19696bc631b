import { describe, expect, it } from 'vitest';
import type { Subject } from '../../activities/health/judgement.ts';
import type { LiveHealth } from '../../activities/health/judgement.ts';
import { judge } from '../../activities/health/judgement.ts';
import type { Health } from '../../core/health/health.ts';
import { healthOf } from '../../core/health/rules.ts';
import type { KubernetesObject } from '../../core/objects.ts';

const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const base = { ...ref, id: 'x', phase: 'Sync', wave: 0, deadlineMs: 1 } as const;

function applied(annotations: Readonly<Record<string, string>> = {}): Subject {
  const step = { ...base, action: 'apply', manifest: 0, unchanged: false } as const;
  return { kind: 'applied', step, desired: { metadata: { annotations } } };
}

const pruned: Subject = { kind: 'pruned', step: { ...base, action: 'prune', uid: 'u1' } };

function deployment(more: KubernetesObject): KubernetesObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', uid: 'u1' }, ...more };
}

const healthy = deployment({ spec: { replicas: 0 }, status: {} });
const paused = deployment({ spec: { paused: true } });
const stuck = deployment({
  status: { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'm' }] },
});
const ignoring = { 'argocd.argoproj.io/ignore-healthcheck': 'true' };
const LAST = true;

function seen(object: KubernetesObject | undefined): LiveHealth | undefined {
  return object === undefined ? undefined : { object, health: healthOf(object) };
}

describe('what a live object says of one that is waited for [argo 2.3.resource-health]', () => {
  it.each<[string, Subject, KubernetesObject | undefined, boolean, string]>([
    ['healthy', applied(), healthy, !LAST, 'done'],
    ['of a kind without health', applied(), { kind: 'ConfigMap', apiVersion: 'v1' }, !LAST, 'done'],
    ['degraded', applied(), stuck, !LAST, 'degraded'],
    ['degraded, ignored, more to come [argo 1.ignore-healthcheck]', applied(ignoring), stuck, !LAST, 'degraded'],
    ['degraded, ignored, in the last wave [argo 1.ignore-healthcheck]', applied(ignoring), stuck, LAST, 'done'],
    ['suspended, more to come', applied(), paused, !LAST, 'waiting'],
    ['suspended, in the last wave', applied(), paused, LAST, 'done'],
    ['not there [argo 2.3.gone]', applied(), undefined, !LAST, 'missing'],
    ['being deleted', applied(), deployment({ metadata: { deletionTimestamp: 'now' } }), LAST, 'waiting'],
    ['pruned and gone', pruned, undefined, !LAST, 'done'],
    ['pruned and made anew by somebody', pruned, deployment({ metadata: { uid: 'u2' } }), !LAST, 'done'],
    ['pruned and still there [argo 2.3.pruned]', pruned, healthy, LAST, 'waiting'],
  ])('%s', (_, subject, live, last, expected) => {
    expect(judge(subject, seen(live), last).kind).toBe(expected);
  });

  it.each<[string, Health, string]>([
    ['says nothing', { status: '', message: '' }, 'waiting'],
    ['fails', { status: 'Unknown', message: 'its health check fails' }, 'waiting'],
    ['says Healthy', { status: 'Healthy', message: '' }, 'done'],
    ['says Degraded', { status: 'Degraded', message: '' }, 'degraded'],
    ['says Missing', { status: 'Missing', message: '' }, 'missing'],
  ])('goes by a check that %s [argo 2.3.resource-health] [argo 4.Lua-nil]', (_, health, expected) => {
    expect(judge(applied(), { object: healthy, health }, LAST).kind).toBe(expected);
  });

  it('names the finalizers that hold a pruned object', () => {
    const held = deployment({ metadata: { uid: 'u1', deletionTimestamp: 'now', finalizers: ['example.com/x'] } });
    expect(judge(pruned, seen(held), false)).toMatchObject({
      status: 'Terminating',
      message: expect.stringContaining('example.com/x') as string,
    });
  });
});
